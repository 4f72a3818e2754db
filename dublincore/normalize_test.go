package dublincore_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

type normalizer = func(string) (dublincore.Value, dublincore.NoteKind, bool)

var normalizers = map[string]normalizer{
	"date": func(s string) (dublincore.Value, dublincore.NoteKind, bool) {
		return dublincore.NormalizeDate(s, date.AnyOrder)
	},
	"language":   dublincore.NormalizeLanguage,
	"type":       dublincore.NormalizeType,
	"rights":     dublincore.NormalizeRights,
	"identifier": dublincore.NormalizeIdentifier,
}

// outcome puts what a normaliser says into one line.
func outcome(v dublincore.Value, note dublincore.NoteKind, ok bool) string {
	if !ok {
		return "- " + note.String()
	}
	s := v.Text + " " + v.Scheme
	if note != dublincore.NoNote {
		s += " " + note.String()
	}
	return s
}

func TestNormalize(t *testing.T) {
	for name, table := range map[string]map[string]string{
		"date": {
			"April 1957": "1957-04 W3CDTF normalized", "1957-04": "1957-04 W3CDTF", "1950s": "195X EDTF normalized", "1957/1961": "1957/1961 EDTF",
			"03/04/1957": "- ambiguous", "no date": "- not-understood", "1957-04-15T10:20Z": "1957-04-15T10:20Z W3CDTF",
		},
		"language": {
			"sq": "sqi ISO639-3 normalized", "sqi": "sqi ISO639-3", "alb": "sqi ISO639-3 normalized", "Albanian": "sqi ISO639-3 normalized",
			"shqip": "sqi ISO639-3 normalized", "Albanisch": "sqi ISO639-3 normalized", "албанский": "sqi ISO639-3 normalized", "en_US": "eng ISO639-3 normalized",
			"en-US": "eng ISO639-3 normalized", "zh-Hant": "zho ISO639-3 normalized", "fre": "fra ISO639-3 normalized", "français": "fra ISO639-3 normalized",
			"Französisch": "fra ISO639-3 normalized", "ger": "deu ISO639-3 normalized", "DEU": "deu ISO639-3 normalized", "Deutsch": "deu ISO639-3 normalized",
			"English.": "eng ISO639-3 normalized", "anglais": "eng ISO639-3 normalized", "inglés": "eng ISO639-3 normalized", "английский": "eng ISO639-3 normalized",
			"angielski": "eng ISO639-3 normalized", "anglisht": "eng ISO639-3 normalized", "Greek, Modern (1453-)": "ell ISO639-3 normalized",
			"iw": "heb ISO639-3 normalized", "zxx": "zxx ISO639-3", "mul": "mul ISO639-3", "sla": "sla ISO639-2", "cmn": "cmn ISO639-3", "aln": "aln ISO639-3",
			"http://id.loc.gov/vocabulary/iso639-2/eng": "eng ISO639-3 normalized", "русский": "rus ISO639-3 normalized", "中文": "zho ISO639-3 normalized",
			"und": "- not-understood", "": "- not-understood", "xx": "- not-understood", "Klingonese of Mars": "- not-understood", "qaa": "- not-understood",
			"engfre": "- not-understood", "e": "- not-understood", "en-": "- not-understood", "English and French": "- not-understood",
		},
		"type": {
			"Text": "Text DCMIType", "text": "Text DCMIType normalized", "Photographs": "StillImage DCMIType normalized", "Still Image": "StillImage DCMIType normalized",
			"StillImage": "StillImage DCMIType", "http://purl.org/dc/dcmitype/Sound": "Sound DCMIType normalized", "journal-article": "Text DCMIType normalized",
			"info:eu-repo/semantics/doctoralThesis": "Text DCMIType normalized", "http://purl.org/coar/resource_type/c_ddb1": "Dataset DCMIType normalized",
			"Fotografie": "StillImage DCMIType normalized", "рукопись": "Text DCMIType normalized", "Landkarte": "Image DCMIType normalized",
			"Memorandum of Conversation": "Text DCMIType normalized", "livres": "Text DCMIType normalized", "moving image": "MovingImage DCMIType normalized",
			"Physical Object": "PhysicalObject DCMIType normalized", "Interactive Resource": "InteractiveResource DCMIType normalized",
			"http://vocab.getty.edu/aat/300046300": "StillImage DCMIType normalized", "Event": "Event DCMIType", "Service": "Service DCMIType",
			"Software": "Software DCMIType", "Collection": "Collection DCMIType", "Dataset": "Dataset DCMIType", "Image": "Image DCMIType",
			"other": "- not-understood", "": "- not-understood", "textbook of photographs": "- not-understood", "s": "- not-understood",
		},
		"rights": {
			"http://rightsstatements.org/vocab/CNE/1.0/":                   "http://rightsstatements.org/vocab/CNE/1.0/ URI",
			"https://rightsstatements.org/vocab/CNE/1.0/":                  "http://rightsstatements.org/vocab/CNE/1.0/ URI repaired",
			"http://www.rightsstatements.org/vocab/CNE/1.0/":               "http://rightsstatements.org/vocab/CNE/1.0/ URI repaired",
			"http://rightsstatements.org/page/InC/1.0/":                    "http://rightsstatements.org/vocab/InC/1.0/ URI repaired",
			"http://rightsstatements.org/vocab/InC/1.0/?language=en":       "http://rightsstatements.org/vocab/InC/1.0/ URI repaired",
			"http://rightsstatements.org/vocab/NoC-US/1.0":                 "http://rightsstatements.org/vocab/NoC-US/1.0/ URI repaired",
			" http://rightsstatements.org/vocab/NKC/1.0/. ":                "http://rightsstatements.org/vocab/NKC/1.0/ URI repaired",
			"https://www.rightsstatements.org/page/inc-ow-eu/1.0?x=1;":     "http://rightsstatements.org/vocab/InC-OW-EU/1.0/ URI repaired",
			"http://rightsstatements.org/vocab/XYZ/1.0/":                   "- not-understood",
			"https://creativecommons.org/licenses/by-nc/4.0/deed.de":       "http://creativecommons.org/licenses/by-nc/4.0/ URI repaired",
			"http://creativecommons.org/licenses/by/3.0/us/":               "http://creativecommons.org/licenses/by/3.0/us/ URI",
			"http://creativecommons.org/licenses/by/4.0/legalcode":         "http://creativecommons.org/licenses/by/4.0/ URI repaired",
			"https://creativecommons.org/publicdomain/zero/1.0/":           "http://creativecommons.org/publicdomain/zero/1.0/ URI repaired",
			"http://creativecommons.org/licenses/by/9.0/":                  "- not-understood",
			"http://creativecommons.org/licenses/":                         "- not-understood",
			"CC BY-NC-ND 4.0":                                              "http://creativecommons.org/licenses/by-nc-nd/4.0/ URI normalized",
			"CC-BY 4.0":                                                    "http://creativecommons.org/licenses/by/4.0/ URI normalized",
			"CC0":                                                          "http://creativecommons.org/publicdomain/zero/1.0/ URI normalized",
			"Creative Commons Attribution-NonCommercial 4.0 International": "http://creativecommons.org/licenses/by-nc/4.0/ URI normalized",
			"Creative Commons Attribution-Non-Commercial-Share Alike 3.0":  "http://creativecommons.org/licenses/by-nc-sa/3.0/ URI normalized",
			"CC BY":                                    "- not-understood",
			"Copyright Not Evaluated":                  "http://rightsstatements.org/vocab/CNE/1.0/ URI normalized",
			"In Copyright":                             "http://rightsstatements.org/vocab/InC/1.0/ URI normalized",
			"info:eu-repo/semantics/openAccess":        "http://purl.org/coar/access_right/c_abf2 URI normalized",
			"http://purl.org/coar/access_right/c_16ec": "http://purl.org/coar/access_right/c_16ec URI",
			"© 1957 the archive":                       "- not-understood",
			"":                                         "- not-understood",
		},
		"identifier": {
			"10.1000/182": "https://doi.org/10.1000/182 URI normalized", "doi:10.1000/ABC": "https://doi.org/10.1000/abc URI normalized",
			"https://doi.org/10.1000/182": "https://doi.org/10.1000/182 URI", "http://dx.doi.org/https://doi.org/10.34416/svc.00029": "https://doi.org/10.34416/svc.00029 URI normalized",
			"DOI: 10.1000/182.": "https://doi.org/10.1000/182 URI normalized", "10.1002/(SICI)1097": "https://doi.org/10.1002/(sici)1097 URI normalized",
			"https://doi.org/10.1000%2F182": "https://doi.org/10.1000/182 URI normalized", "10.1000/a<b>": "https://doi.org/10.1000/a%3Cb%3E URI normalized",
			"10.1/x": "- not-understood", "10.1000/": "- not-understood", "11.1000/1": "- not-understood",
			"3-16-148410-X": "9783161484100 ISBN normalized", "978-3-16-148410-0": "9783161484100 ISBN normalized", "9783161484100": "9783161484100 ISBN",
			"ISBN 3-16-148410-X (pbk.)": "9783161484100 ISBN normalized", "urn:isbn:9783161484100": "9783161484100 ISBN normalized", "URN:ISBN:3-16-148410-X": "9783161484100 ISBN normalized",
			"978-3-16-148410-1": "- bad-check-digit", "316148410X": "- not-understood", "3 16 148410 X": "9783161484100 ISBN normalized", "ISBN 3-16-148410-0": "- bad-check-digit",
			"0378-5955": "0378-5955 ISSN", "ISSN 0378-5955": "0378-5955 ISSN normalized", "issn:03785955": "0378-5955 ISSN normalized", "2434-561X": "2434-561X ISSN",
			"0378-5956": "- bad-check-digit", "1957-1961": "- not-understood", "03785955": "- not-understood",
			"http://hdl.handle.net/10138/331330": "https://hdl.handle.net/10138/331330 URI normalized", "hdl:10138/331330": "https://hdl.handle.net/10138/331330 URI normalized",
			"10138/331330":             "- not-understood",
			"ark:/12148/btv1b8449691v": "https://n2t.net/ark:/12148/btv1b8449691v URI normalized", "https://n2t.net/ark:/12148/btv1b8449691v": "https://n2t.net/ark:/12148/btv1b8449691v URI",
			"https://gallica.bnf.fr/ark:/12148/btv1b8449691v": "https://gallica.bnf.fr/ark:/12148/btv1b8449691v URI",
			"0000-0002-1825-0097":                             "https://orcid.org/0000-0002-1825-0097 URI normalized", "https://orcid.org/0000-0002-1825-0097": "https://orcid.org/0000-0002-1825-0097 URI",
			"orcid:0000000218250097": "https://orcid.org/0000-0002-1825-0097 URI normalized", "0000-0002-1825-0098": "- bad-check-digit",
			"ISNI 0000 0001 2103 2683":      "https://isni.org/isni/0000000121032683 URI normalized",
			"urn:nbn:de:101:1-201102033592": "urn:nbn:de:101:1-201102033592 URI", "URN:NBN:fi-fe2021": "urn:nbn:fi-fe2021 URI normalized",
			"HTTP://Example.ORG:80/A?b=c#d": "http://example.org/A?b=c#d URI normalized", "https://example.org/": "https://example.org/ URI",
			"javascript:alert(1)": "- not-understood", "http://": "- not-understood", "http://user@example.org/": "- not-understood",
			"call number 12": "- not-understood", "": "- not-understood", "http://exa mple.org/": "- not-understood",
		},
	} {
		for text, want := range table {
			t.Run(name+"/"+text, func(t *testing.T) {
				v, note, ok := normalizers[name](text)
				if got := outcome(v, note, ok); got != want {
					t.Errorf("%q: %s, want %s", text, got, want)
				}
				if ok && v.Text != text && v.Original != text {
					t.Errorf("%q: the original is lost: %+v", text, v)
				}
				if !ok && v.Text != text {
					t.Errorf("%q was not understood, but became %q", text, v.Text)
				}
			})
		}
	}
}

