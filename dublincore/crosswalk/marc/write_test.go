package marc_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

// records makes records such as no form refuses for its size, with what may stand in their texts.
func records() *rapid.Generator[*marc.Record] {
	text := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z ,.:;/$\\&<>"'-]{0,30}`),
		rapid.SampledFrom([]string{"Frashëri", "東京", "e\u0301", "&#x41F;", "&amp;", "\r\n\t", "]]>", "\ufffd", "\ufeff", "  "}),
		rapid.String(),
	)
	sign := rapid.SampledFrom([]byte(" 0123456789abcxyz\"<&|"))
	return rapid.Custom(func(t *rapid.T) *marc.Record {
		rec := &marc.Record{Leader: rapid.StringMatching(`[0-9a-z# ]{0,26}`).Draw(t, "leader")}
		for range rapid.IntRange(0, 8).Draw(t, "fields") {
			if rapid.Bool().Draw(t, "control") {
				rec.Fields = append(rec.Fields, marc.Field{Tag: rapid.StringMatching(`00[1-9]|FMT`).Draw(t, "tag"), Data: text.Draw(t, "data")})
				continue
			}
			f := marc.Field{Tag: rapid.StringMatching(`[1-9][0-9]{2}|CAT|00[1-9]`).Draw(t, "tag"), Ind1: sign.Draw(t, "ind1"), Ind2: sign.Draw(t, "ind2")}
			for range rapid.IntRange(0, 4).Draw(t, "subfields") {
				f.Subfields = append(f.Subfields, marc.Subfield{Code: sign.Draw(t, "code"), Text: text.Draw(t, "text")})
			}
			rec.Fields = append(rec.Fields, f)
		}
		return rec
	})
}

// TestWriteAnyRecord: what is written is read as what it was. Reading makes blanks of the signs for a blank
// indicator, and resolves references, so the record is first brought into the form that reading gives it.
func TestWriteAnyRecord(t *testing.T) {
	written := 0
	rapid.Check(t, func(rt *rapid.T) {
		rec := records().Draw(rt, "record")
		xml, err := rec.AppendMARCXML(nil)
		if err != nil {
			if !errors.Is(err, marc.ErrMalformed) || len(xml) > 0 {
				rt.Fatalf("%d bytes with the error %v", len(xml), err)
			}
			return
		}
		again, err := marc.Parse(xml)
		if err != nil {
			rt.Fatalf("%v\n%s", err, xml)
		}
		written++
		checkForms(t, again)
	})
	if written == 0 {
		t.Error("no record was written")
	}
}

// TestWriteRefuses: a record that a form has no room for is an error that says why, not other bytes.
func TestWriteRefuses(t *testing.T) {
	field := func(tag, text string) marc.Field {
		return marc.Field{Tag: tag, Ind1: '1', Subfields: []marc.Subfield{{Code: 'a', Text: text}}}
	}
	long := field("500", strings.Repeat("a", 9_000))
	for name, c := range map[string]struct {
		fields   []marc.Field
		iso, xml string // what the errors say; empty if the form takes the record
	}{
		"none":                {nil, "has no fields", "has no fields"},
		"tag":                 {[]marc.Field{field("24", "x")}, "a tag has three signs", "a tag has three signs"},
		"tag of letters":      {[]marc.Field{field("東", "x")}, "a tag has three signs", "a tag has three signs"},
		"code":                {[]marc.Field{{Tag: "245", Subfields: []marc.Subfield{{Code: 0xE8, Text: "x"}}}}, "code", "code"},
		"indicator":           {[]marc.Field{{Tag: "245", Ind1: 0xE8, Subfields: []marc.Subfield{{Code: 'a', Text: "x"}}}}, "indicators", "indicators"},
		"data beside":         {[]marc.Field{{Tag: "245", Data: "x", Subfields: []marc.Subfield{{Code: 'a', Text: "x"}}}}, "beside", "beside"},
		"not UTF-8":           {[]marc.Field{field("245", "\xe8")}, "cannot be written", "cannot be written"},
		"mark":                {[]marc.Field{field("245", "a\x1fb")}, "cannot be written", "cannot be written"},
		"escape":              {[]marc.Field{{Tag: "001", Data: "\x1b(N"}}, "cannot be written", "cannot be written"},
		"bell":                {[]marc.Field{field("245", "\a")}, "", "cannot be written"},
		"subfields in 001":    {[]marc.Field{field("001", "x")}, "from 001 to 009", ""},
		"long field":          {[]marc.Field{field("500", strings.Repeat("a", 10_000))}, "room for 9999", ""},
		"long record":         {[]marc.Field{long, long, long, long, long, long, long, long, long, long, long, long}, "room for 99999", ""},
		"zero for a blank":    {[]marc.Field{field("245", "x")}, "", ""},
		"field without parts": {[]marc.Field{{Tag: "245", Ind1: ' ', Ind2: ' '}}, "has no fields", ""},
	} {
		t.Run(name, func(t *testing.T) {
			rec := &marc.Record{Fields: c.fields}
			checkRefusal(t, rec.AppendISO2709, c.iso)
			checkRefusal(t, rec.AppendMARCXML, c.xml)
		})
	}
}

func checkRefusal(t *testing.T, write func([]byte) ([]byte, error), want string) {
	t.Helper()
	out, err := write([]byte("before"))
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("error %v, want one that says %q", err, want)
	}
	if err != nil && string(out) != "before" {
		t.Errorf("%q was written beside an error", out)
	}
}

// TestWriteLeader: ISO 2709 computes some positions of the leader, and keeps the others.
func TestWriteLeader(t *testing.T) {
	for leader, want := range map[string]string{
		"99999cam  3399999ia 9999":         "00044cam a2200037ia 4500",
		"":                                 "00044    a2200037   4500",
		"00000nam":                         "00044nam a2200037   4500",
		"00000nam  2200000   4500and more": "00044nam a2200037   4500",
		"00000ñam 2200000   4500":          "00044??ama2200037   4500",
	} {
		rec := &marc.Record{Leader: leader, Fields: []marc.Field{{Tag: "001", Data: "12345"}}}
		data, err := rec.AppendISO2709(nil)
		if err != nil || string(data[:24]) != want {
			t.Errorf("%q becomes %.24q, %v; want %q", leader, data, err, want)
		}
	}
}
