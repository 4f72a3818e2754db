package crosswalk

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// marcFamily reads one MARC record: ISO 2709, MARCXML, or lines such as =245  10$aTitle. Its
// selectors are MARC specs; its nodes are *marcRecord and *marcField.
type marcFamily struct{}

// Bounds of a MARC record.
const (
	maxMARCFields    = 50_000
	maxMARCSubfields = 200_000
)

// A marcRecord is one record. Its memory is used again for the next.
type marcRecord struct {
	leader  string
	fields  []marcField
	subs    []marcSub
	buf     []byte // the texts of the record, until finish makes one string of them
	scanner *xmlscan.Scanner
	lossy   bool // U+FFFD stands in it
}

// A marcField is a control field (with data) or a data field (with indicators and subfields).
type marcField struct {
	tag        [3]byte
	ind1, ind2 byte // of a data field; blank is ' '
	control    bool
	data       string
	subs       []marcSub
	nth        int // among the fields of the same tag that follow each other, from 1

	from, to int    // of data in buf, or of subs in the record's, while reading
	key      uint32 // the tag
	linked   uint32 // of an 880: the key of the field that it stands beside
}

type marcSub struct {
	code     byte
	text     string
	from, to int // in buf, while reading
}

func (marcFamily) open(r *run, original []byte) (node, error) {
	if r.state.marc == nil {
		r.state.marc = &marcRecord{scanner: xmlscan.New(nil, xmlscan.Limits{Depth: 32})}
	}
	m := r.state.marc
	m.reset(nil)
	if err := m.read(original); err != nil {
		return nil, err
	}
	if r.m.format == "marc21" && m.isUNIMARC() {
		return nil, fmt.Errorf("%w: this is a UNIMARC record, not MARC 21: its title is in field 200", ErrMalformed)
	}
	if m.lossy {
		m.noteLost(r.out)
	}
	return m, nil
}

// noteLost notes each field of which characters were lost, here or before.
func (m *marcRecord) noteLost(rec *dublincore.Record) {
	const lost = string(utf8.RuneError)
	for i := range m.fields {
		f := &m.fields[i]
		for j := range f.subs {
			if strings.Contains(f.subs[j].text, lost) {
				rec.Note(0, dublincore.CharactersLost, shorten(fmt.Sprintf("%s$%c %s", f.tag, f.subs[j].code, f.subs[j].text)))
				break
			}
		}
	}
}

func (marcFamily) label(n node) string {
	f, ok := n.(*marcField)
	if !ok {
		return ""
	}
	if f.nth > 1 {
		return fmt.Sprintf("%s, number %d", f.tag, f.nth)
	}
	return string(f.tag[:])
}

// reset empties the record, and gives its memory back if it has grown out of proportion.
func (m *marcRecord) reset(scan []byte) {
	clear(m.fields)
	clear(m.subs)
	m.leader, m.fields, m.subs, m.buf, m.lossy = "", m.fields[:0], m.subs[:0], m.buf[:0], false
	if cap(m.buf) > 1<<20 {
		m.buf, m.subs, m.fields = nil, nil, nil
	}
	m.scanner.Reset(scan)
}

// read reads a record in whichever form it is.
func (m *marcRecord) read(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	begin := bytes.TrimLeft(data, " \t\r\n")
	var err error
	switch {
	case len(begin) == 0:
		return fmt.Errorf("%w: the MARC record is empty", ErrMalformed)
	case begin[0] == '<':
		err = m.readXML(begin)
	case begin[0] == '=':
		err = m.readLines(string(begin))
	default:
		err = m.readISO2709(bytes.TrimLeft(data, "\r\n"))
	}
	if err != nil {
		return err
	}
	if len(m.fields) == 0 {
		return fmt.Errorf("%w: the MARC record has no fields", ErrMalformed)
	}
	m.finish()
	return nil
}

// isUNIMARC knows the other MARC by where it has the title and the coded data.
func (m *marcRecord) isUNIMARC() bool {
	var title, other, coded bool
	for i := range m.fields {
		switch f := &m.fields[i]; string(f.tag[:]) {
		case "245":
			title = true
		case "200":
			other = true
		case "100":
			coded = coded || len(f.first('a')) >= 20 && allDigits(f.first('a')[:8])
		}
	}
	return !title && other && coded
}

