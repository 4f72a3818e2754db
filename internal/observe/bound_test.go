package observe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
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

// Ten thousand sources that fail in every way, and clients that ask for nonsense, make no more series than the
// gauges of each source and a bounded number beside them.
func TestSeriesAreBounded(t *testing.T) {
	const sources, aSource, beside = 10_000, 21, 16_500
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
	harvests, upstream, oai := NewHarvests(r, names, labels), NewUpstream(r, labels), NewOAI(r)
	failing, err := NewFailing(t.Context(), names, memos{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r.MustRegister(failing, &LogCollector{Log: log, Dir: t.TempDir(), Sources: configured})
	down := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("down") })
	for i, name := range names {
		failing.sources[name] = failure{1, "other"} // as after that many failures, without writing each down
		run := &pipeline.Run{Source: name}
		harvests.RunEnded(run, &pipeline.Report{Result: pipeline.Failed})
		harvests.PageCommitted(run, &pipeline.Receipt{Reasons: map[string]int64{"malformed": 1}}, pipeline.Counts{}, 0)
		req, err := http.NewRequest(http.MethodGet, "http://source.example.org/?verb="+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = upstream.Transport(name, down).RoundTrip(req)
		oai.Observe(&oaipmh.Observation{Verb: fmt.Sprint("Verb", i), Status: 200, Codes: []string{"badVerb"}})
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := 0
	for _, f := range families {
		series += len(f.GetMetric())
	}
	if most := sources*aSource + beside; series < sources || series > most {
		t.Errorf("there are %d series, want at most %d", series, most)
	}
}
