package pipeline

import (
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// Samples that a report keeps of each thing, values that it keeps of each sample, and bytes of each value.
const (
	maxSamples      = 5
	maxSampleValues = 8
	maxSampleText   = 300
)

// A RemapReport says what a remap did, or would do.
type RemapReport struct {
	Source string `json:"source"`
	Rules  string `json:"rules"` // version of the rules that were run
	// Already had been made by these rules and were not looked at. Of the others, Changed change what is
	// served, Same come out as they were, Failed can't be mapped and stay as they are, and Skipped had
	// been changed by somebody else in the meantime.
	Already int64 `json:"already"`
	Changed int64 `json:"changed"`
	Same    int64 `json:"same"`
	Failed  int64 `json:"failed"`
	Skipped int64 `json:"skipped"`
	// Resumed says that the remap went on where an earlier one was interrupted.
	Resumed bool `json:"resumed,omitempty"`

	Terms    []TermChange   `json:"terms"`    // of the records that change, in canonical order
	Sets     []SetChange    `json:"sets"`     // that records enter or leave, in order of their specs
	Rendered int64          `json:"rendered"` // records that change in formats, rights, or how they are written only
	Failures []RemapFailure `json:"failures"` // the first few
	Took     time.Duration  `json:"took"`
}

// A TermChange counts the records whose values under a term change.
type TermChange struct {
	Term    dublincore.Term `json:"term"`
	Records int64           `json:"records"`
	Samples []RemapSample   `json:"samples"` // the first few
}

// A SetChange counts the records that enter a set, and those that leave it.
type SetChange struct {
	Set     string   `json:"set"`
	Enter   int64    `json:"enter"`
	Leave   int64    `json:"leave"`
	Samples []string `json:"samples"` // identifiers of the first few, those that leave with a "-" before them
}

// A RemapSample shows how the values of a record under one term change. Long lists and values are cut.
type RemapSample struct {
	Identifier string   `json:"identifier"`
	Before     []string `json:"before"`
	After      []string `json:"after"`
}

// A RemapFailure is a record that the rules can't read.
type RemapFailure struct {
	Identifier string `json:"identifier"`
	Why        string `json:"why"`
}

// Records is how many records were met.
func (r *RemapReport) Records() int64 {
	return r.Already + r.Changed + r.Same + r.Failed + r.Skipped
}

func (r *Remapper) newReport() *RemapReport {
	return &RemapReport{Source: r.Source.Name, Rules: r.Source.Version(r.rules().Version()), Terms: []TermChange{}, Sets: []SetChange{}, Failures: []RemapFailure{}}
}

// addPage takes up a page. What stands beyond the head of the beginning has been moved there since,
// mostly by this remap: it has been counted where it was.
func (r *RemapReport) addPage(p *remapped, head int64) {
	for _, seq := range p.stock.Passed {
		if seq <= head {
			r.Already++
		}
	}
	for i := range p.outcomes {
		r.add(&p.stock.Records[i], &p.outcomes[i])
	}
}

// add takes up what came of one record, but for the sums, which Count and Apply count differently.
func (r *RemapReport) add(k *Kept, o *remapOutcome) {
	if o.err != nil {
		r.Failed++
		if len(r.Failures) < maxSamples {
			r.Failures = append(r.Failures, RemapFailure{k.Identifier, cut(o.err.Error())})
		}
		return
	}
	if o.change.Same {
		return
	}
	for _, t := range o.terms {
		r.term(t, k.Identifier, o.before, o.after)
	}
	if moved := r.sets(k.Identifier, k.Sets, o.change.Sets); len(o.terms) == 0 && !moved {
		r.Rendered++
	}
}

// sets takes up how the sets of a record change; it says whether they do.
func (r *RemapReport) sets(identifier string, before, after []string) (moved bool) {
	for _, s := range before {
		if !slices.Contains(after, s) {
			c := r.set(s, "-"+identifier)
			c.Leave++
			moved = true
		}
	}
	for _, s := range after {
		if !slices.Contains(before, s) {
			c := r.set(s, identifier)
			c.Enter++
			moved = true
		}
	}
	return moved
}

func (r *RemapReport) set(spec, sample string) *SetChange {
	i, ok := slices.BinarySearchFunc(r.Sets, spec, func(c SetChange, spec string) int { return strings.Compare(c.Set, spec) })
	if !ok {
		r.Sets = slices.Insert(r.Sets, i, SetChange{Set: spec})
	}
	c := &r.Sets[i]
	if len(c.Samples) < maxSamples {
		c.Samples = append(c.Samples, sample)
	}
	return c
}

// changedTerms are the terms under which other values are served. Both lists are in canonical order, and so are
// they.
func changedTerms(before, after []dublincore.Value) (out []dublincore.Term) {
	for len(before) > 0 || len(after) > 0 {
		var t dublincore.Term
		if len(after) == 0 || len(before) > 0 && before[0].Term < after[0].Term {
			t = before[0].Term
		} else {
			t = after[0].Term
		}
		b, a := under(t, before), under(t, after)
		if !slices.EqualFunc(before[:b], after[:a], sameValue) {
			out = append(out, t)
		}
		before, after = before[b:], after[a:]
	}
	return out
}

// under is how many of the first values are under the term.
func under(t dublincore.Term, values []dublincore.Value) (n int) {
	for n < len(values) && values[n].Term == t {
		n++
	}
	return n
}

// sameValue compares what is served of two values.
func sameValue(a, b dublincore.Value) bool {
	return a.Text == b.Text && a.Lang == b.Lang && a.Scheme == b.Scheme
}

func (r *RemapReport) term(t dublincore.Term, identifier string, before, after *dublincore.Record) {
	i, ok := slices.BinarySearchFunc(r.Terms, t, func(c TermChange, t dublincore.Term) int { return int(c.Term) - int(t) })
	if !ok {
		r.Terms = slices.Insert(r.Terms, i, TermChange{Term: t})
	}
	c := &r.Terms[i]
	c.Records++
	if len(c.Samples) < maxSamples {
		c.Samples = append(c.Samples, RemapSample{identifier, texts(before.All(t)), texts(after.All(t))})
	}
}

func texts(values []dublincore.Value) []string {
	out := make([]string, 0, min(len(values), maxSampleValues+1))
	for i := range values {
		if i == maxSampleValues {
			return append(out, "…")
		}
		text := cut(values[i].Text)
		if values[i].Lang != "" {
			text += " [" + values[i].Lang + "]"
		}
		if values[i].Scheme != "" {
			text += " [" + values[i].Scheme + "]"
		}
		out = append(out, text)
	}
	return out
}

// cut shortens a text at the beginning of a character.
func cut(s string) string {
	if len(s) <= maxSampleText {
		return s
	}
	n := maxSampleText
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
