package dublincore_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func TestAdd(t *testing.T) {
	var r dublincore.Record
	for _, test := range []struct {
		name string
		v    dublincore.Value
		want bool
	}{
		{"new", dublincore.Value{Term: dublincore.Title, Text: "A"}, true},
		{"the same", dublincore.Value{Term: dublincore.Title, Text: "A"}, false},
		{"the same by another authority", dublincore.Value{Term: dublincore.Title, Text: "A", From: dublincore.Curated}, false},
		{"in a language", dublincore.Value{Term: dublincore.Title, Text: "A", Lang: "en"}, true},
		{"under another term", dublincore.Value{Term: dublincore.Alternative, Text: "A"}, true},
		{"with a scheme", dublincore.Value{Term: dublincore.Title, Text: "A", Scheme: "URI"}, true},
		{"without text", dublincore.Value{Term: dublincore.Title}, false},
		{"without term", dublincore.Value{Text: "A"}, false},
		{"beyond the terms", dublincore.Value{Term: 200, Text: "A"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := r.Add(test.v); got != test.want {
				t.Errorf("added: %v", got)
			}
		})
	}
	if len(r.Values) != 4 {
		t.Errorf("%d values", len(r.Values))
	}
}

func TestAllAndFirst(t *testing.T) {
	r := dublincore.Record{}
	r.AddText(dublincore.Creator, "A")
	r.AddText(dublincore.Creator, "B")
	r.AddText(dublincore.Title, "T")
	texts := func(term dublincore.Term) (all []string) {
		for _, v := range r.All(term) {
			all = append(all, v.Text)
		}
		return all
	}
	if diff := cmp.Diff([]string{"A", "B"}, texts(dublincore.Creator)); diff != "" {
		t.Error("together:", diff)
	}
	r.AddText(dublincore.Creator, "C")
	if diff := cmp.Diff([]string{"A", "B", "C"}, texts(dublincore.Creator)); diff != "" {
		t.Error("apart:", diff)
	}
	if texts(dublincore.Subject) != nil || r.Has(dublincore.Subject) {
		t.Error("values under a term that has none")
	}
	if r.Text(dublincore.Creator) != "A" || r.Text(dublincore.Subject) != "" {
		t.Error("Text is not the first value's")
	}
	_ = append(r.All(dublincore.Title), dublincore.Value{})
	if r.Values[3].Text != "C" {
		t.Error("appending to what All gave changed the record")
	}
	r.Remove(dublincore.Creator)
	if len(r.Values) != 1 {
		t.Errorf("removed, but %v is left", r.Values)
	}
}

// TestDedupe: few values and many are de-duplicated alike.
func TestDedupe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few := records().Draw(t, "record")
		few.Values = append(few.Values, few.Values...)
		want := dublincore.Record{}
		for _, v := range few.Values {
			want.Add(v)
		}
		many := few.Clone()
		for len(many.Values) < 100 && len(few.Values) > 0 {
			many.Values = append(many.Values, few.Values...)
		}
		before := len(few.Values)
		few.Dedupe()
		many.Dedupe()
		if diff := cmp.Diff(want.Values, few.Values, cmpopts.EquateEmpty()); diff != "" {
			t.Error("few:", diff)
		}
		if diff := cmp.Diff(want.Values, many.Values, cmpopts.EquateEmpty()); diff != "" {
			t.Error("many:", diff)
		}
		if len(few.Notes) != before-len(few.Values) {
			t.Errorf("%d notes of %d dropped", len(few.Notes), before-len(few.Values))
		}
	})
}

// TestFingerprint: the order of the terms and what isn't said don't count, everything else does.
func TestFingerprint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		print := r.Fingerprint()

		// Another order of the terms: stably sorted by any order of them.
		rank := rapid.Permutation(dublincore.Terms()).Draw(t, "order of terms")
		same := r.Clone()
		slices.SortStableFunc(same.Values, func(a, b dublincore.Value) int {
			return slices.Index(rank, a.Term) - slices.Index(rank, b.Term)
		})
		for i := range same.Values {
			same.Values[i].Original = "another"
			same.Values[i].From = dublincore.Curated
		}
		same.Note(dublincore.Title, dublincore.Warning, "a note")
		if same.Fingerprint() != print {
			t.Error("the order of terms, originals, authorities or notes changed it")
		}
		if len(r.Values) == 0 {
			return
		}
		i := rapid.IntRange(0, len(r.Values)-1).Draw(t, "which")
		for name, change := range map[string]func(*dublincore.Value){
			"text":   func(v *dublincore.Value) { v.Text += "x" },
			"lang":   func(v *dublincore.Value) { v.Lang += "x" },
			"scheme": func(v *dublincore.Value) { v.Scheme += "x" },
			"moving a letter between fields": func(v *dublincore.Value) {
				v.Text, v.Lang, v.Scheme = v.Text+v.Lang+v.Scheme, "", "x"
			},
		} {
			other := r.Clone()
			change(&other.Values[i])
			if other.Values[i] != r.Values[i] && other.Fingerprint() == print {
				t.Errorf("the %s of %v does not count", name, r.Values[i])
			}
		}
		other := r.Clone()
		other.Values = slices.Delete(other.Values, i, i+1)
		if other.Fingerprint() == print {
			t.Error("a value less does not count")
		}
	})
}

func TestFingerprintCountsOrderWithinTerm(t *testing.T) {
	ab, ba := dublincore.Record{}, dublincore.Record{}
	ab.AddText(dublincore.Creator, "A")
	ab.AddText(dublincore.Creator, "B")
	ba.AddText(dublincore.Creator, "B")
	ba.AddText(dublincore.Creator, "A")
	if ab.Fingerprint() == ba.Fingerprint() {
		t.Error("the first author does not count")
	}
}

