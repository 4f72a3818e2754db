package marc_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

const twoBooks = `=LDR  00000nam\a2200000\\\4500
=001  17
=100  1\$aMeier, Jens
=245  10$aForests of Albania :$ba survey

=LDR  00000nam\a2200000\\\4500
=245  10$aTrees
`

func Example() {
	for rec, err := range marc.Records(strings.NewReader(twoBooks)) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(rec.Field("245").Subfield('a'))
	}
	// Output:
	// Forests of Albania :
	// Trees
}

func ExampleRecords_broken() {
	file := strings.NewReader("<collection><record><leader/></record>" +
		`<record><datafield tag="245" ind1="1" ind2="0"><subfield code="a">Trees</subfield></datafield></record></collection>`)
	for rec, err := range marc.Records(file) {
		var broken *marc.RecordError
		switch {
		case errors.As(err, &broken):
			fmt.Printf("record %d, %q, is broken\n", broken.Number, broken.Data)
		case err != nil:
			fmt.Println(err) // the stream itself cannot be read any further
		default:
			fmt.Println(rec.Field("245").Subfield('a'))
		}
	}
	// Output:
	// record 1, "<record><leader/></record>", is broken
	// Trees
}

func ExampleRecord_AppendISO2709() {
	rec := &marc.Record{Fields: []marc.Field{
		{Tag: "001", Data: "17"},
		{Tag: "245", Ind1: '1', Ind2: '0', Subfields: []marc.Subfield{{Code: 'a', Text: "Bäume"}}},
	}}
	data, err := rec.AppendISO2709(nil)
	fmt.Printf("%q %v\n", data, err)
	// Output: "00064    a2200049   4500001000300000245001100003\x1e17\x1e10\x1faBäume\x1e\x1d" <nil>
}

func ExampleRecord_AppendMARCXML() {
	rec, err := marc.Parse([]byte("=LDR  00000nam\\a22\n=245  10$aOne & two\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := rec.AppendMARCXML(nil)
	fmt.Printf("%s %v\n", data, err)
	// Output: <record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a22</leader><datafield tag="245" ind1="1" ind2="0"><subfield code="a">One &amp; two</subfield></datafield></record> <nil>
}

func ExampleDecodeMARC8() {
	fmt.Println(marc.DecodeMARC8([]byte("Sami Frash\xe8eri")))
	// Output: Sami Frashëri <nil>
}

func ExampleEncodeMARC8() {
	text, err := marc.EncodeMARC8("Sami Frashëri")
	fmt.Printf("%q %v\n", text, err)
	// Output: "Sami Frash\xe8eri" <nil>
}