func TestResourceType(t *testing.T) {
	got, ok := dublincore.ParseType("Photograph")
	want := dublincore.ResourceType{DCMI: "StillImage", AAT: "http://vocab.getty.edu/aat/300046300"}
	if !ok || got != want {
		t.Errorf("%+v", got)
	}
	got, ok = dublincore.ParseType("http://purl.org/coar/resource_type/c_db06")
	if !ok || got.DCMI != "Text" || got.COAR != "http://purl.org/coar/resource_type/c_db06" {
		t.Errorf("%+v", got)
	}
}

func TestLanguageCodes(t *testing.T) {
	for text, want := range map[string]dublincore.LanguageCodes{
		"alb":     {ISO6393: "sqi", ISO6392: "sqi", BCP47: "sq"},
		"zh-hant": {ISO6393: "zho", ISO6392: "zho", BCP47: "zh-Hant"},
		"cmn":     {ISO6393: "cmn", BCP47: "cmn"},
		"sla":     {ISO6392: "sla", BCP47: "sla"},
		"pt_BR":   {ISO6393: "por", ISO6392: "por", BCP47: "pt-BR"},
	} {
		if got, ok := dublincore.ParseLanguage(text); !ok || got != want {
			t.Errorf("%s: %+v %v", text, got, ok)
		}
	}
}

