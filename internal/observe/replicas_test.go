package observe

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/events"
)

type fixedReplicas events.Replicas

func (r fixedReplicas) Replicas() events.Replicas { return events.Replicas(r) }

func TestReplicas(t *testing.T) {
	for name, tt := range map[string]struct {
		now  fixedReplicas
		want map[string]float64
	}{
		"nothing known": {},
		"one lost":      {fixedReplicas{Want: 3, Current: 2}, map[string]float64{"sheaf_events_stream_replicas": 3, "sheaf_events_stream_replicas_current": 2}},
		"no leader":     {fixedReplicas{Want: 3}, map[string]float64{"sheaf_events_stream_replicas": 3, "sheaf_events_stream_replicas_current": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			r := prometheus.NewRegistry()
			r.MustRegister(&Replicas{Watch: tt.now})
			families, err := r.Gather()
			if err != nil || len(families) != len(tt.want) {
				t.Fatalf("%d metrics: %v", len(families), err)
			}
			for _, f := range families {
				if got := f.GetMetric()[0].GetGauge().GetValue(); got != tt.want[f.GetName()] {
					t.Errorf("%s is %v, want %v", f.GetName(), got, tt.want[f.GetName()])
				}
			}
		})
	}
}
