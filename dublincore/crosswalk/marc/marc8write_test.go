package marc_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
)

func TestEncodeMARC8(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"ASCII":                 {"Moby Dick", "Moby Dick"},
		"diacritic":             {"Frashëri", "Frash\xe8eri"},
		"two diacritics":        {"Vi\u1ec7t", "Vi\xf2\xe3et"},
		"letters":               {"Łodz, straße, 5 €", "\xa1odz, stra\xc7e, 5 \xc8"},
		"ligature":              {"i\u0361a", "\xebi\xeca"},
		"double tilde":          {"n\u0360g", "\xfan\xfbg"},
		"Cyrillic":              {"Тирана!", "\x1b(NtIRANA\x1b(B!"},
		"two Cyrillic sets":     {"Київ", "\x1b(NkI\x1b(QG\x1b(NW\x1b(B"},
		"Hebrew points":         {"\u05d0\u05b8\u05d2", "\x1b(2A`b\x1b(B"},
		"Arabic":                {"كتاب", "\x1b(3cJGH\x1b(B"},
		"Greek":                 {"Αθήνα", "\x1b(SAk\"jpa\x1b(B"},
		"subscript":             {"H₂O", "H\x1bb2\x1bsO"},
		"superscript then more": {"m²Т", "m\x1bp2\x1bs\x1b(Nt\x1b(B"},
		"East Asian":            {"一 丁!", "\x1b$1!0! !0\"\x1b(B!"},
		"East Asian blank":      {"一\u3000丁", "\x1b$1!0!!#!!0\"\x1b(B"},
		"unknown letter":        {"ა", "&#x10D0;"},
		"unknown diacritic":     {"a\u0334", "a&#x334;"},
		"on an unknown letter":  {"ა\u0301", "&#x10D0;&#x301;"},
		"on an East Asian":      {"一\u0301", "\x1b$1!0!\x1b(B&#x301;"},
		"diacritic alone":       {"\u0301", "&#x301;"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := marc.EncodeMARC8(c.text)
			if err != nil || string(got) != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
	for _, text := range []string{"\xe8", "a\x1fb", "\x1b(N", "a\x00"} {
		if got, err := marc.EncodeMARC8(text); !errors.Is(err, marc.ErrMalformed) || got != nil {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

// marc8Texts are texts with what is difficult in MARC-8: letters of many sets beside each other, diacritics anywhere.
func marc8Texts() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{"a", "Z", " ", "\n", "&", ";", "ë", "Ł", "ß", "\u0301", "\u0308", "\u0361", "\u0360", "\u0334", "Т", "й", "ї", "א", "\u05b8",
		"ك", "\u064e", "\u0670", "گ", "θ", "ή", "₂", "²", "¹", "一", "丁", "가", "か", "が", "\u3000", "ა", "\u200d", "𐐷", "\u1100", "\u007f", "©", "♭", "\ufffd"})
	return rapid.Custom(func(t *rapid.T) string {
		var b bytes.Buffer
		for range rapid.IntRange(0, 24).Draw(t, "pieces") {
			b.WriteString(pieces.Draw(t, "piece"))
		}
		return b.String()
	})
}

// TestMARC8AnyRecord: a record that is written in MARC-8 is read as what it was, whatever stands beside what.
func TestMARC8AnyRecord(t *testing.T) {
	marked := 0
	rapid.Check(t, func(rt *rapid.T) {
		rec := &marc.Record{Leader: "00000nam", Fields: []marc.Field{{Tag: "245", Ind1: '1', Ind2: '0', Subfields: []marc.Subfield{
			{Code: 'a', Text: marc8Texts().Draw(rt, "title")}, {Code: 'b', Text: marc8Texts().Draw(rt, "rest")},
		}}}}
		data, err := rec.AppendMARC8(nil)
		if err != nil {
			rt.Fatal(err)
		}
		if bytes.Contains(data, []byte("\x1b(B")) {
			marked++
		}
		checkMARC8(rt, rec, data)
	})
	if marked == 0 {
		t.Error("no record had a character set beside ASCII")
	}
}

// TestMARC8LooksLikeUTF8: MARC-8 that is UTF-8 by chance is not taken for it.
func TestMARC8LooksLikeUTF8(t *testing.T) {
	rec := &marc.Record{Fields: []marc.Field{{Tag: "245", Ind1: ' ', Ind2: ' ', Subfields: []marc.Subfield{{Code: 'a', Text: "©♭"}}}}}
	plain, err := marc.EncodeMARC8("©♭")
	if err != nil || !utf8.Valid(plain) {
		t.Fatalf("%q, %v: this should look like UTF-8", plain, err)
	}
	data, err := rec.AppendMARC8(nil)
	if err != nil {
		t.Fatal(err)
	}
	checkMARC8(t, rec, data)
}

// TestMARC8OfCorpus: the records that libraries keep in MARC-8 and in UTF-8 come back as they were.
func TestMARC8OfCorpus(t *testing.T) {
	for _, name := range []string{"marc-perl--cjk1.marc", "qa-catalogue--serial.bnr.1993.mrc", "marc4j--bad_leaders_10_11.mrc"} {
		data, err := os.ReadFile(shared(t, "corpus/mrc/"+name))
		if err != nil {
			t.Fatal(err)
		}
		good, _, _ := readStream(t, data)
		for _, rec := range good {
			out, err := rec.AppendMARC8(nil)
			if err != nil && !errors.Is(err, marc.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			} else if err == nil {
				checkMARC8(t, rec, out)
			}
		}
		if len(good) == 0 {
			t.Errorf("%s has no records", name)
		}
	}
}

func checkMARC8(t rapid.TB, rec *marc.Record, data []byte) {
	t.Helper()
	again, err := marc.Parse(data)
	if err != nil {
		t.Fatalf("MARC-8 is not read again: %v\n%q", err, data)
	}
	if want := normal(rec.Fields); !sameFields(withSubfields(want), normal(again.Fields)) {
		t.Errorf("MARC-8 is read otherwise:\n%q\n%q\n%q", want, again.Fields, data)
	}
}

// normal gives fields whose texts are in normalisation form C, as those read from MARC-8 are.
func normal(fields []marc.Field) (out []marc.Field) {
	for _, f := range fields {
		f.Data = norm.NFC.String(f.Data)
		subs := f.Subfields
		f.Subfields = nil
		for _, s := range subs {
			f.Subfields = append(f.Subfields, marc.Subfield{Code: s.Code, Text: norm.NFC.String(s.Text)})
		}
		out = append(out, f)
	}
	return out
}
