package crosswalk

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// onlyDoc ends the sentence of each transform that makes a value standard.
const onlyDoc = " What is not understood stays as it is, with a note; with \"maybe\" without one; with \"only\" it falls away."

// valueTransforms bring values into the standard form of their kind.
var valueTransforms = []transform{
	{
		name: "date", args: "[day_first or month_first] [only or maybe]", doc: "reads a date as people and machines write it, and writes W3CDTF or, for intervals and uncertain dates, EDTF; no precision is made up." + onlyDoc,
		example: sample{[]string{"April 1957", "June 7, 1960", "once upon a time"}, "date", []string{"1957-04", "1960-06-07", "once upon a time"}},
		build:   buildDate,
	},
	{
		name: "marc_date", doc: "reads the nine characters 06-14 of field 008 (kind of date and two dates); blanks and fill characters give nothing, the unknown digits of 195u the decade.",
		example: sample{[]string{"s1957    ", "m19001922", "q19501959", "nuuuuuuuu"}, "marc_date", []string{"1957", "1900/1922", "1950/1959"}},
		build: func(*arguments) (stepFunc, error) {
			return func(r *run, in []item) []item { return r.marcDates(in) }, nil
		},
	},
	{
		name: "mods_interval", doc: "makes an EDTF interval of the two ends that MODS has, written START/END;QUALIFIER;QUALIFIER: each end keeps its approximate or questionable, uuuu is an end that is not known, 9999 one that has not come yet.",
		example: sample{[]string{"1951/2006;approximate;", "1759/uuuu;questionable;questionable", "2012/9999"}, "mods_interval", []string{"1951~/2006", "1759?/", "2012/.."}},
		build: func(*arguments) (stepFunc, error) {
			return func(_ *run, in []item) []item {
				for i := range in {
					in[i].text = modsInterval(in[i].text)
				}
				return in
			}, nil
		},
	},
	{
		name: "period", doc: "reads a period as DCMI encodes it (name=…; start=…; end=…) as an EDTF interval; anything else stays as it is, without a note.",
		example: sample{[]string{"name=The long drought; start=1929; end=1939;", "Middle Ages"}, "period", []string{"1929/1939", "Middle Ages"}},
		build:   recalling(normalPeriod),
	},
	{
		name: "language", args: "[only or maybe]", doc: "makes an ISO 639-3 code of a code, a BCP 47 tag or a name of a language in one of the big languages." + onlyDoc,
		example: sample{[]string{"en", "ger", "French"}, "language", []string{"eng", "deu", "fra"}},
		build:   recalling(normalLanguage),
	},
	{
		name: "codes", args: "NUMBER", doc: "cuts a text of packed codes into codes of that length (old MARC records write engfre); a text of another length stays.",
		example: sample{[]string{"engfre", "eng"}, "codes 3", []string{"eng", "fre"}},
		build:   buildCodes,
	},
	{
		name: "type", args: "[only or maybe]", doc: "makes a DCMI type of a type in the words of other vocabularies." + onlyDoc,
		example: sample{[]string{"journal article", "photograph"}, "type", []string{"Text", "StillImage"}},
		build:   recalling(normalType),
	},
	{
		name: "rights", args: "[only or maybe]", doc: "repairs the URIs of rightsstatements.org and Creative Commons, and recognises their names." + onlyDoc,
		example: sample{[]string{"https://www.rightsstatements.org/page/InC/1.0/?language=en"}, "rights", []string{"http://rightsstatements.org/vocab/InC/1.0/"}},
		build:   recalling(normalRights),
	},
	{
		name: "identifier", args: "[only or maybe]", doc: "recognises DOI, ISBN, ISSN, Handle, ARK, ORCID, ISNI, URN and URL, checks check digits and writes the usual form." + onlyDoc,
		example: sample{[]string{"doi:10.5555/ABC"}, "identifier", []string{"https://doi.org/10.5555/abc"}},
		build:   normalizing(normalIdentifier),
	},
	{
		name: "isbn", args: "[only or maybe]", doc: "makes an ISBN of 13 digits, without hyphens or what stands behind it in brackets." + onlyDoc,
		example: sample{[]string{"0-306-40615-2 (pbk.)"}, "isbn", []string{"9780306406157"}},
		build:   normalizing(normalOfKind(dublincore.ISBN)),
	},
	{
		name: "issn", args: "[only or maybe]", doc: "writes an ISSN with its hyphen." + onlyDoc,
		example: sample{[]string{"03785955"}, "issn", []string{"0378-5955"}},
		build:   normalizing(normalOfKind(dublincore.ISSN)),
	},
	{
		name: "doi", args: "[only or maybe]", doc: "writes a DOI as https://doi.org/…, in small letters." + onlyDoc,
		example: sample{[]string{"10.5555/ABC"}, "doi", []string{"https://doi.org/10.5555/abc"}},
		build:   normalizing(normalOfKind(dublincore.DOI)),
	},
	{
		name: "url", args: "[only or maybe]", doc: "keeps a web address as it is (spaces trimmed; only &amp; and a doubled DOI resolver are undone), and marks it as a URI." + onlyDoc,
		example: sample{[]string{" https://example.org/1 ", "see there"}, "url only", []string{"https://example.org/1"}},
		build:   normalizing(normalURL),
	},
	{
		name: "page", args: "[only or maybe]", doc: "makes the address of the page of an identifier that has a resolver: DOI, Handle, ARK, URN:NBN." + onlyDoc,
		example: sample{[]string{"hdl:1902.29/10438", "urn:nbn:de:101:1-201", "978-3-16-148410-0"}, "page only", []string{"https://hdl.handle.net/1902.29/10438", "https://nbn-resolving.org/urn:nbn:de:101:1-201"}},
		build:   normalizing(normalPage),
	},
	{
		name: "noted", doc: "leaves the value out, with a note that has its text: for what is there and has no place.",
		example: sample{[]string{"3"}, "noted", nil},
		build: func(*arguments) (stepFunc, error) {
			return each(func(r *run, s string) string {
				r.note(dublincore.UnknownElement, s)
				return ""
			}), nil
		},
	},
	{
		name: "inherited", doc: "notes of each value that it is that of what contains the thing, which says nothing of it itself.",
		example: sample{[]string{"1924/1947"}, "inherited", []string{"1924/1947"}},
		build: func(*arguments) (stepFunc, error) {
			return each(func(r *run, s string) string {
				r.note(dublincore.Inherited, s)
				return s
			}), nil
		},
	},
	{
		name: "href", doc: "takes the address of a link in HTML; what is no link stays as it is.",
		example: sample{[]string{`<a rel="license" href="http://creativecommons.org/licenses/by/4.0/">CC BY</a>`, "CC BY"}, "href", []string{"http://creativecommons.org/licenses/by/4.0/", "CC BY"}},
		build:   func(*arguments) (stepFunc, error) { return hrefs, nil },
	},
	{
		name: "each", args: "identifier, type or language", doc: "makes several values of a list in one element (with ; , | / or a word for \"and\" between them), if each of its parts is understood for itself; anything else stays as it is.",
		example: sample{[]string{"English and French", "English, in part"}, "each language", []string{"English", "French", "English, in part"}},
		build:   buildEach,
	},
}

