package observe

import (
	"errors"
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A stream that lost messages is counted, other failures are not, and both are trouble until all is published.
func TestCutsAreCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := NewRelay(registry, &CommitTimes{}, &publishedLog{})
	r.PublishFailed(errors.New("not connected"))
	r.PublishFailed(fmt.Errorf("%w: it ended with 1.10, and ends with 1.6 now", pipeline.ErrCut))
	counted := 0.0
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "sheaf_event_stream_cuts_total" {
			counted = f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	if counted != 1 {
		t.Errorf("%v cuts are counted, want 1", counted)
	}
	if err := r.Trouble(); !errors.Is(err, pipeline.ErrCut) {
		t.Errorf("the trouble is %v", err)
	}
	r.CaughtUp(pipeline.Cursor{Epoch: 1, Seq: 10})
	if err := r.Trouble(); err != nil {
		t.Errorf("when all is published, the trouble is %v", err)
	}
}
