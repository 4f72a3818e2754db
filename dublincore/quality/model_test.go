package quality_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

// collections makes small sets of records in which everything that is looked for is met now and then.
func collections() *rapid.Generator[[]*dc.Record] {
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "Untitled", "Text", "eng", "German", "1957", "1957-04-12", "n.d.", "03/04/1957", "9999", "0000-00-00", "long ago",
			"CC BY 4.0", "http://rightsstatements.org/vocab/InC/1.0/", "https://doi.org/10.5555/abc", "ISBN 3-16-148410-1", "http://vocab.getty.edu/aat/1",
			"<b>x</b>", "CafÃ©", strings.Repeat("long ", 30), "IMG_1.tif", "???!!!%%%", "\xff", "2099-01-01"}),
		rapid.StringMatching(`[A-Za-z ]{1,60}`), rapid.String())
	value := rapid.Custom(func(t *rapid.T) dc.Value {
		return dc.Value{
			Term:     rapid.SampledFrom(dc.Terms()).Draw(t, "term"),
			Text:     texts.Draw(t, "text"),
			Lang:     rapid.SampledFrom([]string{"", "", "en", "sq"}).Draw(t, "lang"),
			Original: rapid.OneOf(rapid.Just(""), texts).Draw(t, "original"),
		}
	})
	note := rapid.Custom(func(t *rapid.T) dc.Note {
		return dc.Note{Term: rapid.SampledFrom(dc.Terms()).Draw(t, "term"), Kind: rapid.SampledFrom(dc.NoteKinds()).Draw(t, "kind"),
			Text: texts.Draw(t, "text")}
	})
	one := rapid.Custom(func(t *rapid.T) *dc.Record {
		return &dc.Record{Values: rapid.SliceOfN(value, 0, 12).Draw(t, "values"), Notes: rapid.SliceOfN(note, 0, 3).Draw(t, "notes")}
	})
	return rapid.SliceOfN(one, 0, 40)
}

// TestAgainstCounting compares what can be counted in a few lines with the report.
func TestAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := collections().Draw(t, "records")
		r := measure(records...)
		if r.Records != int64(len(records)) {
			t.Errorf("%d records of %d", r.Records, len(records))
		}
		for _, e := range r.Elements {
			var with, values int64
			differ := map[string]bool{}
			for _, rec := range records {
				n := int64(0)
				for _, v := range rec.Values {
					if v.Term.Element() == e.Term && strings.TrimSpace(v.Text) != "" {
						n++
						differ[v.Text] = true
					}
				}
				values += n
				with += min(n, 1)
			}
			if e.Records != with || e.Values != values || e.Distinct != int64(len(differ)) {
				t.Errorf("%s: %+v; counted %d records, %d values, %d different", e.Term, e, with, values, len(differ))
			}
			if got, want := r.Ratios()[e.Term.String()], float64(with)/float64(max(len(records), 1)); got != want {
				t.Errorf("ratio of %s is %v, want %v", e.Term, got, want)
			}
		}
		checkConsistent(t, r)
	})
}

// checkConsistent checks what must hold between the figures of any report.
func checkConsistent(t rapid.TB, r *quality.Report) {
	t.Helper()
	for _, d := range r.Tiers {
		if sum := d.Tiers[0] + d.Tiers[1] + d.Tiers[2] + d.Tiers[3]; sum != r.Records {
			t.Errorf("the tiers by %s have %d records of %d", d.Label, sum, r.Records)
		}
	}
	for _, s := range r.Standards {
		var values int64
		for _, o := range s.Outcomes {
			values += o.Values
			checkSamples(t, o.Values, o.Samples)
		}
		if s.Good > s.Records || s.Records > values || s.Records > r.Records {
			t.Errorf("%s: %d good, %d records, %d values", s.Kind, s.Good, s.Records, values)
		}
	}
	for _, p := range r.Problems {
		if p.Records > r.Records {
			t.Errorf("%s: %d records of %d", p.Code, p.Records, r.Records)
		}
		checkSamples(t, p.Records, p.Samples)
	}
	for _, a := range r.Aggregators {
		var worst int64
		for _, rule := range a.Rules {
			if rule.Level == quality.Required {
				worst = max(worst, rule.Records)
			}
			checkSamples(t, rule.Records, rule.Samples)
		}
		if a.Accepted > r.Records-worst {
			t.Errorf("%s takes %d of %d records, of which %d break a rule", a.Name, a.Accepted, r.Records, worst)
		}
	}
	if g := r.Tagging; g.All+g.Some+g.None > r.Records {
		t.Errorf("tagging of more records than there are: %+v", g)
	}
}

func checkSamples(t rapid.TB, records int64, samples []quality.Sample) {
	t.Helper()
	if want := min(records, 5); int64(len(samples)) > want || records > 0 && len(samples) == 0 {
		t.Errorf("%d samples of %d records", len(samples), records)
	}
	for _, s := range samples {
		if len([]rune(s.Value)) > 2*161+3 {
			t.Errorf("a sample of %d characters", len([]rune(s.Value)))
		}
	}
}

// TestOrderAndParts feeds the same records in another order, and in two parts that are merged: the
// reports are equal, samples and all.
func TestOrderAndParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := collections().Draw(t, "records")
		order := make([]int, len(records))
		for i := range order {
			order[i] = i
		}
		shuffled := rapid.Permutation(order).Draw(t, "order")
		whole, left, right := quality.NewMeter(today, formats.Demands), quality.NewMeter(today, formats.Demands), quality.NewMeter(today, formats.Demands)
		for i, rec := range records {
			whole.Add(fmt.Sprintf("r%d", i), rec)
		}
		for at, i := range shuffled {
			part := left
			if at < len(shuffled)/2 {
				part = right
			}
			part.Add(fmt.Sprintf("r%d", i), records[i])
		}
		before := asJSON(t, right.Report())
		left.Merge(right)
		if diff := cmp.Diff(asJSON(t, whole.Report()), asJSON(t, left.Report())); diff != "" {
			t.Errorf("the merged report differs (-whole +merged):\n%s", diff)
		}
		if after := asJSON(t, right.Report()); before != after {
			t.Errorf("merging changed the part:\n%s", cmp.Diff(before, after))
		}
	})
}

func asJSON(t rapid.TB, r *quality.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestReadsOnly: a record that is measured stays as it is.
func TestReadsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, rec := range collections().Draw(t, "records") {
			before := rec.Clone()
			measure(rec)
			if diff := cmp.Diff(before.Values, rec.Values); diff != "" && len(rec.Values) > 0 {
				t.Errorf("measuring changed a record:\n%s", diff)
			}
		}
	})
}

func FuzzAdd(f *testing.F) {
	f.Add("Title", "n.d.", "12.IV.1957", uint8(1))
	f.Add("\xff", "Ã\u0083Â", "0000-00-00", uint8(200))
	f.Add(strings.Repeat("é", 300), "\u202e<b>&amp;", "t00:00", uint8(12))
	f.Fuzz(func(t *testing.T, a, b, c string, term uint8) {
		rec := record(text(dc.Title, a), text(dc.Description, b), text(dc.Date, c), text(dc.Identifier, a), text(dc.Term(term), b))
		rec.Note(dc.Term(term), dc.NoteKind(term%24), c)
		r := measure(rec, rec)
		checkConsistent(t, r)
		checkPage(t, r)
	})
}
