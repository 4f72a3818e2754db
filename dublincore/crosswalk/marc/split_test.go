package marc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const book = `<record><leader>00000nam a22</leader><datafield tag="245" ind1="1" ind2="0"><subfield code="a">%s</subfield></datafield></record>`

// outcomes are the records of a stream: the title of each, or "!" and a word of its error; and the error of the
// stream behind "!!".
func outcomes(r io.Reader, limit int) (out []string) {
	for p, err := range split(r, limit) {
		var broken *RecordError
		switch {
		case errors.As(err, &broken):
			out = append(out, fmt.Sprintf("!%d %v", broken.Number, broken.Err))
			continue
		case err != nil:
			out = append(out, "!!"+err.Error())
			continue
		}
		rec, err := Parse(p.data)
		if err != nil {
			out = append(out, "!parse "+err.Error())
			continue
		}
		out = append(out, rec.Field("245").Subfield('a'))
	}
	return out
}

func TestSplit(t *testing.T) {
	one, two := fmt.Sprintf(book, "One"), fmt.Sprintf(book, "Two")
	iso := func(title string) string {
		rec := Record{Fields: []Field{{Tag: "245", Ind1: '1', Ind2: '0', Subfields: []Subfield{{'a', title}}}}}
		data, err := rec.AppendISO2709(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, c := range map[string]struct {
		stream string
		want   []string
	}{
		"empty":           {"", nil},
		"white space":     {" \n", nil},
		"ISO":             {iso("One") + iso("Two"), []string{"One", "Two"}},
		"ISO with mark":   {"\ufeff" + iso("One") + iso("Two"), []string{"One", "Two"}},
		"ISO with filler": {iso("One") + "\r\n" + iso("Two") + "\x1a\x00\n", []string{"One", "Two"}},
		"ISO broken":      {iso("One") + "nonsense\x1d" + iso("Two"), []string{"One", "!parse malformed: a MARC record has at least 26 bytes, not 9", "Two"}},
		"ISO cut":         {iso("One") + iso("Two")[:30], []string{"One", "!2 malformed: the MARC record has no end mark; it is cut short"}},
		"ISO too large":   {iso("One") + iso(strings.Repeat("a", 2000)) + iso("Two"), []string{"One", "!2 too large: the MARC record has more than 1000 bytes", "Two"}},
		"lines":           {"=LDR  x\n=245  10$aOne\n=LDR  x\r\n=245  10$aTwo\r\n\r\n\r\n=245  10$aThree", []string{"One", "Two", "Three"}},
		"lines broken":    {"=LDR  x\n=245  10$aOne\n\nnonsense\n\n=245  10$aTwo\n", []string{"One", "!parse malformed: a MARC record has at least 26 bytes, not 9", "Two"}},

		"XML":             {"<collection>" + one + two + "</collection>", []string{"One", "Two"}},
		"one record":      {one, []string{"One"}},
		"no records":      {"<collection/>", nil},
		"prefixes":        {`<?xml version="1.0"?><m:collection xmlns:m="urn:m">` + strings.NewReplacer("</", "</m:", "<", "<m:").Replace(one+two) + "</m:collection>", []string{"One", "Two"}},
		"nearest prefix":  {`<x:a xmlns:x="urn:a"><x:b xmlns:x='urn:b'><x:record xmlns:y="urn:y"><x:datafield tag="245"><x:subfield code="a">One</x:subfield></x:datafield></x:record></x:b></x:a>`, []string{"One"}},
		"OAI-PMH":         {`<OAI-PMH xmlns:m="urn:m"><ListRecords><record><header><identifier>1</identifier></header><metadata>` + one + `</metadata></record><record><header/><metadata>` + two + `</metadata></record></ListRecords></OAI-PMH>`, []string{"One", "Two"}},
		"in a comment":    {"<collection><!-- <record> -->" + one + "<!--" + two + "--></collection>", []string{"One"}},
		"in CDATA":        {"<collection>" + fmt.Sprintf(book, "<![CDATA[</record>]]]]>") + two + "</collection>", []string{"</record>]]", "Two"}},
		"sign in a value": {"<collection>" + strings.Replace(one, "<record>", `<record id="a>b">`, 1) + two + "</collection>", []string{"One", "Two"}},
		"not well-formed": {"<collection>" + fmt.Sprintf(book, "a<b's") + two + "</collection>",
			[]string{"!parse malformed: XML line 1, column 99: white space is missing in the tag <b>", "Two"}},
		"no end tag":       {"<collection>" + strings.TrimSuffix(one, "</record>") + two + "</collection>", []string{"!1 malformed: another record begins before the end tag of this one", "Two"}},
		"no last end tag":  {"<collection>" + one + strings.TrimSuffix(two, "</record>") + "</collection>", []string{"One", "!2 malformed: the MARCXML record has no end tag"}},
		"empty record":     {"<collection><record/>" + two + "</collection>", []string{"!parse malformed: the MARC record has no fields", "Two"}},
		"cut in a record":  {"<collection>" + one + two[:40], []string{"One", "!2 malformed: the MARCXML is cut short within a record"}},
		"cut in a tag":     {"<collection>" + one + two[:len(two)-3], []string{"One", "!2 malformed: the MARCXML is cut short within a record"}},
		"cut behind":       {"<collection>" + one, []string{"One", "!!read MARC records: malformed: the XML ends before the end tag of its element collection; it is cut short, and records may be missing"}},
		"fields outside":   {"<collection>" + one + `<datafield tag="245"/></collection>`, []string{"One", "!!read MARC records: malformed: fields of MARC stand outside the records of the XML, so a record may be missing"}},
		"another document": {"<html><body><p>Log in</p></body></html>", []string{"!!read MARC records: malformed: there is no element record in the XML; it is not MARCXML"}},
		"too deep":         {strings.Repeat("<a>", 70), []string{"!!read MARC records: malformed: the XML has more than 64 elements around its records; it is no collection of MARCXML"}},
		"XML too large":    {"<collection>" + one + fmt.Sprintf(book, strings.Repeat("a", 2000)) + two + "</collection>", []string{"One", "!2 too large: the MARC record has more than 1000 bytes", "Two"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outcomes(strings.NewReader(c.stream), 1000); !cmp.Equal(got, c.want) {
				t.Error(cmp.Diff(c.want, got))
			}
			if got := outcomes(iotest.OneByteReader(strings.NewReader(c.stream)), 1000); !cmp.Equal(got, c.want) {
				t.Errorf("byte by byte: %s", cmp.Diff(c.want, got))
			}
		})
	}
}

// TestSplitReadError: a stream that fails ends with its error, after the records that came whole.
func TestSplitReadError(t *testing.T) {
	failed := errors.New("the disk is gone")
	for _, stream := range []string{fmt.Sprintf(book, "One") + "<record>", "=245  10$aOne\n\n=245"} {
		got := outcomes(io.MultiReader(strings.NewReader(stream), iotest.ErrReader(failed)), 1000)
		if want := []string{"One", "!!read MARC records: the disk is gone"}; !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
	}
}

// TestSplitKeepsBytes: a broken record has its bytes and its place, so that it can be kept and looked at.
func TestSplitKeepsBytes(t *testing.T) {
	const stream = "=245  10$aOne\n\n=24\n\n=245  10$aThree\n"
	for _, err := range Records(strings.NewReader(stream)) {
		var broken *RecordError
		if !errors.As(err, &broken) {
			continue
		}
		if at := strings.Index(stream, "=24\n"); broken.Number != 2 || broken.Offset != int64(at) || string(broken.Data) != "=24\n" || !errors.Is(err, ErrMalformed) {
			t.Errorf("%+v", broken)
		}
		return
	}
	t.Error("the broken record made no error")
}

// TestSplitIsBounded reads a stream far larger than a record may be, of one record without an end: what is kept
// stays within the limit.
func TestSplitIsBounded(t *testing.T) {
	for name, begin := range map[string]string{"ISO 2709": "00000nam", "MARCXML": "<collection><record><leader>", "a comment": "<collection><record><!--", "a tag": "<collection><record "} {
		t.Run(name, func(t *testing.T) {
			endless := io.MultiReader(strings.NewReader(begin), io.LimitReader(letters{}, 8<<20))
			const limit = 1000
			for p, err := range split(endless, limit) {
				var broken *RecordError
				if err == nil || errors.As(err, &broken) && len(broken.Data) > limit || cap(p.data) > 16*limit {
					t.Errorf("%d bytes of a record, %v", cap(p.data), err)
				}
			}
		})
	}
}

type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// TestSplitAnyStream: whatever records follow each other in whatever form, each is found.
func TestSplitAnyStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var iso, xml, lines bytes.Buffer
		var want []string
		xml.WriteString(`<collection xmlns="` + Namespace + `">`)
		for range rapid.IntRange(1, 9).Draw(t, "records") {
			title := rapid.StringMatching(`[^\x00-\x1f\x{fffe}\x{ffff}&]{0,40}`).Draw(t, "title")
			rec := Record{Leader: "00000nam a2200000   4500", Fields: []Field{{Tag: "245", Ind1: '1', Ind2: ' ', Subfields: []Subfield{{'a', title}}}}}
			want = append(want, title)
			data, err := rec.AppendISO2709(nil)
			if err != nil {
				t.Fatal(err)
			}
			iso.Write(data)
			if data, err = rec.AppendMARCXML(nil); err != nil {
				t.Fatal(err)
			}
			xml.Write(data)
			lines.WriteString(rec.String() + rapid.SampledFrom([]string{"", "\n", "\r\n\n"}).Draw(t, "between"))
		}
		xml.WriteString("</collection>")
		for name, stream := range map[string]*bytes.Buffer{"ISO 2709": &iso, "MARCXML": &xml, "lines": &lines} {
			if got := outcomes(iotest.HalfReader(stream), MaxRecord); !cmp.Equal(got, want) {
				t.Fatalf("%s: %s", name, cmp.Diff(want, got))
			}
		}
	})
}
