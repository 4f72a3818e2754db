package pipeline

import (
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
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
	Term    string        `json:"term"`
	Records int64         `json:"records"`
	Samples []RemapSample `json:"samples"` // the first few
	// Order is the term's place in its vocabulary.
	Order int `json:"-"`
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
	return &RemapReport{Source: r.Source.Name, Rules: r.rules().Version(), Terms: []TermChange{}, Sets: []SetChange{}, Failures: []RemapFailure{}}
}

// addPage takes up a page. What stands beyond the head of the beginning has been moved there since,
// mostly by this remap: it has been counted where it was.
func (r *RemapReport) addPage(p *remapped, head int64) {
	for _, seq := range p.stored.Passed {
		if seq <= head {
			r.Already++
		}
	}
	for i := range p.outcomes {
		r.add(&p.stored.Records[i], &p.outcomes[i])
	}
}

// add takes up what came of one record, except the sums, which Count and Apply count differently.
func (r *RemapReport) add(k *StoredRecord, o *remapOutcome) {
	if o.err != nil {
		r.Failed++
		if len(r.Failures) < maxSamples {
			r.Failures = append(r.Failures, RemapFailure{k.Identifier, wording.Shorten(o.err.Error(), maxSampleText)})
		}
		return
	}
	if o.change.Same {
		return
	}
	for i := range o.terms {
		r.term(&o.terms[i], k.Identifier)
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

// term takes up that the values of a record under a term change.
func (r *RemapReport) term(t *ChangedTerm, identifier string) {
	i, ok := slices.BinarySearchFunc(r.Terms, t.Order, func(c TermChange, order int) int { return c.Order - order })
	if !ok {
		r.Terms = slices.Insert(r.Terms, i, TermChange{Term: t.Term, Order: t.Order})
	}
	c := &r.Terms[i]
	c.Records++
	if len(c.Samples) < maxSamples {
		before, after := t.Texts()
		c.Samples = append(c.Samples, RemapSample{identifier, shorten(before), shorten(after)})
	}
}

// shorten cuts a list of values and each of them to what a person reads at a glance.
func shorten(values []string) []string {
	out := make([]string, 0, min(len(values), maxSampleValues+1))
	for i, v := range values {
		if i == maxSampleValues {
			return append(out, "…")
		}
		out = append(out, wording.Shorten(v, maxSampleText))
	}
	return out
}

// Corrected is what became of people's corrections of a source's records while these were mapped again.
type Corrected struct {
	Applied int64 `json:"applied"`
	// Gone are those that did nothing because the value to be corrected is not there any more.
	Gone     int64    `json:"gone"`
	GoneSome []string `json:"gone_samples,omitempty"` // up to 5, for people
	// Nameless are those whose identifier no record has; known only if all records were mapped.
	Nameless     int64    `json:"nameless"`
	NamelessSome []string `json:"nameless_samples,omitempty"`
}
