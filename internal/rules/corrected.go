package rules

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxCorrectedSamples bounds the samples of each kind.
const maxCorrectedSamples = 5

// A watch notes what becomes of the corrections during one remap. Several goroutines may use it.
type watch struct {
	rules *Rules

	mu      sync.Mutex
	applied int64
	gone    int64
	samples []string
	met     map[int]bool // lines
}

// Watched returns the same rules, and a function that reports what became of the corrections while these rules were used.
// The report is nil if there are no corrections, or nothing can be said of them. whole says that every record was mapped,
// so that a correction which was not met belongs to no record.
func (r *Rules) Watched() (_ pipeline.Mapper, report func(whole bool) *pipeline.Corrected) {
	watched := *r
	watched.watch = &watch{rules: r, met: map[int]bool{}}
	return &watched, watched.watch.report
}

// note notes what was done to a record, and the notes that were made meanwhile.
func (w *watch) note(identifier string, done []Correction, notes []dublincore.Note) {
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

// report makes the report.
func (w *watch) report(whole bool) *pipeline.Corrected {
	corrections := w.rules.Corrections
	if corrections == nil || corrections.Len() == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.met) == 0 && !whole {
		return nil
	}
	out := &pipeline.Corrected{Applied: w.applied, Gone: w.gone, GoneSome: slices.Sorted(slices.Values(w.samples))}
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
