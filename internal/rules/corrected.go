package rules

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Corrected is what became of a source's corrections while its records were mapped again.
type Corrected struct {
	Applied int64 `json:"applied"`
	// Gone are those that did nothing because the value to be corrected is not there any more.
	Gone     int64    `json:"gone"`
	GoneSome []string `json:"gone_samples,omitempty"` // up to 5, for people
	// Nameless are those whose identifier no record has; known only if all records were mapped.
	Nameless     int64    `json:"nameless"`
	NamelessSome []string `json:"nameless_samples,omitempty"`
}

// maxCorrectedSamples bounds the samples of each kind.
const maxCorrectedSamples = 5

// A Watch sees what becomes of the corrections during one remap. Several goroutines may use it.
type Watch struct {
	rules *Rules

	mu      sync.Mutex
	applied int64
	gone    int64
	samples []string
	met     map[int]bool // lines
}

// Watched is the same rules, and a Watch over the corrections that they apply.
func (r *Rules) Watched() (*Rules, *Watch) {
	watched := *r
	watched.watch = &Watch{rules: r, met: map[int]bool{}}
	return &watched, watched.watch
}

// note takes in what was done to a record, and what was noted meanwhile.
func (w *Watch) note(identifier string, done []Correction, notes []dublincore.Note) {
	if w == nil || len(done) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range done {
		w.met[done[i].Line] = true
		if !done[i].Gone {
			w.applied++
		}
	}
	for i := range notes {
		w.gone++
		if len(w.samples) < maxCorrectedSamples {
			w.samples = append(w.samples, identifier+": "+notes[i].Text)
		}
	}
}

// Report is what was seen; nil if there are no corrections, or nothing can be said of them. whole says that
// every record was mapped, so that a correction which was not met belongs to none.
func (w *Watch) Report(whole bool) *Corrected {
	corrections := w.rules.Corrections
	if corrections == nil || corrections.Len() == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.met) == 0 && !whole {
		return nil
	}
	out := &Corrected{Applied: w.applied, Gone: w.gone, GoneSome: slices.Sorted(slices.Values(w.samples))}
	if !whole {
		return out
	}
	lines := corrections.Lines()
	maps.DeleteFunc(lines, func(line int, _ string) bool { return w.met[line] })
	out.Nameless = int64(len(lines))
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		if len(out.NamelessSome) == maxCorrectedSamples {
			break
		}
		out.NamelessSome = append(out.NamelessSome, fmt.Sprintf("%s:%d: no record of %s has the identifier %s", corrections.name, line, w.rules.Source, lines[line]))
	}
	return out
}
