package observe

import (
	"context"
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

type fixedStandbys store.Standbys

func (s fixedStandbys) Standbys(context.Context) (store.Standbys, error) {
	return store.Standbys(s), nil
}

func TestStandbys(t *testing.T) {
	for name, tt := range map[string]struct {
		shown *Standbys
		want  map[string]float64
	}{
		"a log in a file": {&Standbys{}, map[string]float64{}},
		"two replicas": {&Standbys{Log: fixedStandbys{All: 2, Synchronous: 1, Behind: 4096}},
			map[string]float64{"sheaf_store_replicas": 2, "sheaf_store_replicas_synchronous": 1, "sheaf_store_replica_lag_bytes": 4096}},
		"one that is read from":    {&Standbys{Log: fixedStandbys{All: 1, Behind: -1, Read: &store.ReadStandby{Views: 7, Missed: 2}}}, map[string]float64{"sheaf_store_replicas": 1, "sheaf_store_replica_reads_total": 9}},
		"a role that may not know": {&Standbys{Log: fixedStandbys{All: 2, Behind: -1}}, map[string]float64{"sheaf_store_replicas": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			r := prometheus.NewRegistry()
			r.MustRegister(tt.shown)
			families, err := r.Gather()
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]float64{}
			for _, f := range families {
				for _, m := range f.GetMetric() {
					got[f.GetName()] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
				}
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("shown is %v, want %v", got, tt.want)
			}
		})
	}
}
