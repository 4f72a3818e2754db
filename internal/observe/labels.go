package observe

import (
	"slices"
	"sync"
)

// maxLabelled is how many sources have series of their own in metrics with further labels. The others are
// counted together, as "other", so that the metrics of a national aggregator stay within bounds.
const maxLabelled = 200

// Labels say under which name a source is counted. The zero value counts each source under its own.
type Labels struct {
	mu  sync.Mutex
	own map[string]bool // nil: all
}

// NewLabels takes the names of the configured sources. The first in the alphabet keep their own, so that
// these are the same after each start.
func NewLabels(sources []string) *Labels {
	l := &Labels{}
	l.Know(sources)
	return l
}

// Know takes the names of the sources that are configured now. Those that had their own keep it, as long as they are
// configured. It returns the names that are not in use any more.
func (l *Labels) Know(sources []string) (gone []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.own == nil {
		l.own = map[string]bool{}
	}
	for name := range l.own {
		if !slices.Contains(sources, name) {
			delete(l.own, name)
			gone = append(gone, name)
		}
	}
	for _, name := range slices.Sorted(slices.Values(sources)) {
		if len(l.own) < maxLabelled {
			l.own[name] = true
		}
	}
	return gone
}

func (l *Labels) of(source string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.own != nil && !l.own[source] {
		return "other"
	}
	return source
}
