package app

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
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

// A correctedWatch sees the corrections of one remap. It may be used by several goroutines.
type correctedWatch struct {
	mu      sync.Mutex
	applied int64
	gone    int64
	samples []string
	met     map[int]bool // lines
}

func newCorrectedWatch() *correctedWatch { return &correctedWatch{met: map[int]bool{}} }

// note takes in what was done to a record, and what was noted meanwhile.
func (w *correctedWatch) note(identifier string, done []pipeline.Correction, notes []dublincore.Note) {
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

// report is what was seen; nil if there are no corrections, or none can be said anything of. whole says that every record was mapped, so
// that a correction which was not met belongs to none.
func (w *correctedWatch) report(m *mapper, source, file string, whole bool) *Corrected {
	if m.corrections == nil || m.corrections.Len() == 0 {
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
	lines := m.corrections.Lines()
	maps.DeleteFunc(lines, func(line int, _ string) bool { return w.met[line] })
	out.Nameless = int64(len(lines))
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		if len(out.NamelessSome) == maxCorrectedSamples {
			break
		}
		out.NamelessSome = append(out.NamelessSome, fmt.Sprintf("%s:%d: no record of %s has the identifier %s", filepath.Base(cmp.Or(file, "corrections")), line, source, lines[line]))
	}
	return out
}