func TestIdentifierKindParse(t *testing.T) {
	for _, test := range []struct {
		kind       dublincore.IdentifierKind
		text, want string
	}{
		{dublincore.ISSN, "03785955", "0378-5955"},
		{dublincore.ISBN, "316148410X", "9783161484100"},
		{dublincore.Handle, "10138/331330", "10138/331330"},
		{dublincore.ORCID, "0000000218250097", "0000-0002-1825-0097"},
		{dublincore.DOI, "10.1000/182", "10.1000/182"},
		{dublincore.URL, "https://example.org/", "https://example.org/"},
		{dublincore.ISSN, "9783161484100", ""},
		{dublincore.DOI, "https://example.org/", ""},
	} {
		id, ok := test.kind.Parse(test.text)
		if id.Value != test.want || ok != (test.want != "") {
			t.Errorf("%v %s: %+v %v", test.kind, test.text, id, ok)
		}
	}
}

// TestNormalizersAreFixedPoints: what a normaliser made, it takes for what it is.
func TestNormalizersAreFixedPoints(t *testing.T) {
	seeds := []string{"7 June 1960", "ca. 195-", "Französisch", "en_GB", "Photographs", "CC BY 4.0", "https://rightsstatements.org/page/InC/1.0",
		"doi:10.1000/A%20b", "ISBN 3-16-148410-X", "hdl:1/a b", "ark:12148/x", "http://EXAMPLE.org/%7e", "44 BC", "URN:ISBN:9783161484100"}
	for name, normalize := range normalizers {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				text := rapid.OneOf(rapid.SampledFrom(seeds), texts(),
					rapid.StringMatching(`(doi:|10\.[0-9]{4}/|ark:/[0-9]{5}/|hdl:[0-9]{4}/|https?://[a-z.]{1,9}/|urn:[a-z]{2,4}:)[!-~]{1,12}`),
					rapid.StringMatching(`(http://)?creativecommons.org/licenses/(by|by-nc)/[34].0/?[a-z]{0,2}/?(deed)?`)).Draw(t, "text")
				v, _, ok := normalize(text)
				if !ok {
					return
				}
				again, note, ok := normalize(v.Text)
				if !ok || again.Text != v.Text || again.Scheme != v.Scheme || note != dublincore.NoNote || again.Original != "" {
					t.Fatalf("%q became %q (%s), then %q (%s, %v, %v)", text, v.Text, v.Scheme, again.Text, again.Scheme, note, ok)
				}
			})
		})
	}
}

