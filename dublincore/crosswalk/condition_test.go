package crosswalk

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// postcard is a record that conditions are tried on.
func postcard() *dublincore.Record {
	r := &dublincore.Record{}
	r.AddText(dublincore.Title, "Greetings from the Harbour")
	r.AddText(dublincore.Alternative, "Pozdrav")
	r.AddText(dublincore.Type, "StillImage")
	r.AddText(dublincore.Subject, "Ports")
	r.AddText(dublincore.Subject, "Ships")
	r.Add(dublincore.Value{Term: dublincore.Created, Text: "194X", Scheme: "EDTF"})
	r.AddText(dublincore.Source, "An album")
	r.AddText(dublincore.Landing, "https://archive.example.org/7")
	return r
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"type is StillImage", true},
		{"type is Text", false},
		{"type is not Text", true},
		{"type = StillImage and created before 1950", true},
		{"type", true},
		{"no type", false},
		{"no rights", true},
		{"not rights", true},
		{"rights is not x", true},
		{"subject in (Ports Rivers)", true},
		{"subject not in (Ports Rivers)", false},
		{`subject in (Rivers "Sea roads")`, false},
		{"type in table genres", false},
		{`title matches "^Greet.*our$"`, true},
		{`title not matches "^greet"`, true},
		{"title has HARBOUR", true},
		{"title starts greet", false},
		{"title is Pozdrav", true}, // a refinement is the element too
		{"alternative has Greetings", false},
		{"date", true},
		{"date before 1950", true},
		{"issued before 1950", false},
		{"created before 1945", false},
		{"created after 1939", true},
		{"created after 1940", false},
		{"created not after 1940", true},
		{"created during 1901/2000", true},
		{"created during 1945", false},
		{`created before "April 1950"`, true},
		{"title before 1950", false}, // it is no date
		{"source is letters", true},
		{"dc:source is letters", false},
		{`dc:source is "An album"`, true},
		{"source in (maps letters)", true},
		{"landing starts https://archive.example.org/", true},
		{"type is Text or (subject is Ships and no rights)", true},
		{"type is Text or subject is Ships and rights", false},
		{"not (type is StillImage or type is Text)", false},
		{"type is StillImage\n  # those of the old collection\n  and created before 1950", true},
	} {
		cond, err := CompileCondition("x", c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := cond.Holds(postcard(), "letters"); got != c.want {
			t.Errorf("%s: %v, want %v", c.text, got, c.want)
		}
		if cond.Holds(&dublincore.Record{}, "") && !strings.Contains(c.text, "no") {
			t.Errorf("%s holds of an empty record", c.text)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                           `where:1:1: the condition ends too early; after "where", "and", "or" or "not" comes a selector`,
		"typ is Text":                `where:1:1: "typ" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source (did you mean "type"?)`,
		"type is Text and craeted":   `where:1:18: "craeted" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source (did you mean "created"?)`,
		"type is Text\n or dc:titel": `where:2:5: "dc:titel" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source (did you mean "title"?)`,
		"type equals Text":           `where:1:6: "equals" is no comparison; use =, !=, is, in, matches, has, starts, before, after, during, not in or is not (did you mean "="?)`,
		"type is":                    `where:1:1: nothing follows "is" in this condition`,
		"created before someday":     `where:1:16: "someday" is not understood as a date; after "before" comes one such as 1950, 1950-04-30, 1914/1918, or in quotes "April 1950"`,
		"created before 1950/..":     `where:1:16: "1950/.." has an end that is not known; compare with a date that has both`,
		`title matches "("`:          "where:1:15: the regular expression \"(\" is not understood: missing closing ): `(`",
		"type is Still Image":        `where:1:15: "Image" does not belong in this condition; join conditions with and, or`,
		"value is x":                 `where:1:1: "value" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source`,
		"titel is x and created befor 1950 or no subject z and type": `where:1:1: "titel" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source (did you mean "title"?)
where:1:24: "befor" is no comparison; use =, !=, is, in, matches, has, starts, before, after, during, not in or is not (did you mean "before"?)
where:1:49: "z" does not belong in this condition; join conditions with and, or`,
		"(type is Text":    `where:1:1: this bracket is never closed: (`,
		"type is Text and": `where:1:1: the condition ends too early; after "where", "and", "or" or "not" comes a selector`,
	} {
		_, err := CompileCondition("where", text)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// The version tells conditions apart, but not ways to write them.
func TestConditionVersion(t *testing.T) {
	version := func(text string) string {
		t.Helper()
		c, err := CompileCondition("x", text)
		if err != nil {
			t.Fatal(err)
		}
		return c.Version()
	}
	if a, b := version("type is Text"), version("type   is\n Text # prose"); a != b {
		t.Errorf("%s, spaced otherwise %s", a, b)
	}
	seen := map[string]string{}
	for _, text := range []string{"type is Text", "type is Sound", `type is "Text"`, "not type is Text", "type", "created before 1950", "created after 1950"} {
		v := version(text)
		if seen[v] != "" {
			t.Errorf("%s and %s have the version %s", text, seen[v], v)
		}
		seen[v] = text
	}
}

func FuzzCondition(f *testing.F) {
	for _, text := range []string{"type is Text and (created before 1950 or no rights)", `title matches "a+" or subject not in (a "b c")`, "not not not type", "source is x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := CompileCondition("x", text)
		if err != nil {
			if c != nil || err.Error() == "" {
				t.Errorf("%v with %v", c, err)
			}
			return
		}
		if a, b := c.Holds(postcard(), "letters"), c.Holds(postcard(), "letters"); a != b {
			t.Error("it holds now and then")
		}
	})
}

func BenchmarkCondition(b *testing.B) {
	c, err := CompileCondition("x", "type is StillImage and created before 1950 and subject in (Ports Rivers) and no rights")
	if err != nil {
		b.Fatal(err)
	}
	rec := postcard()
	b.ReportAllocs()
	for b.Loop() {
		if !c.Holds(rec, "letters") {
			b.Fatal("it does not hold")
		}
	}
}

// A word that is looked for without a regular expression is found where the expression finds it.
func TestMatcher(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]string{"(?i)thumb", "(?i)THUMB", "(?i)a.b", "(?i)", "(?i)-", "(?i)kiss", "thumb", "(?i)ü"}).Draw(t, "pattern")
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"th", "TH", "umb", "UMB", "u", "m\u0000b", "a", "b", ".", "-", "K", "k", "ki\u017f\u017f", "ü", "Ü", "\xff"}), 0, 6).Draw(t, "text"), "")
		find, err := matcher(s)
		if err != nil {
			t.Fatal(err)
		}
		if want := regexp.MustCompile(s).MatchString(text); find(text) != want {
			t.Errorf("%q in %q: %v", s, text, !want)
		}
	})
}
