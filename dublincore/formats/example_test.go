package formats_test

import (
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
)

func Example() {
	rec := &dublincore.Record{}
	rec.AddText(dublincore.Title, "Notes of a talk")
	rec.AddText(dublincore.Language, "sqi")

	mods, ok := formats.Named("mods")
	if !ok || !mods.Has(rec) {
		fmt.Println("the record lacks", mods.Missing(rec))
		return
	}
	xml := mods.Append(nil, rec, formats.Item{Identifier: "oai:archive.example.org:notes/1"})
	_, content, _ := strings.Cut(string(xml), ">")
	fmt.Println(content)
	// Output:
	// <titleInfo><title>Notes of a talk</title></titleInfo><language><languageTerm type="text">sqi</languageTerm></language><recordInfo><recordIdentifier>oai:archive.example.org:notes/1</recordIdentifier><recordOrigin>Made from Dublin Core.</recordOrigin></recordInfo></mods>
}

// What a record can be offered in, and what it lacks for the rest.
func ExampleFormat_Missing() {
	rec := &dublincore.Record{}
	rec.AddText(dublincore.Title, "Notes of a talk")
	rec.AddText(dublincore.Type, "Text")
	rec.AddText(dublincore.Landing, "https://archive.example.org/d/1")
	rec.AddText(dublincore.DataProvider, "Example Archive")
	rec.AddText(dublincore.Rights, "http://rightsstatements.org/vocab/InC/1.0/")

	for _, f := range formats.All() {
		if f.Has(rec) {
			fmt.Println(f.Prefix)
		}
		for _, what := range f.Missing(rec) {
			fmt.Printf("%s: it lacks %s\n", f.Prefix, what)
		}
	}
	// Output:
	// oai_dc
	// oai_qdc
	// mods
	// edm: it lacks its language, which Europeana demands of a text
	// oai_openaire: it lacks a creator
	// oai_openaire: it lacks a date of publication, or another one, with a year
	// oai_openaire: it lacks its access right (open, embargoed, restricted or metadata only), in COAR's words or those of info:eu-repo
}
