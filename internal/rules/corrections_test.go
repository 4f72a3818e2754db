package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/rules"
)

const columns = "identifier,term,old value,new value,who,why\n"

func corrections(t *testing.T, rows string) *rules.Corrections {
	t.Helper()
	c, err := rules.ParseCorrections("fixes.csv", []byte(columns+rows))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func record() *dublincore.Record {
	return &dublincore.Record{Values: []dublincore.Value{
		{Term: dublincore.Title, Text: "On the harvst", Lang: "en"},
		{Term: dublincore.Subject, Text: "Wheat"},
		{Term: dublincore.Subject, Text: "Rye"},
		{Term: dublincore.Created, Text: "1957-04", Scheme: "W3CDTF", Original: "April 1957"},
	}}
}

func TestCorrect(t *testing.T) {
	const id = "oai:gateway.example:a/1"
	for _, test := range []struct {
		name, rows string
		want       func(r *dublincore.Record)
		gone       bool
	}{
		{"another record", "oai:gateway.example:a/2,title,On the harvst,x,ann,", func(*dublincore.Record) {}, false},
		{"replace, in its place and language", id + ",title,On the harvst,On the harvest,ann,misprint", func(r *dublincore.Record) {
			r.Values[0] = dublincore.Value{Term: dublincore.Title, Text: "On the harvest", Lang: "en", From: dublincore.Curated}
		}, false},
		{"from the source's name on", "a/1,subject,Rye,Barley,ann,", func(r *dublincore.Record) {
			r.Values[2] = dublincore.Value{Term: dublincore.Subject, Text: "Barley", From: dublincore.Curated}
		}, false},
		{"by the source's identifier", "item-1,subject,Rye,Barley,ann,", func(r *dublincore.Record) {
			r.Values[2] = dublincore.Value{Term: dublincore.Subject, Text: "Barley", From: dublincore.Curated}
		}, false},
		{"the old value as the source wrote it, the new one in standard form", id + ",created,April 1957,May 1957,ann,", func(r *dublincore.Record) {
			r.Values[3] = dublincore.Value{Term: dublincore.Created, Text: "1957-05", Scheme: "W3CDTF", Original: "May 1957", From: dublincore.Curated}
		}, false},
		{"remove", id + ",subject,Wheat,,ann,", func(r *dublincore.Record) {
			r.Values = append(r.Values[:1:1], r.Values[2:]...)
		}, false},
		{"add", id + ",language,,Albanian,ann,", func(r *dublincore.Record) {
			r.Values = append(r.Values, dublincore.Value{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3", Original: "Albanian", From: dublincore.Curated})
		}, false},
		{"what is there already is a person's then", id + ",subject,Wheat,Rye,ann,", func(r *dublincore.Record) {
			r.Values = append(r.Values[:1:1], dublincore.Value{Term: dublincore.Subject, Text: "Rye", From: dublincore.Curated}, r.Values[3])
		}, false},
		{"the old value is gone", id + ",subject,Oats,Barley,ann,", func(r *dublincore.Record) {
			r.Note(dublincore.Subject, dublincore.Warning, `correction fixes.csv:2: the value "Oats" is gone`)
		}, true},
		{"the source has corrected it", id + ",subject,Oats,Rye,ann,", func(r *dublincore.Record) {
			r.Note(dublincore.Subject, dublincore.Warning, `correction fixes.csv:2: the value "Oats" is gone, and the source has the new one: the correction can go`)
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, want := record(), record()
			done := corrections(t, test.rows+"\n").Apply(id, "item-1", got)
			test.want(want)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("- want, + got:\n%s", d)
			}
			for _, c := range done {
				if c.Gone != test.gone || c.Line != 2 || c.Index >= 0 && got.Values[c.Index].From != dublincore.Curated {
					t.Errorf("%+v", c)
				}
			}
		})
	}
}

// However the record is named, its corrections come in the order of the file: each finds what the one
// before has made.
func TestCorrectionsInOrder(t *testing.T) {
	r := record()
	c := corrections(t, "item-1,subject,Rye,Oats,ann,one\noai:gateway.example:a/1,subject,Oats,Spelt,bea,two\na/1,subject,Spelt,Barley,cy,three\n")
	done := c.Apply("oai:gateway.example:a/1", "item-1", r)
	if len(done) != 3 || done[0].Who != "ann" || done[2].Line != 4 || done[2].Why != "three" || r.Values[2].Text != "Barley" || len(r.Notes) > 0 {
		t.Errorf("%+v\n%+v", done, r)
	}
	if lines := c.Lines(); len(lines) != 3 || lines[2] != "item-1" || lines[4] != "a/1" {
		t.Errorf("lines %v", lines)
	}
}

func TestCorrectionMistakes(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"empty", "", "fixes.csv:1: needs a first line"},
		{"another column", "identifier,term,old value,new value,who,wy\n", `fixes.csv:1: "wy" is not a column`},
		{"a column less", "identifier,term,old value,new value,who\n", `fixes.csv:1: the column "why" is missing`},
		{"a column twice", "identifier,term,old,old value,new,who,why\n", `fixes.csv:1: the column "old value" is there twice`},
		{"a row with less", columns + "\na,title,x\n", "fixes.csv:3: the row has 3 columns, the first line has 6"},
		{"no CSV", columns + "a,\"title\n", "fixes.csv:"},
		{"no identifier", columns + ",title,a,b,,\n", "fixes.csv:2: the row names no record"},
		{"no term", columns + "a,titel,a,b,,\n", "did you mean title"},
		{"nothing to do", columns + "a,title,,,,\n", "fixes.csv:2: the row has neither"},
		{"nothing changes", columns + "a,title,x,x,,\n", "fixes.csv:2: the old value and the new one are the same"},
		{"twice", columns + "a,title,x,y,,\na,title,x,z,,\n", "fixes.csv:3: line 2 corrects the same value"},
		{"no URL", columns + "a,landing,x,nowhere,,\n", "fixes.csv:2: landing must be"},
		{"several", columns + "a,title,,,,\na,titel,,x,,\n", "fixes.csv:3: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := rules.ParseCorrections("fixes.csv", []byte(test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
	if _, err := rules.ParseCorrections("fixes.csv", make([]byte, 9<<20)); err == nil || !strings.Contains(err.Error(), "larger than 8 MiB") {
		t.Errorf("a file of 9 MiB: %v", err)
	}
}

// FuzzCorrections: whatever the file holds, it is refused or applied; a record that was corrected
// keeps no empty value, and none twice that a correction made.
func FuzzCorrections(f *testing.F) {
	f.Add(columns+"a,title,On the harvst,On the harvest,ann,\n", "a")
	f.Add(columns+"a,subject,Rye,,,\na,subject,,Rye,,\n", "a")
	f.Add("\ufeffterm,identifier,new,old,who,why\ncreated,b,1957,April 1957,,\n", "b")
	f.Fuzz(func(t *testing.T, file, identifier string) {
		c, err := rules.ParseCorrections("f.csv", []byte(file))
		if err != nil {
			return
		}
		r := record()
		for _, done := range c.Apply(identifier, "upstream", r) {
			if done.Index >= len(r.Values) || done.Index >= 0 && r.Values[done.Index].From != dublincore.Curated {
				t.Fatalf("%+v of %d values", done, len(r.Values))
			}
		}
		for _, v := range r.Values {
			if v.Text == "" {
				t.Fatalf("an empty value: %+v", v)
			}
		}
		before := len(r.Values)
		r.Dedupe()
		if len(r.Values) != before {
			t.Fatalf("a value is there twice: %+v", r.Values)
		}
	})
}