func TestAppendJSON(t *testing.T) {
	r := dublincore.Record{}
	if got := string(r.AppendJSON(nil)); got != "{}" {
		t.Errorf("empty: %s", got)
	}
	r.Add(dublincore.Value{Term: dublincore.Created, Text: "1957-04", Scheme: "W3CDTF", Original: "April 1957"})
	r.Add(dublincore.Value{Term: dublincore.Title, Text: "A \"B\"\n<i>", Lang: "en", From: dublincore.Curated})
	r.AddText(dublincore.Title, "\xff\u2028")
	want := `{"title":[{"value":"A \"B\"\n\u003ci\u003e","lang":"en","from":"curated"},{"value":"` + "\ufffd" + `\u2028"}],` +
		`"created":[{"value":"1957-04","scheme":"W3CDTF","original":"April 1957"}]}`
	if diff := cmp.Diff(want, string(r.AppendJSON(nil))); diff != "" {
		t.Error(diff)
	}
}

// TestJSONRoundTrip: what is written is valid JSON, is read back by us, and is what encoding/json
// would make of it.
func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		data := r.AppendJSON(nil)
		if !json.Valid(data) {
			t.Fatalf("not JSON: %s", data)
		}
		through, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(through, data) {
			t.Errorf("encoding/json changes it:\n%s\n%s", data, through)
		}
		var got dublincore.Record
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if hasBadBytes(r) {
			return // U+FFFD stands for them
		}
		want := r.Clone()
		want.Sort()
		if diff := cmp.Diff(want.Values, got.Values, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

func hasBadBytes(r *dublincore.Record) bool {
	return slices.ContainsFunc(r.Values, func(v dublincore.Value) bool {
		return !utf8.ValidString(v.Text) || !utf8.ValidString(v.Original)
	})
}

func TestUnmarshalJSONOfNewerProgram(t *testing.T) {
	var r dublincore.Record
	err := json.Unmarshal([]byte(` { "title" : [ { "value" : "\u00e9\ud834\udd1e\/", "weight" : [1, {"a": -2.5e3}, null, true] } ],
		"smell": [{"value": "rose"}], "subject": [] } `), &r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]dublincore.Value{{Term: dublincore.Title, Text: "é𝄞/"}}, r.Values); diff != "" {
		t.Error(diff)
	}
}

func TestUnmarshalJSONRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":          ``,
		"a list":           `[]`,
		"a string":         `{"title":"A"}`,
		"an open object":   `{"title":[{"value":"A"}]`,
		"a missing comma":  `{"title":[{"value":"A"} {"value":"B"}]}`,
		"a missing colon":  `{"title" [] }`,
		"two":              `{} {}`,
		"a number":         `{"title":[{"value":1}]}`,
		"bad escape":       `{"title":[{"value":"\x"}]}`,
		"bad hex":          `{"title":[{"value":"\u12g4"}]}`,
		"open string":      `{"title":[{"value":"A`,
		"control":          "{\"title\":[{\"value\":\"\n\"}]}",
		"unknown from":     `{"title":[{"value":"A","from":"nobody"}]}`,
		"deep unknown":     `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		"malformed number": `{"x":1-2}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := dublincore.Record{Values: []dublincore.Value{{Term: dublincore.Title, Text: "kept"}}}
			if err := r.UnmarshalJSON([]byte(data)); err == nil {
				t.Errorf("read as %v", r.Values)
			}
			if len(r.Values) != 1 {
				t.Error("a refused text changed the record")
			}
		})
	}
}

func FuzzUnmarshalJSON(f *testing.F) {
	f.Add([]byte(`{"title":[{"value":"A","lang":"en","from":"context"}],"x":[1.5e3,null,{"y":"\ud834\udd1e"}]}`))
	f.Add(record().AppendJSON(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r dublincore.Record
		if r.UnmarshalJSON(data) != nil {
			return
		}
		var again dublincore.Record
		if err := again.UnmarshalJSON(r.AppendJSON(nil)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.AppendJSON(nil), r.AppendJSON(nil)) {
			t.Error("read, written and read again differs")
		}
	})
}

func TestNotesInJSON(t *testing.T) {
	notes := []dublincore.Note{{Kind: dublincore.StrayText, Text: "x"}}
	for _, k := range dublincore.NoteKinds() {
		notes = append(notes, dublincore.Note{Term: dublincore.Title, Kind: k})
	}
	data, err := json.Marshal(notes)
	if err != nil {
		t.Fatal(err)
	}
	var got []dublincore.Note
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(notes, got); diff != "" {
		t.Error(diff)
	}
	if err := json.Unmarshal([]byte(`[{"kind":"made-up"}]`), &got); err == nil {
		t.Error("an unknown kind was read")
	}
}

func TestTerms(t *testing.T) {
	if n := len(dublincore.Elements()); n != 15 {
		t.Errorf("%d elements", n)
	}
	for _, term := range dublincore.Terms() {
		if found, ok := dublincore.TermNamed(term.String()); !ok || found != term {
			t.Errorf("%v is not found by its name", term)
		}
		if e := term.Element(); e != 0 && e.Element() != e {
			t.Errorf("%v refines %v, which is no element", term, e)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	r := benchRecord()
	r.Sort()
	dst := r.AppendJSON(nil)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = r.AppendJSON(dst[:0])
	}
}

func BenchmarkUnmarshalJSON(b *testing.B) {
	data := benchRecord().AppendJSON(nil)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var r dublincore.Record
		if err := r.UnmarshalJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFingerprint(b *testing.B) {
	r := benchRecord()
	r.Sort()
	b.ReportAllocs()
	for b.Loop() {
		r.Fingerprint()
	}
}
