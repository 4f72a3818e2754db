package quality

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSamples is how many sample records a finding has at most.
const maxSamples = 5

// maxShown bounds a value that is shown, in characters; maxIdentifier an identifier.
const (
	maxShown      = 160
	maxIdentifier = 400
)

// A Sample is a record that shows a finding: its identifier, and the value in question, clipped to 160
// characters; without a value where the finding is that there is none.
type Sample struct {
	Identifier string `json:"identifier"`
	Value      string `json:"value,omitempty"`
}

// A sample is a Sample with the hash of its identifier, which decides which samples are kept.
type sample struct {
	hash uint64
	Sample
}

func (s *sample) before(t *sample) bool { return s.compare(t) < 0 }

func (s *sample) compare(t *sample) int {
	return cmp.Or(cmp.Compare(s.hash, t.hash), cmp.Compare(s.Identifier, t.Identifier), cmp.Compare(s.Value, t.Value))
}

// A tally counts the records (or values) that show something, and keeps samples.
type tally struct {
	count int64
	kept  []sample // sorted
}

// add counts the record of f, with the value that shows it; a second value is put behind an arrow.
func (t *tally) add(f *facts, value string, other ...string) {
	t.count++
	if !t.wants(f) {
		return
	}
	s := f.sample(value)
	for _, o := range other {
		s.Value += " ↔ " + clip(o)
	}
	t.keep(s)
}

// wants reports whether the record of f may become a sample.
func (t *tally) wants(f *facts) bool {
	return len(t.kept) < maxSamples || f.hash <= t.kept[maxSamples-1].hash
}

func (t *tally) keep(s sample) {
	at, found := slices.BinarySearchFunc(t.kept, s, func(a, b sample) int { return a.compare(&b) })
	if found {
		return
	}
	t.kept = slices.Insert(t.kept, at, s)
	t.kept = t.kept[:min(len(t.kept), maxSamples)]
}

func (t *tally) merge(u *tally) {
	t.count += u.count
	for _, s := range u.kept {
		t.keep(s)
	}
}

func (t *tally) samples() []Sample {
	out := make([]Sample, len(t.kept))
	for i := range t.kept {
		out[i] = t.kept[i].Sample
	}
	return out
}

// clip is a copy of s for showing: valid UTF-8, at most maxShown characters.
func clip(s string) string { return clipTo(s, maxShown) }

func clipTo(s string, most int) string {
	short := s[:min(len(s), most*utf8.UTFMax)]
	n := 0
	for i := range short {
		if n == most {
			short = short[:i]
			break
		}
		n++
	}
	clipped := strings.ToValidUTF8(strings.Clone(short), "\ufffd")
	if len(short) < len(s) {
		clipped += "…"
	}
	return clipped
}