// A normal is the result of a normalising function.
type normal struct {
	text   string
	scheme string
	kind   dublincore.NoteKind // what to note
	ok     bool                // understood
}

// normalizing builds the step of a normalising function, with its optional "only".
func normalizing(f func(string) normal) func(*arguments) (stepFunc, error) {
	return func(a *arguments) (stepFunc, error) {
		only := a.has("only")
		quiet := only || a.has("maybe")
		return func(r *run, in []item) []item {
			n := 0
			for i := range in {
				if !normalize(&in[i], f, quiet) && only {
					r.trace(r.rule, &in[i], -1, "not understood, and only what is understood is wanted")
					continue
				}
				if n != i {
					in[n] = in[i]
				}
				n++
			}
			return in[:n]
		}, nil
	}
}

// recalling is normalizing with a memory for each rule.
func recalling(f func(string) normal) func(*arguments) (stepFunc, error) {
	return func(a *arguments) (stepFunc, error) { return normalizing(remembering(f))(a) }
}

// Bounds of a memory of normalised texts.
const (
	maxRemembered = 2_000 // texts
	maxMemoryText = 100   // bytes of one
)

// remembering adds a memory to f, because the languages, types and rights of a source, and many of its dates, are the
// same few texts again and again.
func remembering(f func(string) normal) func(string) normal {
	var known sync.Map // text → normal
	var size atomic.Int32
	return func(s string) normal {
		if n, ok := known.Load(s); ok {
			return n.(normal)
		}
		n := f(s)
		if len(s) <= maxMemoryText && size.Load() < maxRemembered {
			if n.text == s {
				n.text = strings.Clone(s)
			}
			if _, loaded := known.LoadOrStore(strings.Clone(s), n); !loaded {
				size.Add(1)
			}
		}
		return n
	}
}

// normalize brings an item into standard form, and keeps the notes for later. It reports whether the text was
// understood; if quiet, there is no note that it was not.
func normalize(it *item, f func(string) normal, quiet bool) bool {
	text := strings.TrimSpace(it.text)
	if text == "" {
		return false
	}
	n := f(text)
	if n.kind != dublincore.NoNote && (n.ok || !quiet) {
		it.changes = append(it.changes, change{n.kind, it.text})
	}
	if !n.ok {
		return false
	}
	if n.text != it.text && it.original == "" {
		it.original = it.text
	}
	it.text, it.lang = n.text, ""
	if n.scheme != "" {
		it.scheme = n.scheme
	}
	return true
}

func buildCodes(a *arguments) (stepFunc, error) {
	size, err := a.number(1, 16)
	return func(_ *run, in []item) []item {
		var out []item
		for _, it := range in {
			s := strings.TrimSpace(it.text)
			if len(s)%size != 0 || len(s) == size || strings.ContainsAny(s, " ;,") {
				out = append(out, it)
				continue
			}
			for ; s != "" && len(out) < maxValues; s = s[size:] {
				part := it
				part.text = s[:size]
				out = append(out, part)
				it.changes = nil // noted once
			}
		}
		return out
	}, err
}
