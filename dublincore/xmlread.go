package dublincore

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Bounds on an XML record. The largest seen in the wild, with thousands of authors, are well below.
const (
	maxXMLBytes  = 16 << 20
	maxXMLDepth  = 64
	maxXMLValues = 50_000
	maxXMLNotes  = 1_000
)

// ParseOAIDC reads one oai_dc element (the root of data; XML in UTF-8, at most 16 MiB, 50,000 values).
//
// It takes what is understandable: elements in a wrong namespace or none by their local name,
// refinements beside the fifteen, CDATA, and the text of markup inside a value. Elements that are no
// terms and text between elements are ignored; all that is noted on the record. Values are trimmed,
// put into NFC, and given once; nothing else is normalised. The error says why data is no XML.
func ParseOAIDC(data []byte) (*Record, error) {
	r, err := parseXML(data)
	if err != nil {
		return nil, fmt.Errorf("read oai_dc: %w", err)
	}
	return r, nil
}

// ParseQDC reads one element of qualified Dublin Core: OCLC's and DSpace's qualifieddc, or any other
// root with terms below it. Encoding schemes come from xsi:type, or from a plain type attribute.
// Otherwise it is like ParseOAIDC.
func ParseQDC(data []byte) (*Record, error) {
	r, err := parseXML(data)
	if err != nil {
		return nil, fmt.Errorf("read qualified Dublin Core: %w", err)
	}
	return r, nil
}

var (
	errXMLBig    = errors.New("larger than 16 MiB")
	errXMLDeep   = errors.New("nested more than 64 elements deep")
	errXMLMany   = errors.New("more than 50,000 values")
	errXMLNoRoot = errors.New("no element")
)

func parseXML(data []byte) (*Record, error) {
	if len(data) > maxXMLBytes {
		return nil, errXMLBig
	}
	p := xmlReader{in: newXMLTokens(data), record: &Record{Values: make([]Value, 0, 16)}}
	if err := p.run(); err != nil {
		return nil, err
	}
	p.record.Dedupe()
	return p.record, nil
}

// An xmlReader is where a parse stands: between values (inside one or more containers), in a value,
// or in an element that is ignored.
type xmlReader struct {
	in     *xmlTokens
	record *Record
	depth  int

	value      Value  // the one being read, if its Term is set
	valueDepth int    // depth of its element
	text       []byte // of it, so far
	ignored    int    // depth of the element being ignored, or 0
	langs      []string
}

func (p *xmlReader) run() error {
	roots := 0
	for {
		kind, err := p.in.next()
		if err != nil {
			return err
		}
		switch kind {
		case xmlStart:
			if p.depth++; p.depth > maxXMLDepth {
				return errXMLDeep
			}
			roots++
			if err := p.start(); err != nil {
				return err
			}
		case xmlEnd:
			p.end()
			p.depth--
		case xmlText:
			p.chars()
		case xmlDone:
			if roots == 0 {
				return errXMLNoRoot
			}
			return nil
		}
	}
}

func (p *xmlReader) start() error {
	switch {
	case p.ignored > 0:
	case p.value.Term != noTerm:
		p.note(p.value.Term, NestedMarkup, p.in.local)
	case p.depth == 1 || isContainer(p.in.local):
		p.langs = append(p.langs, p.lang())
	default:
		return p.startValue()
	}
	return nil
}

// isContainer tells the elements that hold the terms, one in the other when a record comes wrapped.
func isContainer(local []byte) bool {
	switch string(local) {
	case "dc", "qualifieddc", "qdc", "metadata", "dcterms":
		return true
	}
	return false
}

func (p *xmlReader) startValue() error {
	t, ok := termsByName[string(p.in.local)]
	if !ok || t >= Landing {
		t, ok = termsByLowerName[strings.ToLower(string(p.in.local))]
		if !ok {
			p.note(noTerm, UnknownElement, p.in.local)
			p.ignored = p.depth
			return nil
		}
		p.note(t, Repaired, p.in.local)
	}
	if len(p.record.Values) >= maxXMLValues {
		return errXMLMany
	}
	switch string(p.in.space) {
	case namespaceDC, namespaceTerms:
	default:
		p.note(t, WrongNamespace, p.in.space)
	}
	p.value = Value{Term: t, Lang: p.lang(), Scheme: p.scheme()}
	p.valueDepth = p.depth
	p.text = p.text[:0]
	return nil
}

// termsByLowerName are the DCMI terms for sources that write dc:Title.
var termsByLowerName = func() map[string]Term {
	m := make(map[string]Term, Landing)
	for t := Title; t < Landing; t++ {
		m[strings.ToLower(termInfo[t].name)] = t
	}
	return m
}()

// lang is the language of the element just begun: its own, or that of the container around it.
func (p *xmlReader) lang() string {
	inherited := ""
	if len(p.langs) > 0 {
		inherited = p.langs[len(p.langs)-1]
	}
	for i := range p.in.attrs {
		a := &p.in.attrs[i]
		if string(a.local) != "lang" || len(a.space) > 0 && string(a.space) != namespaceXML {
			continue
		}
		tag := strings.TrimSpace(string(a.value))
		if tag == "" || isXMLLang(tag) {
			return tag
		}
		p.note(noTerm, BadLanguageTag, a.value)
	}
	return inherited
}

// scheme is the encoding scheme that the element just begun names, if it is one that is known.
func (p *xmlReader) scheme() string {
	for i := range p.in.attrs {
		a := &p.in.attrs[i]
		if string(a.local) != "type" || len(a.space) > 0 && string(a.space) != namespaceXSI {
			continue
		}
		name := strings.TrimSpace(string(a.value))
		if colon := strings.LastIndexByte(name, ':'); colon >= 0 {
			name = name[colon+1:]
		}
		return schemes[strings.ToLower(name)]
	}
	return ""
}

func (p *xmlReader) end() {
	switch {
	case p.ignored > 0:
		if p.ignored == p.depth {
			p.ignored = 0
		}
	case p.value.Term != noTerm:
		if p.valueDepth == p.depth {
			p.endValue()
		}
	default:
		p.langs = p.langs[:len(p.langs)-1]
	}
}

func (p *xmlReader) endValue() {
	v := p.value
	p.value.Term = noTerm
	text := trimSpace(p.text)
	if len(text) == 0 {
		p.note(v.Term, EmptyDropped, nil)
		return
	}
	if !norm.NFC.IsNormal(text) {
		text = norm.NFC.Bytes(text)
		p.note(v.Term, Recomposed, nil)
	}
	v.Text = string(text)
	p.record.Values = append(p.record.Values, v)
}

func (p *xmlReader) chars() {
	switch {
	case p.ignored > 0:
	case p.value.Term != noTerm:
		p.text = append(p.text, p.in.text...)
	default:
		if stray := trimSpace(p.in.text); len(stray) > 0 {
			p.note(noTerm, StrayText, stray)
		}
	}
}

// note keeps a note, up to a bound: a record of a million stray elements needs no million notes.
func (p *xmlReader) note(t Term, kind NoteKind, text []byte) {
	if len(p.record.Notes) < maxXMLNotes {
		p.record.Note(t, kind, clip(string(text)))
	}
}

// maxNoteText bounds the text of a note, in bytes.
const maxNoteText = 200

// clip cuts s to what fits into a note, at a character.
func clip(s string) string {
	if len(s) <= maxNoteText {
		return s
	}
	return strings.ToValidUTF8(s[:maxNoteText], "") + "…"
}

// trimSpace trims XML's white space.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isXMLSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isXMLSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
