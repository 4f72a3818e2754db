package observe

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The metric of a source's state has the words of sheaf status, one at a time.
func TestStatesAreThoseOfStatus(t *testing.T) {
	now := time.Now()
	ran := func(result string) store.RunStatus {
		return store.RunStatus{ID: 1, Began: now, Heartbeat: now, Ended: now, Result: result}
	}
	log := &manySources{all: []store.SourceStatus{{Source: "never"}, {Source: "gone", LastRun: ran(pipeline.Complete)}}}
	configured := map[string]ConfiguredSource{"never": {Every: time.Hour}}
	add := func(name string, st store.SourceStatus) {
		st.Source = name
		log.all, configured[name] = append(log.all, st), ConfiguredSource{Every: time.Hour}
	}
	for _, result := range pipeline.Results {
		add("after-"+result, store.SourceStatus{LastRun: ran(result), LastComplete: now})
	}
	add("late", store.SourceStatus{LastRun: ran(pipeline.Complete), LastComplete: now.Add(-3 * time.Hour)})
	add("running", store.SourceStatus{Running: true, LastRun: ran("")})
	add("paused", store.SourceStatus{LastRun: ran(pipeline.Failed), Stop: pipeline.Stop{At: now}})
	r := prometheus.NewRegistry()
	r.MustRegister(&Sources{Log: log, Configured: func() map[string]ConfiguredSource { return configured }})
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	states := map[string][]string{}
	for _, f := range families {
		if f.GetName() != "sheaf_source_state" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if m.GetGauge().GetValue() == 1 {
				states[labels["source"]] = append(states[labels["source"]], labels["state"])
			}
		}
	}
	for _, st := range log.all {
		got, want := states[st.Source], st.Source
		if result, after := strings.CutPrefix(want, "after-"); after {
			if want = result; result == pipeline.Complete || result == pipeline.OnHold { // nothing is held any more
				want = store.StateOK
			}
		}
		if len(got) != 1 || got[0] != want || !slices.Contains(store.States, want) {
			t.Errorf("%s is %v, want %s", st.Source, got, want)
		}
	}
}
