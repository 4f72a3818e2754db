package observe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Upstream measures what sources answer: every HTTP request, and every page that could not be had.
type Upstream struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	errors   *prometheus.CounterVec
	labels   *Labels
}

// NewUpstream registers the metrics.
func NewUpstream(r prometheus.Registerer, l *Labels) *Upstream {
	m := &Upstream{
		labels: l,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_upstream_requests_total",
			Help: "HTTP requests to sources, by verb (OAI-PMH's, else none) and outcome (ok, http_3xx, http_4xx, http_5xx, timeout, unreachable)."},
			[]string{"source", "verb", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_upstream_request_duration_seconds",
			Help: "Time to the first byte of sources' answers.", Buckets: []float64{.01, .05, .1, .5, 1, 5, 10, 30, 60, 300}}, []string{"verb"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_upstream_errors_total",
			Help: "Pages that could not be had, by kind of error (challenged, malformed, truncated, expired_token…)."}, []string{"source", "kind"}),
	}
	for _, verb := range oaiVerbs {
		m.duration.WithLabelValues(verb)
	}
	r.MustRegister(m.requests, m.duration, m.errors)
	return m
}

// Transport measures the requests of one source.
func (m *Upstream) Transport(source string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		verb := verbOf(req)
		start := time.Now()
		resp, err := next.RoundTrip(req)
		m.duration.WithLabelValues(verb).Observe(time.Since(start).Seconds())
		m.requests.WithLabelValues(m.labels.of(source), verb, outcomeOf(resp, err)).Inc()
		return resp, err
	})
}

// Forget removes the series of a source that is not configured any more.
func (m *Upstream) Forget(source string) {
	m.requests.DeletePartialMatch(prometheus.Labels{"source": source})
	m.errors.DeletePartialMatch(prometheus.Labels{"source": source})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// verbOf is the verb of an OAI-PMH request by GET, and "none" for other requests, so that a source cannot add
// values of the label.
func verbOf(req *http.Request) string {
	verb := req.URL.Query().Get("verb")
	for _, v := range oaiVerbs {
		if v == verb {
			return v
		}
	}
	return "none"
}

func outcomeOf(resp *http.Response, err error) string {
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case err != nil:
		return "unreachable"
	case resp.StatusCode >= 500:
		return "http_5xx"
	case resp.StatusCode >= 400:
		return "http_4xx"
	case resp.StatusCode >= 300:
		return "http_3xx"
	}
	return "ok"
}

// Watch counts the pages of a source that could not be had.
func (m *Upstream) Watch(name string, s harvest.Source) *Watched {
	return &Watched{s, m, name}
}

// A Watched source is the same source, whose failures are counted.
type Watched struct {
	harvest.Source
	metrics *Upstream
	name    string
}

// Page implements harvest.Source.
func (w *Watched) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	page, err := w.Source.Page(ctx, at)
	if err != nil && ctx.Err() == nil {
		kind := string(harvest.KindOf(err))
		if kind == "" {
			kind = "other"
		}
		w.metrics.errors.WithLabelValues(w.metrics.labels.of(w.name), kind).Inc()
	}
	return page, err
}

// SetNames implements harvest.SetNamer, if the source does.
func (w *Watched) SetNames(ctx context.Context) (map[string]string, error) {
	if n, ok := w.Source.(harvest.SetNamer); ok {
		return n.SetNames(ctx)
	}
	return nil, nil
}

// Accept implements harvest.Accepter, for sources that do.
func (w *Watched) Accept(at harvest.Cursor) harvest.Cursor {
	if a, ok := w.Source.(harvest.Accepter); ok {
		return a.Accept(at)
	}
	return at
}

// Detour implements harvest.Detourer, for sources that do.
func (w *Watched) Detour(at harvest.Cursor, err error) harvest.Cursor {
	if d, ok := w.Source.(harvest.Detourer); ok {
		return d.Detour(at, err)
	}
	return at
}

// Ask implements harvest.Asker, for sources that do.
func (w *Watched) Ask(ctx context.Context, at harvest.Cursor, listed harvest.Item) (harvest.Item, error) {
	if a, ok := w.Source.(harvest.Asker); ok {
		return a.Ask(ctx, at, listed)
	}
	return listed, errors.New("a source of this kind can't be asked for one item")
}

// Reconcile implements harvest.Reconciler, for sources that do.
func (w *Watched) Reconcile(at harvest.Cursor) (harvest.Cursor, bool) {
	if r, ok := w.Source.(harvest.Reconciler); ok {
		return r.Reconcile(at)
	}
	return at, false
}

// Restart implements harvest.Restarter, for sources that do.
func (w *Watched) Restart(at harvest.Cursor) harvest.Cursor {
	if r, ok := w.Source.(harvest.Restarter); ok {
		return r.Restart(at)
	}
	return ""
}