func TestCleanText(t *testing.T) {
	for text, want := range map[string]string{
		"plain text":                  "plain text",
		"  two\n\tlines ":             "two lines [whitespace-cleaned]",
		"<p>One</p><p>two</p>":        "One two [html-stripped whitespace-cleaned]",
		"H<sub>2</sub>O &amp; more":   "H2O & more [html-stripped]",
		"Caf&eacute; &amp;eacute;":    "Café é [html-stripped]",
		"a < b and c > d":             "a < b and c > d",
		"Letter <of> 1957":            "Letter <of> 1957",
		"AT&T; R&D":                   "AT&T; R&D",
		"x<script>alert(1)</script>y": "x y [html-stripped]",
		"x<!-- no -->y":               "xy [html-stripped]",
		"&lt;b&gt;bold&lt;/b&gt;":     "bold [html-stripped]",
		"a\u0003b\ufeff":              "ab [controls-removed]",
		"e\u0301":                     "é [recomposed]",
		"non\u00a0breaking":           "non breaking [whitespace-cleaned]",
		"bad \xff byte":               "bad \ufffd byte [controls-removed]",
		"<jats:p>One <jats:italic>two</jats:italic></jats:p>":                    "One two [html-stripped whitespace-cleaned]",
		"<a href=\"x\">link</a>":                                                 "link [html-stripped]",
		"See <a class='x' href='https://example.org/more?a=1&amp;b=2'>here</a>.": "See here (https://example.org/more?a=1&b=2). [html-stripped]",
		"<a href=\"https://example.org/\">https://example.org</a>":               "https://example.org [html-stripped]",
		"<a href=\"javascript:alert(1)\">x</a> <a href='#n1'>y</a>":              "x y [html-stripped]",
		"<img src='m.png' alt='A map'> of 1957":                                  "A map of 1957 [html-stripped whitespace-cleaned]",
		"10<sup>6</sup> m<SUP>-2</SUP>, the 19<sup>th</sup>":                     "10⁶ m⁻², the 19th [html-stripped]",
		"<jats:ext-link href='https://example.org/x'>One</jats:ext-link>":        "One (https://example.org/x) [html-stripped]",
		"می\u200cخواهم":                                                          "می\u200cخواهم",
		"":                                                                       "",
		"&#0;&#x3;":                                                              "\ufffd [html-stripped controls-removed]",
	} {
		got, notes := dublincore.CleanText(text)
		if len(notes) > 0 {
			got += " " + fmt.Sprint(notes)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCleanTextIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(texts(), rapid.StringMatching(`([ab <>/&;]|&amp;|&lt;|&gt;|<p>|</b>|&#38;|#60;|lt;|amp;|<!--|-->){0,14}`)).Draw(t, "text")
		once, notes := dublincore.CleanText(text)
		if twice, more := dublincore.CleanText(once); twice != once || len(more) > 0 {
			t.Fatalf("%q became %q, then %q %v", text, once, twice, more)
		}
		if (len(notes) == 0) != (once == text) {
			t.Fatalf("%q became %q with the notes %v", text, once, notes)
		}
	})
}

