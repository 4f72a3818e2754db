package observe

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// However many sources are mapped again, those beyond the bound are counted together, as in harvests.
func TestRemapsStayWithinTheBoundOfSeries(t *testing.T) {
	var names []string
	for i := range maxLabelled + 5 {
		names = append(names, fmt.Sprintf("s%03d", i))
	}
	r := prometheus.NewRegistry()
	h := NewHarvests(r, names, NewLabels(names))
	for _, name := range names {
		h.Remapped(name, 1)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "sheaf_changes_total" {
			continue
		}
		if got, want := len(f.GetMetric()), 3*(maxLabelled+1); got != want { // added, updated, deleted
			t.Errorf("%d series, want %d", got, want)
		}
		return
	}
	t.Error("changes are not counted")
}
