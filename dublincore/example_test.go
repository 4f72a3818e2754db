package dublincore_test

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

func Example() {
	var r dublincore.Record
	r.Add(dublincore.Value{Term: dublincore.Title, Text: "Notes from a talk", Lang: "en"})
	created, note, ok := dublincore.NormalizeDate("April 1957", date.AnyOrder)
	if ok {
		created.Term = dublincore.Created
		r.Add(created)
	}
	r.Note(dublincore.Created, note, "April 1957")
	fmt.Printf("%s\n", r.AppendJSON(nil))
	// Output:
	// {"title":[{"value":"Notes from a talk","lang":"en"}],"created":[{"value":"1957-04","scheme":"W3CDTF","original":"April 1957"}]}
}

func ExampleParseOAIDC() {
	r, err := dublincore.ParseOAIDC([]byte(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
		xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="sq">Shënime</dc:title><dc:shelf>4</dc:shelf></oai_dc:dc>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range r.Values {
		fmt.Println(v.Term, v.Lang, v.Text)
	}
	for _, n := range r.Notes {
		fmt.Println(n.Kind, n.Text)
	}
	// Output:
	// title sq Shënime
	// unknown-element shelf
}

func ExampleNormalizeLanguage() {
	for _, text := range []string{"alb", "Französisch", "zh-Hant", "Martian"} {
		v, note, ok := dublincore.NormalizeLanguage(text)
		fmt.Println(v.Text, v.Scheme, note, ok)
	}
	// Output:
	// sqi ISO639-3 normalized true
	// fra ISO639-3 normalized true
	// zho ISO639-3 normalized true
	// Martian  not-understood false
}

func ExampleNormalizeRights() {
	v, note, _ := dublincore.NormalizeRights("https://www.rightsstatements.org/page/InC/1.0?language=en")
	fmt.Println(v.Text, note)
	// Output:
	// http://rightsstatements.org/vocab/InC/1.0/ repaired
}