func TestClean(t *testing.T) {
	r := dublincore.Record{}
	r.Add(dublincore.Value{Term: dublincore.Title, Text: "<b>A</b>", Lang: "eng"})
	r.Add(dublincore.Value{Term: dublincore.Title, Text: "A", Lang: "en"})
	r.Add(dublincore.Value{Term: dublincore.Subject, Text: " ", Lang: "Martian"})
	r.Clean()
	if len(r.Values) != 1 || r.Values[0] != (dublincore.Value{Term: dublincore.Title, Text: "A", Lang: "en"}) {
		t.Errorf("%+v", r.Values)
	}
	for _, kind := range []dublincore.NoteKind{dublincore.HTMLStripped, dublincore.DuplicateDropped, dublincore.WhitespaceCleaned,
		dublincore.EmptyDropped, dublincore.BadLanguageTag} {
		if !slices.ContainsFunc(r.Notes, func(n dublincore.Note) bool { return n.Kind == kind }) {
			t.Errorf("no note %v in %+v", kind, r.Notes)
		}
	}
}

func fuzzNormalizer(f *testing.F, normalize normalizer, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, note, ok := normalize(text)
		if !ok {
			if v.Text != text || note == dublincore.NoNote {
				t.Errorf("%q: not understood, but %+v %v", text, v, note)
			}
			return
		}
		again, note, ok := normalize(v.Text)
		if !ok || again.Text != v.Text || note != dublincore.NoNote {
			t.Errorf("%q became %q, then %+v %v", text, v.Text, again, note)
		}
	})
}

