package dublincore

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Bounds of a record in XML. The largest that were met, with thousands of authors, are far below.
const (
	maxXMLBytes  = 16 << 20
	maxXMLDepth  = 64
	maxXMLValues = 50_000
	maxXMLNotes  = 1_000
)

// ParseOAIDC reads one oai_dc element (the root of data; XML in UTF-8, at most 16 MiB, 50,000 values).
//
// It accepts what can be understood: elements in a wrong namespace or in none, by their local names; refinements
// beside the fifteen elements; CDATA; the text of markup within a value. Elements that are not terms, and text
// between elements, are ignored. A note on the record says all of that. Values are trimmed, brought into NFC, and
// kept once; nothing else is normalised. The error says why data is not well-formed.
func ParseOAIDC(data []byte) (*Record, error) {
	r, err := parseXML(data)
	if err != nil {
		return nil, fmt.Errorf("read oai_dc: %w", err)
	}
	return r, nil
}

// ParseQDC reads one element of qualified Dublin Core: OCLC's and DSpace's qualifieddc, or any other
// root with terms below it. Encoding schemes come from xsi:type, or from a plain type attribute.
// Otherwise it is like [ParseOAIDC].
func ParseQDC(data []byte) (*Record, error) {
	r, err := parseXML(data)
	if err != nil {
		return nil, fmt.Errorf("read qualified Dublin Core: %w", err)
	}
	return r, nil
}

var (
	errXMLBig  = errors.New("larger than 16 MiB")
	errXMLMany = errors.New("more than 50,000 values")
)

func parseXML(data []byte) (*Record, error) {
	if len(data) > maxXMLBytes {
		return nil, errXMLBig
	}
	p := xmlReaders.Get().(*xmlReader)
	if len(data) <= maxKept {
		defer p.release()
	}
	p.in.Reset(data)
	r := &Record{Values: make([]Value, 0, 16)}
	p.record = r
	if err := p.run(); err != nil {
		return nil, err
	}
	r.Dedupe()
	return r, nil
}

// xmlReaders keeps readers with their buffers for the next record. Most records are small, and there are millions.
var xmlReaders = sync.Pool{New: func() any {
	return &xmlReader{in: xmlscan.New(nil, xmlscan.Limits{Depth: maxXMLDepth})}
}}

// maxKept bounds the size of records after which a reader is kept. A larger record would leave too much memory in use.
const maxKept = 64 << 10

// release clears the reader and hands it back.
func (p *xmlReader) release() {
	in, text := p.in, p.text[:0]
	in.Reset(nil)
	clear(p.langs)
	*p = xmlReader{in: in, text: text, langs: p.langs[:0]}
	xmlReaders.Put(p)
}

// An xmlReader is the state of reading: between values (within one or more containers), in a value, or in an element
// that is ignored.
type xmlReader struct {
	in     *xmlscan.Scanner
	record *Record

	value      Value  // the value that is being read, if its Term is set
	valueDepth int    // the depth of its element
	text       []byte // its text so far
	ignored    int    // the depth of the element that is being ignored, or 0
	langs      []string
}

func (p *xmlReader) run() error {
	for {
		kind, err := p.in.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmlscan.Start:
			if err := p.start(); err != nil {
				return err
			}
		case xmlscan.End:
			p.end()
		case xmlscan.Text:
			p.chars()
		case xmlscan.EOF:
			return nil
		}
	}
}

func (p *xmlReader) start() error {
	switch {
	case p.ignored > 0:
	case p.value.Term != noTerm:
		p.note(p.value.Term, NestedMarkup, p.in.Local())
	case p.in.Depth() == 1 || isContainer(p.in.Local()):
		p.langs = append(p.langs, p.lang())
	default:
		return p.startValue()
	}
	return nil
}

// isContainer reports whether an element holds terms. A record that comes wrapped has one in the other.
func isContainer(local []byte) bool {
	switch string(local) {
	case "dc", "qualifieddc", "qdc", "metadata", "dcterms":
		return true
	}
	return false
}

func (p *xmlReader) startValue() error {
	t, ok := termsByName[string(p.in.Local())]
	if !ok || t >= Landing {
		t, ok = termsByLowerName[strings.ToLower(string(p.in.Local()))]
		if !ok {
			p.note(noTerm, UnknownElement, p.in.Local())
			p.ignored = p.in.Depth()
			return nil
		}
		p.note(t, Repaired, p.in.Local())
	}
	if len(p.record.Values) >= maxXMLValues {
		return errXMLMany
	}
	if space := p.in.Space(); space != namespaceDC && space != namespaceTerms {
		p.note(t, WrongNamespace, []byte(space))
	}
	p.value = Value{Term: t, Lang: p.lang(), Scheme: p.scheme()}
	p.valueDepth = p.in.Depth()
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

// lang is the language of the element that just began: its own, or the language of the container around it.
func (p *xmlReader) lang() string {
	inherited := ""
	if len(p.langs) > 0 {
		inherited = p.langs[len(p.langs)-1]
	}
	value, ok := p.in.Attr(namespaceXML, "lang")
	if !ok {
		value, ok = p.in.Attr("", "lang")
	}
	if ok {
		tag := trimSpace(value)
		if len(tag) == 0 || xmlscan.IsLanguage(string(tag)) {
			return string(tag)
		}
		p.note(noTerm, BadLanguageTag, value)
	}
	return inherited
}

// scheme is the encoding scheme that the element which just began names; empty if it names none that is known.
func (p *xmlReader) scheme() string {
	value, ok := p.in.Attr(namespaceXSI, "type")
	if !ok {
		value, ok = p.in.Attr("", "type")
	}
	if !ok {
		return ""
	}
	name := strings.TrimSpace(string(value))
	name = name[strings.LastIndexByte(name, ':')+1:]
	return schemes[strings.ToLower(name)]
}

func (p *xmlReader) end() {
	switch {
	case p.ignored > 0:
		if p.ignored > p.in.Depth() {
			p.ignored = 0
		}
	case p.value.Term != noTerm:
		if p.valueDepth > p.in.Depth() {
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
	v.Text = string(text)
	if !IsTidy(v.Text) && !norm.NFC.IsNormalString(v.Text) {
		v.Text = norm.NFC.String(v.Text)
		p.note(v.Term, Recomposed, nil)
	}
	p.record.Values = append(p.record.Values, v)
}

func (p *xmlReader) chars() {
	switch {
	case p.ignored > 0:
	case p.value.Term != noTerm:
		p.text = append(p.text, p.in.Text()...)
	default:
		if stray := trimSpace(p.in.Text()); len(stray) > 0 {
			p.note(noTerm, StrayText, stray)
		}
	}
}

// note keeps a note, up to a number of them: a record with a million stray elements needs no million notes.
func (p *xmlReader) note(t Term, kind NoteKind, text []byte) {
	if len(p.record.Notes) < maxXMLNotes {
		p.record.Note(t, kind, wording.Shorten(string(text), maxNoteText))
	}
}

// maxNoteText bounds the text of a note, in bytes.
const maxNoteText = 200

// trimSpace trims the white space of XML.
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