func allDigits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// addField begins a field; its data or subfields follow.
func (m *marcRecord) addField(tag string, ind1, ind2 byte, control bool) error {
	if len(m.fields) == maxMARCFields {
		return fmt.Errorf("%w: the MARC record has more than %d fields", ErrTooLarge, maxMARCFields)
	}
	m.fields = append(m.fields, marcField{tag: [3]byte{tag[0], tag[1], tag[2]}, key: key(tag), ind1: indicator(ind1), ind2: indicator(ind2),
		control: control, from: len(m.subs), to: len(m.subs)})
	return nil
}

// indicator reads the ways in which a blank indicator is written.
func indicator(c byte) byte {
	if c == '#' || c == '\\' || c == '_' || c == 0 || c == '|' {
		return ' '
	}
	return c
}

func (m *marcRecord) addSub(code byte, from, to int) error {
	if len(m.subs) == maxMARCSubfields {
		return fmt.Errorf("%w: the MARC record has more than %d subfields", ErrTooLarge, maxMARCSubfields)
	}
	m.subs = append(m.subs, marcSub{code: code, from: from, to: to})
	m.fields[len(m.fields)-1].to = len(m.subs)
	return nil
}

// finish turns offsets into texts, numbers the fields, and reads which field an 880 stands beside.
func (m *marcRecord) finish() {
	all := string(m.buf)
	references := strings.Contains(all, "&#x")
	m.lossy = strings.Contains(all, string(utf8.RuneError))
	for i := range m.subs {
		s := &m.subs[i]
		s.text = all[s.from:s.to]
		if references {
			s.text = unreference(s.text)
		}
	}
	for i := range m.fields {
		f := &m.fields[i]
		f.nth = 1
		if i > 0 && m.fields[i-1].tag == f.tag {
			f.nth = m.fields[i-1].nth + 1
		}
		if f.control {
			f.data = all[f.from:f.to]
			continue
		}
		f.subs = m.subs[f.from:f.to]
		if f.tag == [3]byte{'8', '8', '0'} {
			if link := f.first('6'); len(link) >= 3 {
				f.linked = key(link)
			}
		}
	}
}

// reference is how MARC 21 writes a character that MARC-8 does not have.
var reference = regexp.MustCompile(`&#x([0-9A-Fa-f]{1,6});`)

func unreference(s string) string {
	return reference.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[3:len(m)-1], 16, 32)
		if r := rune(n); err == nil && n > 0x7F && utf8.ValidRune(r) {
			return string(r)
		}
		return m
	})
}

// first is the first subfield of a code; empty if there is none.
func (f *marcField) first(code byte) string {
	for i := range f.subs {
		if f.subs[i].code == code {
			return f.subs[i].text
		}
	}
	return ""
}

// readLines reads the form in which people write records: =TAG, two spaces, indicators, $subfields.
// A blank indicator or position is a backslash, as in MarcEdit, or a space.
func (m *marcRecord) readLines(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%w: the lines of a MARC record are not UTF-8", ErrMalformed)
	}
	for raw := range strings.Lines(text) {
		l := strings.TrimRight(raw, "\r\n")
		if strings.TrimSpace(l) == "" {
			continue
		}
		if len(l) < 6 || l[0] != '=' || l[4:6] != "  " {
			return fmt.Errorf("%w: a line of a MARC record looks like =245  10$aTitle, not %q", ErrMalformed, shorten(l))
		}
		tag, rest := l[1:4], l[6:]
		if tag == "LDR" || tag == "000" {
			m.leader = strings.ReplaceAll(rest, "\\", " ")
			continue
		}
		if strings.HasPrefix(tag, "00") {
			if err := m.addControl(tag, strings.ReplaceAll(rest, "\\", " ")); err != nil {
				return err
			}
			continue
		}
		if len(rest) < 2 {
			return fmt.Errorf("%w: field %s has no indicators", ErrMalformed, tag)
		}
		if err := m.addField(tag, rest[0], rest[1], false); err != nil {
			return err
		}
		for i, part := range strings.Split(rest[2:], "$") {
			if i == 0 || part == "" {
				continue
			}
			from := len(m.buf)
			m.buf = append(m.buf, strings.ReplaceAll(part[1:], "{dollar}", "$")...)
			if err := m.addSub(part[0], from, len(m.buf)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *marcRecord) addControl(tag, data string) error {
	if err := m.addField(tag, ' ', ' ', true); err != nil {
		return err
	}
	f := &m.fields[len(m.fields)-1]
	f.from = len(m.buf)
	m.buf = append(m.buf, data...)
	f.to = len(m.buf)
	return nil
}
