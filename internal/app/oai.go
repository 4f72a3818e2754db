package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// oaiHandler is the OAI-PMH door on the log.
func (g *Gateway) oaiHandler(ctx context.Context) (http.Handler, error) {
	cfg := g.Config
	var keys [][]byte
	if k := cfg.OAI.Key.Value(); k != "" {
		keys = append(keys, []byte(k))
	} else {
		k, err := g.Store.Key(ctx, "resumption_token")
		if err != nil {
			return nil, fmt.Errorf("read the key of resumption tokens: %w", err)
		}
		keys = append(keys, k)
	}
	for _, old := range cfg.OAI.OldKeys {
		keys = append(keys, []byte(old.Value()))
	}
	contact := cfg.Gateway.Contact
	if contact == "" {
		contact = "nobody@invalid.invalid" // the protocol demands one; sheaf config check warns
	}
	descriptions, err := describeGateway(cfg)
	if err != nil {
		return nil, err
	}
	describe, err := describeSets(cfg)
	if err != nil {
		return nil, err
	}
	repo := &sqlite.Repository{
		Store: g.Store, Name: cfg.Gateway.Name, AdminEmails: []string{contact}, Descriptions: descriptions,
		Describe: describe, Declared: rules.DeclaredSets(cfg), Page: recordPage(g.Store.Namespace()),
	}
	metrics := newOAIMetrics(g.Registry)
	h, err := oaipmh.NewHandler(repo, oaipmh.Options{
		BaseURL: g.baseURL + "/oai", Keys: keys, PageSize: cfg.OAI.PageSize, MaxPageBytes: int(cfg.OAI.PageBytes), CacheBytes: int(cfg.OAI.Cache),
		Admit: g.limits.Turn,
		Observe: func(r *http.Request, o oaipmh.Observation) {
			metrics.observe(r, o)
			g.limits.Served(r, o.Records)
			g.harvesters.observe(g.limits.Client(r), r, &o)
		},
	})
	if err != nil {
		return nil, err
	}
	return promhttp.InstrumentHandlerInFlight(metrics.inFlight, h), nil
}

type oaiMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	records  prometheus.Counter
	again    prometheus.Counter
	inFlight prometheus.Gauge
}

// oaiVerbs are the values of the label verb; "none" stands for requests without a legal one.
var oaiVerbs = []string{"Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListIdentifiers", "ListRecords", "none"}

func newOAIMetrics(r prometheus.Registerer) *oaiMetrics {
	m := &oaiMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_oai_requests_total",
			Help: "OAI-PMH requests by verb, metadata prefix (of successful ones) and outcome: ok, the protocol's error code, or http_STATUS."},
			[]string{"verb", "prefix", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_oai_request_duration_seconds",
			Help: "Time to answer OAI-PMH requests.", Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 30}}, []string{"verb"}),
		records: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_oai_records_served_total",
			Help: "Records and headers served in OAI-PMH lists and GetRecord."}),
		again: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_oai_pages_served_again_total",
			Help: "Pages of OAI-PMH lists that were kept from an earlier request and still right."}),
	}
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: "sheaf_oai_requests_in_flight", Help: "OAI-PMH requests that are being answered."})
	for _, v := range oaiVerbs {
		m.duration.WithLabelValues(v)
	}
	r.MustRegister(m.requests, m.duration, m.records, m.again, m.inFlight)
	return m
}

func (m *oaiMetrics) observe(_ *http.Request, o oaipmh.Observation) {
	verb := o.Verb
	if !slices.Contains(oaiVerbs, verb) {
		verb = "none"
	}
	code := "ok"
	switch {
	case o.Status >= 400:
		code = fmt.Sprintf("http_%d", o.Status)
	case len(o.Codes) > 0:
		code = o.Codes[0]
	}
	m.requests.WithLabelValues(verb, o.Prefix, code).Inc()
	m.duration.WithLabelValues(verb).Observe(o.Duration.Seconds())
	if verb == "ListRecords" || verb == "ListIdentifiers" || verb == "GetRecord" {
		m.records.Add(float64(o.Records))
	}
	if o.Cached {
		m.again.Inc()
	}
}
