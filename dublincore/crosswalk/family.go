package crosswalk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// formats has the family of readers for each format that a mapping can name.
var formats = []struct {
	name   string
	family family
	doc    string
}{
	{"listing", listingFamily{}, "a row of an archive's listing; selectors are its fields: title, date, summary, link, id, kind, row; and what its own page adds: detail.NAME, page"},
	{"oai_dc", dcFamily{dublincore.ParseOAIDC}, "simple Dublin Core in XML; selectors are terms: title, creator"},
	{"oai_qdc", dcFamily{dublincore.ParseQDC}, "qualified Dublin Core in XML; selectors are terms: title, issued"},
	{"marc21", marcFamily{}, "a MARC 21 record in ISO 2709, MARCXML or lines of =245 10$a…; selectors are MARC specs: 245$ab, 264_1$b, LDR/06, 008/35-37"},
	{"unimarc", marcFamily{}, "a UNIMARC record, in the same forms and with the same selectors"},
	{"mods", &xmlFamily{}, "MODS 3; selectors are paths"},
	{"datacite", &xmlFamily{}, "DataCite kernel 2 to 4; selectors are paths"},
	{"ead", &xmlFamily{}, "EAD 2002 and EAD3; selectors are paths"},
	{"lido", &xmlFamily{}, "LIDO 1.0 and 1.1; selectors are paths"},
	{"schemaorg", jsonldFamily{}, "schema.org JSON-LD, alone or in an HTML page, or else the meta tags of the page; selectors are dotted paths"},
	{"xml", &xmlFamily{}, "any XML; selectors are paths: titleInfo[@type=\"uniform\"]/title, //name, @href"},
	{"json", jsonFamily{}, "any JSON object; selectors are dotted paths: author.name, titles[0].title"},
	{"csv", csvFamily{}, "a header line and one row; selectors are column names"},
	{"html", htmlFamily{}, "an HTML page; selectors are CSS, with @attribute at the end for an attribute: \"div.meta > a@href\""},
}

func familyOf(name string) (family, bool) {
	for _, f := range formats {
		if f.name == name {
			return f.family, true
		}
	}
	return nil, false
}

func formatNames() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// familyState is the working memory of the readers, which is used again for the next original.
type familyState struct {
	marc *marcRecord
	xml  *xmlLoader
}

func (s *familyState) reset() {
	if s.marc != nil {
		s.marc.forget()
	}
	if s.xml != nil {
		s.xml.reset()
	}
}

// listingFamily reads rows of listings, of which all fields are known.
type listingFamily struct{ jsonFamily }

var listingFields = []string{"title", "date", "summary", "link", "id", "kind", "row", "page"}

func (f listingFamily) selector(c *compiler, text string, relative bool) (selector, error) {
	name := strings.TrimPrefix(text, "$.")
	known := listingFields
	if relative {
		known = append(slices.Clone(known), "value")
	}
	if !slices.Contains(known, name) && !strings.HasPrefix(name, "detail.") {
		return nil, &Error{File: c.file, Msg: fmt.Sprintf("%q is no field of a listing's row; its fields are %s, and detail.NAME of its own page", text, strings.Join(listingFields, ", ")),
			Hint: wording.Nearest(name, known)}
	}
	return f.jsonFamily.selector(c, text, relative)
}

// dcFamily reads Dublin Core in XML. Its selectors are terms; its nodes are *dublincore.Value.
type dcFamily struct {
	parse func([]byte) (*dublincore.Record, error)
}

// dcSelector selects the values of a term, or a property of one value.
type dcSelector struct {
	term     dublincore.Term
	property string // "lang" or "scheme" of the value in hand, if not empty
}

func (dcFamily) selector(c *compiler, text string, relative bool) (selector, error) {
	if relative && (text == "lang" || text == "scheme") {
		return dcSelector{property: text}, nil
	}
	t, ok := dublincore.TermNamed(text)
	if !ok {
		candidates := termNames()
		if relative {
			candidates = append(slices.Clone(candidates), "lang", "scheme", "value")
		}
		return nil, &Error{File: c.file, Msg: fmt.Sprintf("%q is no term of Dublin Core; a selector of %s is a term such as title or issued", text, c.format),
			Hint: wording.Nearest(text, candidates)}
	}
	return dcSelector{term: t}, nil
}

func (f dcFamily) open(r *run, original []byte) (node, error) {
	rec, err := f.parse(original)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	r.out.Notes = append(r.out.Notes, rec.Notes...)
	r.terms = 0
	for i := range rec.Values {
		r.terms |= 1 << rec.Values[i].Term
	}
	return rec, nil
}

func (dcFamily) label(n node) string {
	if v, ok := n.(*dublincore.Value); ok {
		return v.Term.String()
	}
	return ""
}

func (s dcSelector) find(r *run, from node, dst []item) []item {
	if s.property != "" {
		v, ok := from.(*dublincore.Value)
		if !ok {
			return dst
		}
		if s.property == "lang" {
			return append(dst, item{text: v.Lang, node: v})
		}
		return append(dst, item{text: v.Scheme, node: v})
	}
	if r.terms&(1<<s.term) == 0 { // most terms that a mapping asks for are in few records
		return dst
	}
	rec, ok := r.root.(*dublincore.Record)
	if !ok {
		return dst
	}
	for i := range rec.Values {
		if v := &rec.Values[i]; v.Term == s.term {
			dst = append(dst, item{text: v.Text, lang: v.Lang, scheme: v.Scheme, node: v})
		}
	}
	return dst
}
