package observe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// manySources is a log of sources that all fail.
type manySources struct {
	Log // what a test does not need
	all []store.SourceStatus
}

func (m *manySources) Head(context.Context) (pipeline.Head, error)          { return pipeline.Head{}, nil }
func (m *manySources) Trouble() error                                       { return nil }
func (m *manySources) Checked() time.Time                                   { return time.Time{} }
func (m *manySources) Health() error                                        { return nil }
func (m *manySources) Sizes() map[string]int64                              { return nil }
func (m *manySources) DiskFree() (int64, bool)                              { return 0, false }
func (m *manySources) Writes() store.WriteStats                             { return store.WriteStats{} }
func (m *manySources) Status(context.Context) ([]store.SourceStatus, error) { return m.all, nil }

// manyWebhooks is as many webhooks as a configuration may have, which all fail, and many that were taken out of it.
type manyWebhooks struct{}

func (manyWebhooks) Standings(context.Context) (all []webhook.Standing, err error) {
	for i := range 100 {
		all = append(all, webhook.Standing{Name: fmt.Sprint("hook", i), URL: "https://hook.example.org/", Failing: time.Now(), Ended: time.Now(), Delivered: time.Now(), Why: "Hostile"})
		all = append(all, webhook.Standing{Name: fmt.Sprint("Hostile", i), Failing: time.Now()})
	}
	return all, nil
}

// crowd is the metrics of so many sources, which all fail in every way, while clients ask for nonsense.
func crowd(t testing.TB, sources int) *prometheus.Registry {
	t.Helper()
	r, log := prometheus.NewRegistry(), &manySources{}
	configured, names := map[string]ConfiguredSource{}, []string{}
	for i := range sources {
		name := fmt.Sprintf("s%05d", i)
		names = append(names, name)
		configured[name] = ConfiguredSource{time.Hour, time.Now()}
		log.all = append(log.all, store.SourceStatus{Source: name, LastComplete: time.Now(), LastNew: time.Now(), Running: true, Reconciled: pipeline.Reconciliation{At: time.Now()},
			LastRun: store.RunStatus{Began: time.Now(), Heartbeat: time.Now()}})
	}
	labels := NewLabels(names)
	harvests, upstream, oai, public := NewHarvests(r, names, labels), NewUpstream(r, labels), NewOAI(r), NewDoors(r)
	noted := memos{}
	failing, err := NewFailing(t.Context(), names, noted, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r.MustRegister(failing, &LogCollector{Log: log, Dir: t.TempDir()}, &Sources{Log: log, Configured: func() map[string]ConfiguredSource { return configured }}, &Webhooks{Hooks: manyWebhooks{}})
	down := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("down") })
	hostile := public.Handler(DoorSite, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) }))
	for i, name := range names {
		noted[failingMemo+name] = `{"since":1,"kind":"other"}`
		run := &pipeline.Run{Source: name}
		harvests.RunEnded(run, &pipeline.Report{Result: pipeline.Failed})
		harvests.PageCommitted(run, &pipeline.Receipt{Reasons: map[string]int64{"malformed": 1}}, pipeline.Counts{}, 0)
		req, err := http.NewRequest(http.MethodGet, "http://source.example.org/?verb=Hostile"+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = upstream.Transport(name, down).RoundTrip(req)
		oai.Observe(&oaipmh.Observation{Verb: fmt.Sprint("Hostile", i), Status: 200, Codes: []string{"badVerb"}})
		path := fmt.Sprintf("/Hostile%d", i)
		odd := httptest.NewRequest(http.MethodGet, path, nil)
		odd.Method = fmt.Sprint("HOSTILE", i)
		hostile.ServeHTTP(httptest.NewRecorder(), odd)
		public.Served(DoorOf(path), 1)
	}
	return r
}

// Ten thousand sources that fail in every way, as many webhooks as there may be, and clients that ask for nonsense make no
// more series than the gauges of each source and of each webhook, and a bounded number beside them. Nothing that clients send is in a label.
func TestSeriesAreBounded(t *testing.T) {
	const aWebhook = 12
	const sources, aSource, beside = 10_000, 21, 16_600 + aWebhook*100
	families, err := crowd(t, sources).Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := 0
	for _, f := range families {
		series += len(f.GetMetric())
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if strings.Contains(strings.ToLower(l.GetValue()), "hostile") {
					t.Fatalf("%s has the label %s=%q", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
	if most := sources*aSource + beside; series < sources || series > most {
		t.Errorf("there are %d series, want at most %d", series, most)
	}
}

// A scrape of ten thousand sources, without reading the log itself: docs/metrics.md tells what it costs.
func BenchmarkScrape(b *testing.B) {
	for _, sources := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint(sources), func(b *testing.B) {
			h := promhttp.HandlerFor(crowd(b, sources), promhttp.HandlerOpts{EnableOpenMetrics: true})
			size := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
