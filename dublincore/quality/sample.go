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

// A tally counts the records (or values) that show something, and keeps samples: those with the smallest
// hash of the identifier, and those among the different values. So the order of adding doesn't matter.
type tally struct {
	count  int64
	plain  []sample // sorted by hash
	varied []sample // sorted by hash, no value twice
}

// add counts the record of f, with the value that shows it.
func (t *tally) add(f *facts, value string) {
	t.count++
	if t.wants(f.hash, value) {
		t.keep(f.sample(value))
	}
}

// wants reports whether a record with that hash and value may become a sample.
func (t *tally) wants(hash uint64, value string) bool {
	if len(t.plain) < maxSamples || hash <= t.plain[len(t.plain)-1].hash {
		return true
	}
	for i := range t.varied {
		if t.varied[i].shows(value) {
			return hash <= t.varied[i].hash
		}
	}
	return len(t.varied) < maxSamples || hash <= t.varied[len(t.varied)-1].hash
}

// shows reports whether value, clipped, is the value of s.
func (s *sample) shows(value string) bool {
	if len(value) <= maxShown {
		return value == s.Value
	}
	return strings.HasPrefix(value, strings.TrimSuffix(s.Value, "…")) && clip(value) == s.Value
}

func (t *tally) keep(s sample) {
	t.plain = insert(t.plain, s)
	for i := range t.varied {
		if t.varied[i].Value != s.Value {
			continue
		}
		if !s.before(&t.varied[i]) {
			return
		}
		t.varied = slices.Delete(t.varied, i, i+1)
		break
	}
	t.varied = insert(t.varied, s)
}

// insert puts s where it belongs, unless it is there or behind the last that fits.
func insert(sorted []sample, s sample) []sample {
	at, found := slices.BinarySearchFunc(sorted, s, func(a, b sample) int { return a.compare(&b) })
	if found {
		return sorted
	}
	sorted = slices.Insert(sorted, at, s)
	return sorted[:min(len(sorted), maxSamples)]
}

func (t *tally) merge(u *tally) {
	t.count += u.count
	for _, s := range u.plain {
		t.keep(s)
	}
	for _, s := range u.varied {
		t.keep(s)
	}
}

// samples are the different values, and more records if those are few.
func (t *tally) samples() []Sample {
	var out []Sample
	for _, kept := range [...][]sample{t.varied, t.plain} {
		for i := range kept {
			if len(out) < maxSamples && !slices.Contains(out, kept[i].Sample) {
				out = append(out, kept[i].Sample)
			}
		}
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
