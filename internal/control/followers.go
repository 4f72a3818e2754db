package control

import (
	"sync"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Followers pass the progress of runs on to the commands that asked for them.
type Followers struct {
	mu  sync.Mutex
	all map[string][]chan HarvestLine // by the names of sources
	// totals are what the sources say of the passes that are under way.
	totals map[string]int
}

// NewFollowers makes an observer of runs that nobody follows yet.
func NewFollowers() *Followers {
	return &Followers{all: map[string][]chan HarvestLine{}, totals: map[string]int{}}
}

// follow gives the progress of a source's runs until unfollow is called, which closes the channel. A slow follower
// misses news, and never holds a run up.
func (f *Followers) follow(source string) (lines <-chan HarvestLine, unfollow func()) {
	ch := make(chan HarvestLine, 16)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all[source] = append(f.all[source], ch)
	return ch, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		all := f.all[source]
		for i, c := range all {
			if c == ch {
				f.all[source] = append(all[:i:i], all[i+1:]...)
				close(ch)
				return
			}
		}
	}
}

// RunBegan implements [pipeline.RunObserver].
func (f *Followers) RunBegan(*pipeline.Run) {}

// PageCommitted implements [pipeline.RunObserver].
func (f *Followers) PageCommitted(run *pipeline.Run, _ *pipeline.Receipt, sum pipeline.Counts, total int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.totals[run.Source] = total
	for _, ch := range f.all[run.Source] {
		select {
		case ch <- HarvestLine{Source: run.Source, Counts: sum, Total: total}:
		default:
		}
	}
}

// RunEnded implements [pipeline.RunObserver].
func (f *Followers) RunEnded(run *pipeline.Run, _ *pipeline.Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.totals, run.Source)
}

// total is how many items the pass of a source that is under way will have; 0 if nobody says.
func (f *Followers) total(source string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.totals[source]
}
