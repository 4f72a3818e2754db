package observe

import (
	"slices"
	"sync"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Runs tells several observers of each run, in the order in which they were added.
type Runs struct {
	mu  sync.Mutex
	all []pipeline.RunObserver
}

// Add adds observers. It may be called while runs are under way.
func (r *Runs) Add(o ...pipeline.RunObserver) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(slices.Clip(r.all), o...) // never into what a run is reading
}

func (r *Runs) observers() []pipeline.RunObserver {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

// RunBegan implements [pipeline.RunObserver].
func (r *Runs) RunBegan(run *pipeline.Run) {
	for _, o := range r.observers() {
		o.RunBegan(run)
	}
}

// PageCommitted implements [pipeline.RunObserver].
func (r *Runs) PageCommitted(run *pipeline.Run, page *pipeline.Receipt, sum pipeline.Counts, total int) {
	for _, o := range r.observers() {
		o.PageCommitted(run, page, sum, total)
	}
}

// RunEnded implements [pipeline.RunObserver].
func (r *Runs) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	for _, o := range r.observers() {
		o.RunEnded(run, report)
	}
}
