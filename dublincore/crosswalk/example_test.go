package crosswalk_test

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
)

// A mapping of one's own builds on a built-in one, and changes single terms.
func Example() {
	m, err := crosswalk.Compile("ours.map", []byte(`
include oai_dc.map
drop coverage
replace title from title | clean | capitalize
spatial from coverage | clean
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := m.Apply(crosswalk.Input{Original: []byte(`<dc xmlns="http://purl.org/dc/elements/1.1/">
		<title>the forests of Albania</title><date>May 12, 2011</date><coverage>Tirana</coverage></dc>`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range res.Record.Values {
		fmt.Println(v.Term, "=", v.Text)
	}
	// Output:
	// date = 2011-05-12
	// title = The forests of Albania
	// spatial = Tirana
}

// Everything wrong with a mapping is reported at once, with its place and the nearest right word.
func ExampleCompile_errors() {
	_, err := crosswalk.Compile("ours.map", []byte("format marc21\ntitel from 245$ab | isbd\nissued from 260$c | dat\n"))
	fmt.Println(err)
	// Output:
	// ours.map:2:1: "titel" is no term of a record, and no other word that begins a line (did you mean "title"?)
	// ours.map:3:21: there is no transform "dat" (did you mean "date"?)
}

// Explain tells for each value the rule and the field that it comes from.
func ExampleMapping_Explain() {
	m, err := crosswalk.Builtin("marc21")
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := m.Explain(crosswalk.Input{Original: []byte("=LDR  00000nam a22\n=245  10$aForests /$cA. Hoxha.\n")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range res.Trace {
		if t.Value >= 0 {
			fmt.Printf("%s = %s, from %s (%q)\n", t.Term, res.Record.Values[t.Value].Text, t.Source, t.Input)
		}
	}
	// Output:
	// title = Forests, from 245$abfgknps at 245 ("Forests /")
	// type = Text, from LDR/06 ("a")
}

// A condition tells which records are in a set.
func ExampleCompileCondition() {
	photographs, err := crosswalk.CompileCondition("photographs", "type is StillImage and date before 1950")
	if err != nil {
		fmt.Println(err)
		return
	}
	rec := &dublincore.Record{}
	rec.AddText(dublincore.Type, "StillImage")
	for _, created := range []string{"1940s", "1945/1955"} {
		rec.Remove(dublincore.Created)
		rec.AddText(dublincore.Created, created)
		fmt.Println(created, photographs.Holds(rec, "postcards"))
	}
	_, err = crosswalk.CompileCondition("photographs", "type is StillImage and craeted before 1950")
	fmt.Println(err)
	// Output:
	// 1940s true
	// 1945/1955 false
	// photographs:1:24: "craeted" is no term of Dublin Core; a condition on records looks at terms such as type, created or subject, and at source (did you mean "created"?)
}
