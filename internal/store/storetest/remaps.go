package storetest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Sets made by rules. Nothing is ever in rules:none.
var (
	ruleSets     = []string{"rules:hush", "rules:war"}
	declaredSets = []string{"rules", "rules:hush", "rules:none", "rules:war"}
	silentSets   = map[string]bool{"rules:hush": true, "rules:war": false}
)

func isSilent(set string) bool { return silentSets[set] }

func drawRuleSets(rt *rapid.T) []string {
	return slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.SampledFrom(ruleSets), 0, 2, rapid.ID).Draw(rt, "by rules")))
}

// drawRemap makes a part of a remap of a source: most records come out otherwise, in other sets by rules;
// some as they were; some have moved since they were looked at.
func (x *fixture) drawRemap(rt *rapid.T) *pipeline.RemapBatch {
	x.Helper()
	source := rapid.SampledFrom(sources).Draw(rt, "source")
	b := &pipeline.RemapBatch{Source: source, Rules: fmt.Sprint("rules ", rapid.IntRange(2, 4).Draw(rt, "rules")), Done: rapid.Bool().Draw(rt, "done")}
	if !b.Done {
		b.After = int64(rapid.IntRange(1, 99).Draw(rt, "after"))
	}
	for _, local := range rapid.SliceOfNDistinct(rapid.IntRange(0, locals-1), 1, 3, rapid.ID).Draw(rt, "records") {
		id := identifier(source, local)
		r := x.model.records[id]
		if r == nil {
			continue
		}
		var sets []string
		for _, s := range r.Sets {
			if !slices.Contains(ruleSets, s) {
				sets = append(sets, s)
			}
		}
		sets = append(sets, drawRuleSets(rt)...)
		made := live(id, rapid.IntRange(0, contents-1).Draw(rt, "content"), sets...)
		got, err := x.log.Record(rt.Context(), id)
		x.ok(err)
		c := pipeline.RemapChange{Identifier: id, Seq: got.Seq, Notes: made.Notes}
		switch rapid.IntRange(0, 7).Draw(rt, "comes out") {
		case 0: // as it was
			c.Same = true
		case 1: // the same, in other words
			c.Same, c.DC = true, append(slices.Clone(r.DC), ' ')
		case 2: // it has moved since it was looked at
			c.Seq--
			fallthrough
		default:
			c.Fingerprint, c.DC, c.OAIDC, c.Sets, c.Formats, c.Rights = made.Fingerprint, made.DC, made.OAIDC, sets, made.Formats, made.Rights
		}
		if rapid.Bool().Draw(rt, "packed") { // Remap packs what is not
			x.ok(x.log.Pack(&c))
		}
		b.Changes = append(b.Changes, c)
	}
	return b
}

// remap stores a part of a remap in both, and compares what they say.
func (x *fixture) remap(b *pipeline.RemapBatch) {
	x.Helper()
	seqs := map[string]int64{}
	for _, c := range b.Changes {
		got, err := x.log.Record(x.Context(), c.Identifier)
		x.ok(err)
		seqs[c.Identifier] = got.Seq
	}
	r, err := x.log.Remap(x.Context(), b)
	x.ok(err)
	want := pipeline.RemapReceipt{Head: r.Head}
	x.model.remap(b, seqs, &want)
	x.same("receipt of the remap", *r, want)
	if changed := r.Changed > 0; changed != (r.Head.Seq > x.seq) {
		x.Fatalf("a remap of %d records moved the head from %d to %d", r.Changed, x.seq, r.Head.Seq)
	}
	x.sawHead(r.Head)
	place, err := x.log.RemapPlace(x.Context(), b.Source, b.Rules)
	x.ok(err)
	other, err := x.log.RemapPlace(x.Context(), b.Source, "other rules")
	x.ok(err)
	if place != b.After || other != 0 {
		x.Fatalf("the remap stands at %d, and with other rules at %d, want %d and 0", place, other, b.After)
	}
}

// remap does what the log must have done. seqs are the places at which the records were.
func (m *model) remap(b *pipeline.RemapBatch, seqs map[string]int64, n *pipeline.RemapReceipt) {
	for i := range b.Changes {
		c := &b.Changes[i]
		r := m.records[c.Identifier]
		if r.Deleted != pipeline.Live || c.Seq != seqs[c.Identifier] {
			n.Skipped++
			continue
		}
		r.Rules, r.Notes = b.Rules, c.Notes
		if c.DC != nil {
			r.DC = c.DC
		}
		if c.Same {
			n.Same++
			continue
		}
		n.Changed++
		m.steps++
		r.at, r.Datestamp, r.Fingerprint = m.steps, n.Head.Datestamp, c.Fingerprint
		r.Version++
		r.oaiDC, r.made, r.rights = c.OAIDC, c.Formats, c.Rights
		m.move(r, c.Sets)
		m.reformat(r, m.formatsOf(&pipeline.Change{Formats: c.Formats, Origin: r.Origin}))
	}
}

// checkStock asks for what a remap would look at.
func (x *fixture) checkStock() {
	x.Helper()
	for _, source := range sources {
		for _, rules := range []string{"", "rules 1", "rules 3"} {
			var got, want []pipeline.StoredRecord
			var passed, wantPassed int64
			for after, done := int64(0), false; !done; {
				stock, err := x.log.Originals(x.Context(), source, after, rules, 2)
				x.ok(err)
				got, passed = append(got, stock.Records...), passed+int64(len(stock.Passed))
				after, done = stock.Next, stock.Done
			}
			for _, r := range x.model.ordered() {
				switch {
				case r.Source != source || !closure(r.Sets)[source] || r.Deleted != pipeline.Live:
				case rules != "" && r.Rules == rules:
					wantPassed++
				default:
					want = append(want, pipeline.StoredRecord{Record: r.Record, OAIDC: r.oaiDC, Formats: r.made, Rights: r.rights})
				}
			}
			x.same("what "+cmp.Or(rules, "no rules")+" did not make of "+source, got, want, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(pipeline.Record{}, "Seq", "Seen", "Stale"))
			if passed != wantPassed {
				x.Fatalf("%d records of %s are passed over as made by %s, want %d", passed, source, rules, wantPassed)
			}
		}
	}
}
