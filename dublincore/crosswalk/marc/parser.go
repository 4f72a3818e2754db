package marc

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// Bounds of one record. The largest that was met, a serial with its holdings, has 1,279 fields.
const (
	maxFields    = 50_000
	maxSubfields = 200_000
)

// Parse reads one record in ISO 2709, in MARCXML, or in lines. Of a MARCXML collection it reads the first
// record; [Records] reads all.
func Parse(data []byte) (*Record, error) { return new(Parser).Parse(data) }

// A Parser reads records one after the other in the same memory, which spares most allocations. The zero
// Parser is ready to use, by one goroutine.
type Parser struct {
	// Otherwise reads the texts of records in ISO 2709 that are not UTF-8, whatever their leaders say. If it is nil,
	// they are read as MARC-8, and one whose leader says that it is Unicode is an error.
	Otherwise Decoder

	rec     Record
	subs    []Subfield // of all fields
	text    []byte     // all texts of the record, until finish makes one string of them
	fields  []place    // of each field: where its tag is in text, and its Data in text or its Subfields in subs
	parts   []extent   // of each of subs: where it is in text
	scanner *xmlscan.Scanner
}

// An extent is where something lies; to is behind its end.
type extent struct{ from, to int }

type place struct {
	tag int
	extent
}

// Parse reads one record as the function [Parse] does. The Record is valid until the next call.
func (p *Parser) Parse(data []byte) (*Record, error) {
	p.reset()
	if err := p.read(data); err != nil {
		return nil, err
	}
	if len(p.rec.Fields) == 0 {
		return nil, fmt.Errorf("%w: the MARC record has no fields", ErrMalformed)
	}
	p.finish()
	return &p.rec, nil
}

// Forget lets go of the last record, so that its memory can be collected.
func (p *Parser) Forget() { p.reset() }

// reset empties the parser. A record that was much larger than most does not keep its memory.
func (p *Parser) reset() {
	clear(p.rec.Fields)
	clear(p.subs)
	p.rec = Record{Fields: p.rec.Fields[:0]}
	p.subs, p.text, p.fields, p.parts = p.subs[:0], p.text[:0], p.fields[:0], p.parts[:0]
	if cap(p.text) > 1<<20 {
		*p = Parser{Otherwise: p.Otherwise, scanner: p.scanner}
	}
	if p.scanner != nil {
		p.scanner.Reset(nil)
	}
}

// read recognises the form by the first byte, and reads the record.
func (p *Parser) read(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	begin := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(begin) == 0:
		return fmt.Errorf("%w: the MARC record is empty", ErrMalformed)
	case begin[0] == '<':
		return p.readXML(begin)
	case begin[0] == '=':
		return p.readLines(string(begin))
	}
	return p.readISO2709(bytes.TrimLeft(data, "\r\n"))
}

// addData begins a data field. Its subfields follow.
func (p *Parser) addData(tag string, ind1, ind2 byte) error {
	return p.addField(tag, indicator(ind1), indicator(ind2), extent{len(p.subs), len(p.subs)})
}

// addControl adds a control field whose data was appended to the text from there on.
func (p *Parser) addControl(tag string, from int) error {
	return p.addField(tag, 0, 0, extent{from, len(p.text)})
}

func (p *Parser) addField(tag string, ind1, ind2 byte, where extent) error {
	if len(p.rec.Fields) == maxFields {
		return fmt.Errorf("%w: the MARC record has more than %d fields", ErrTooLarge, maxFields)
	}
	p.rec.Fields = append(p.rec.Fields, Field{Ind1: ind1, Ind2: ind2})
	p.fields = append(p.fields, place{len(p.text), where})
	p.text = append(p.text, tag...)
	return nil
}

// addSub adds a subfield to the last field. Its text was appended from there on.
func (p *Parser) addSub(code byte, from int) error {
	if len(p.subs) == maxSubfields {
		return fmt.Errorf("%w: the MARC record has more than %d subfields", ErrTooLarge, maxSubfields)
	}
	p.subs = append(p.subs, Subfield{Code: code})
	p.parts = append(p.parts, extent{from, len(p.text)})
	p.fields[len(p.fields)-1].to = len(p.subs)
	return nil
}

// indicator reads the signs that programs write for a blank indicator.
func indicator(c byte) byte {
	if c == '#' || c == '\\' || c == '_' || c == 0 || c == '|' {
		return ' '
	}
	return c
}

// finish gives the fields their texts, which are parts of one string.
func (p *Parser) finish() {
	all := string(p.text)
	p.rec.lossy = strings.Contains(all, string(utf8.RuneError))
	references := strings.Contains(all, "&#x")
	for i := range p.subs {
		s := &p.subs[i]
		s.Text = all[p.parts[i].from:p.parts[i].to]
		if references {
			s.Text = resolve(s.Text)
		}
	}
	for i := range p.rec.Fields {
		f, where := &p.rec.Fields[i], &p.fields[i]
		f.Tag = all[where.tag : where.tag+3]
		if f.Ind1 == 0 {
			f.Data = all[where.from:where.to]
		} else {
			f.Subfields = p.subs[where.from:where.to:where.to]
		}
	}
}

// reference is how MARC 21 writes a character that MARC-8 does not have.
var reference = regexp.MustCompile(`&#x([0-9A-Fa-f]{1,6});`)

// resolve replaces the references in a text by their characters. A reference to a character of ASCII stays: it
// was written on purpose, because nobody needs it.
func resolve(s string) string {
	return reference.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[3:len(m)-1], 16, 32)
		if r := rune(n); err == nil && n > unicode.MaxASCII && utf8.ValidRune(r) {
			return string(r)
		}
		return m
	})
}
