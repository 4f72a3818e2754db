package dublincore

import (
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"

	"github.com/sheaf-gateway/sheaf/dublincore/date"
)

// Namespaces and schema of oai_dc (OAI-PMH 2.0, implementation guidelines).
const (
	NamespaceOAIDC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
	SchemaOAIDC    = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

	namespaceDC    = "http://purl.org/dc/elements/1.1/"
	namespaceTerms = "http://purl.org/dc/terms/"
	namespaceXSI   = "http://www.w3.org/2001/XMLSchema-instance"
	namespaceXML   = "http://www.w3.org/XML/1998/namespace"
)

const (
	oaidcOpen = `<oai_dc:dc xmlns:oai_dc="` + NamespaceOAIDC + `" xmlns:dc="` + namespaceDC +
		`" xmlns:xsi="` + namespaceXSI + `" xsi:schemaLocation="` + NamespaceOAIDC + ` ` + SchemaOAIDC + `">`
	oaidcClose = `</oai_dc:dc>`
)

// AppendOAIDC appends the record as one self-contained oai_dc element: the fifteen elements in the
// order of [Elements], refinements as the element that they refine, the landing page as an identifier, and no
// statement twice. Terms that oai_dc has no place for are left out. Characters that XML 1.0 forbids are left out too;
// markup in a value is escaped, so that it stays text.
//
// A date that W3CDTF cannot say (a decade, "ca. 1957") is written as the source wrote it; a range of two plain dates
// as in ISO 8601 (1957/1961).
func (r *Record) AppendOAIDC(dst []byte) []byte {
	w := xmlWriter{dst: append(dst, oaidcOpen...)}
	r.eachForXML(func(t Term, v *Value) {
		if element := t.Element(); element != noTerm {
			w.write("dc:", element, simpleText(v), v.Lang, "")
		}
	})
	return append(w.dst, oaidcClose...)
}

// eachForXML calls write with each value in canonical order. The landing page comes as the last of the identifiers.
func (r *Record) eachForXML(write func(Term, *Value)) {
	values := r.canonical()
	split := 0
	for split < len(values) && values[split].Term <= Identifier {
		write(values[split].Term, &values[split])
		split++
	}
	for i := split; i < len(values); i++ {
		if values[i].Term == Landing {
			v := values[i]
			v.Scheme = "URI"
			write(Identifier, &v)
		}
	}
	for i := split; i < len(values) && values[i].Term < Landing; i++ {
		write(values[i].Term, &values[i])
	}
}

// An xmlWriter writes statements, none of them twice. All statements of one name must come one after the other.
type xmlWriter struct {
	dst  []byte
	name Term // of the last statement
	said distinct
}

func (w *xmlWriter) write(prefix string, name Term, text, lang, scheme string) {
	if name != w.name {
		w.name = name
		w.said.reset()
	}
	text = xmlscan.Clean(text)
	if !xmlscan.IsLanguage(lang) {
		lang = ""
	}
	if text == "" || !w.said.add(saying{text, lang, scheme}) {
		return
	}
	dst := append(append(append(w.dst, '<'), prefix...), name.String()...)
	if lang != "" {
		dst = append(append(append(dst, ` xml:lang="`...), lang...), '"')
	}
	if scheme != "" {
		dst = append(append(append(dst, ` xsi:type="dcterms:`...), scheme...), '"')
	}
	dst = xmlscan.AppendText(append(dst, '>'), text)
	dst = append(append(append(dst, '<', '/'), prefix...), name.String()...)
	w.dst = append(dst, '>')
}

// simpleText is the text of the value for simple Dublin Core, which has no encoding schemes to announce EDTF with.
func simpleText(v *Value) string {
	if v.Scheme != "EDTF" || v.Original == "" {
		return v.Text
	}
	if d, err := date.ParseEDTF(v.Text); err == nil {
		if _, ok := d.ISO8601(); ok {
			return v.Text
		}
	}
	return v.Original
}

// distinct remembers statements: in a short list, or in a map if there are many. Papers with three thousand authors
// exist.
type distinct struct {
	few  []saying
	many map[saying]bool
}

type saying struct{ text, lang, scheme string }

func (d *distinct) reset() {
	d.few = d.few[:0]
	d.many = nil
}

// add remembers a statement, and reports whether it is new.
func (d *distinct) add(s saying) bool {
	if d.many != nil {
		if d.many[s] {
			return false
		}
		d.many[s] = true
		return true
	}
	for _, said := range d.few {
		if said == s {
			return false
		}
	}
	d.few = append(d.few, s)
	if len(d.few) > 64 {
		d.many = make(map[saying]bool, 256)
		for _, said := range d.few {
			d.many[said] = true
		}
	}
	return true
}