func FuzzNormalizeLanguage(f *testing.F) {
	fuzzNormalizer(f, dublincore.NormalizeLanguage, "alb", "zh-Hant", "Greek, Modern (1453-)", "i-klingon", "en-x-private")
}

func FuzzNormalizeIdentifier(f *testing.F) {
	fuzzNormalizer(f, dublincore.NormalizeIdentifier, "doi:10.1000/A%20b", "ISBN 3-16-148410-X (pbk.)", "ark:/12148/x", "http://[::1]/a?b#c",
		"urn:nbn:de:101", "0000-0002-1825-0097", "hdl:1/2")
}

func FuzzNormalizeRights(f *testing.F) {
	fuzzNormalizer(f, dublincore.NormalizeRights, "https://www.rightsstatements.org/page/InC/1.0?x", "CC BY-NC 4.0", "cc by 3.0 us")
}

func FuzzNormalizeType(f *testing.F) {
	fuzzNormalizer(f, dublincore.NormalizeType, "maps (documents)", "http://purl.org/coar/resource_type/c_6501", "info:eu-repo/semantics/article", "Texts.")
}

func FuzzCleanText(f *testing.F) {
	f.Add("<p>A &amp;lt; b</p>")
	f.Fuzz(func(t *testing.T, text string) {
		once, _ := dublincore.CleanText(text)
		if len(text) > 60 {
			return // more layers than are looked for
		}
		if twice, _ := dublincore.CleanText(once); twice != once {
			t.Errorf("%q became %q, then %q", text, once, twice)
		}
	})
}

// TestNormalizeOdd are values that were once read wrongly, or not.
func TestNormalizeOdd(t *testing.T) {
	for name, test := range map[string]struct {
		normalize normalizer
		values    map[string]string // empty: not understood
	}{
		"rights": {dublincore.NormalizeRights, map[string]string{
			"creativecommons.org/licenses/by/4.0":                       "http://creativecommons.org/licenses/by/4.0/",
			"www.rightsstatements.org/vocab/InC/1.0/":                   "http://rightsstatements.org/vocab/InC/1.0/",
			"Attribution-NonCommercial-NoDerivatives 4.0 International": "http://creativecommons.org/licenses/by-nc-nd/4.0/",
			"Creative Commons Attribution Non-Commercial 3.0 Unported":  "http://creativecommons.org/licenses/by-nc/3.0/",
			"Creative Commons Attribution Share Alike 4.0":              "http://creativecommons.org/licenses/by-sa/4.0/",
			"Creative Commons Attribution Commercial 4.0":               "",
			"http://creativecommons.org/licenses/nc/4.0/":               "",
			"http://creativecommons.org/licenses/nc/1.0/":               "http://creativecommons.org/licenses/nc/1.0/",
			"attribution": "", "Public Domain": "", "example.org/licenses/by/4.0": "",
		}},
		"identifiers": {dublincore.NormalizeIdentifier, map[string]string{
			"979-0-2600-0043-8": "", "ISBN 979-0-2600-0043-8": "", "979-10-90636-07-1": "9791090636071",
			"https://doi.org/10.1000/182?locatt=x": "https://doi.org/10.1000/182", "10.1000/182?x": "https://doi.org/10.1000/182%3Fx",
			"https://portal.issn.org/resource/ISSN/2434-561X": "2434-561X", "http://bücher.example/a": "http://xn--bcher-kva.example/a",
			"http://a_b.example.org/": "http://a_b.example.org/", "https://example.org:8080/x": "https://example.org:8080/x",
		}},
		"types": {dublincore.NormalizeType, map[string]string{
			"maps (documents)": "Image", "Letters (correspondence)": "Text", "photographs (visual works)": "StillImage", "paper (material)": "",
			"http://vocab.getty.edu/page/aat/300028094": "Image", "carte": "", "file": "", "Magazine": "Text",
		}},
	} {
		for text, want := range test.values {
			v, _, ok := test.normalize(text)
			if ok != (want != "") || ok && v.Text != want {
				t.Errorf("%s: %q is %q, %v, want %q", name, text, v.Text, ok, want)
			}
		}
	}
}
