package observe

import "slices"

// maxLabelled is how many sources have series of their own in metrics with further labels. The others are
// counted together, as "other", so that the metrics of a national aggregator stay within bounds.
const maxLabelled = 200

// Labels say under which name a source is counted. The zero value counts each source under its own.
type Labels struct{ beyond map[string]bool }

// NewLabels takes the names of the configured sources. The first in the alphabet keep their own, so that
// these are the same after each start.
func NewLabels(sources []string) Labels {
	names := slices.Sorted(slices.Values(sources))
	l := Labels{map[string]bool{}}
	for _, name := range names[min(len(names), maxLabelled):] {
		l.beyond[name] = true
	}
	return l
}

func (l Labels) of(source string) string {
	if l.beyond[source] {
		return "other"
	}
	return source
}
