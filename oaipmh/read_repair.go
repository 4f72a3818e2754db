package oaipmh

import (
	"bytes"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"golang.org/x/text/encoding/charmap"
)

// The repairs, as [Received] tells them: stable sentences.
const (
	repairedCharacters  = "Characters that XML does not allow were left out."
	repairedEncoding    = "Bytes that are not UTF-8 were read as Windows-1252."
	repairedReferences  = "References to characters that XML does not allow were left out."
	repairedEntities    = "Entities that XML does not know were replaced."
	repairedStray       = "Ampersands and angle brackets that stand for themselves were escaped."
	repairedDeclaration = "An XML declaration inside was left out."
)

// readRepair makes text fit for XML if only characters and references are wrong. It leaves tags as they are.
func readRepair(raw []byte) (repaired []byte, notes []string) {
	m := &mender{out: make([]byte, 0, len(raw)+64)}
	l := &readLexer{data: raw}
	for {
		span := l.next()
		piece := raw[span.from:span.to]
		switch span.kind {
		case readEOF:
			return m.out, m.notes
		case readText:
			m.text(piece)
		case readStartTag, readEmptyTag:
			m.tag(piece)
		case readInstruction:
			if bytes.HasPrefix(bytes.ToLower(piece), []byte("<?xml ")) {
				m.note(repairedDeclaration)
				continue
			}
			m.characters(piece)
		default:
			m.characters(piece)
		}
	}
}

type mender struct {
	out   []byte
	notes []string
}

func (m *mender) note(n string) {
	if !slices.Contains(m.notes, n) {
		m.notes = append(m.notes, n)
	}
}

// characters copies what XML allows.
func (m *mender) characters(b []byte) {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			m.note(repairedEncoding)
			if r = charmap.Windows1252.DecodeByte(b[i]); r >= 0xA0 && r != utf8.RuneError {
				m.out = utf8.AppendRune(m.out, r)
			}
		case !xmlscan.IsChar(r):
			m.note(repairedCharacters)
		default:
			m.out = append(m.out, b[i:i+n]...)
		}
		i += n
	}
}

// text copies character data, with references.
func (m *mender) text(b []byte) {
	for len(b) > 0 {
		i := bytes.IndexAny(b, "&<]")
		if i < 0 {
			m.characters(b)
			return
		}
		m.characters(b[:i])
		b = b[i:]
		switch {
		case b[0] == '&':
			b = m.reference(b)
		case b[0] == '<':
			m.note(repairedStray)
			m.out, b = append(m.out, "&lt;"...), b[1:]
		case bytes.HasPrefix(b, []byte("]]>")):
			m.note(repairedStray)
			m.out, b = append(m.out, "]]&gt;"...), b[3:]
		default:
			m.out, b = append(m.out, ']'), b[1:]
		}
	}
}

// tag copies a tag, and mends what is inside quotes as text is mended.
func (m *mender) tag(b []byte) {
	for len(b) > 0 {
		i := bytes.IndexAny(b, `"'`)
		if i < 0 {
			break
		}
		n := bytes.IndexByte(b[i+1:], b[i])
		if n < 0 {
			break
		}
		m.characters(b[:i+1])
		m.text(b[i+1 : i+1+n])
		m.out = append(m.out, b[i])
		b = b[i+n+2:]
	}
	m.characters(b)
}

// reference copies the reference that b begins with, or what it should have been, and returns the rest of b.
func (m *mender) reference(b []byte) (rest []byte) {
	const longest = 34
	n := bytes.IndexByte(b[:min(len(b), longest)], ';')
	if n < 2 || !readReferenceName(b[1:n]) {
		m.note(repairedStray)
		m.out = append(m.out, "&amp;"...)
		return b[1:]
	}
	name, rest := string(b[1:n]), b[n+1:]
	switch name {
	case "lt", "gt", "amp", "quot", "apos":
		m.out = append(m.out, b[:n+1]...)
		return rest
	}
	if name[0] == '#' {
		if r, ok := readNumber(name[1:]); ok && xmlscan.IsChar(r) {
			m.out = append(m.out, "&#"...)
			m.out = append(strconv.AppendInt(m.out, int64(r), 10), ';')
		} else {
			m.note(repairedReferences)
		}
		return rest
	}
	m.note(repairedEntities)
	whole := "&" + name + ";"
	if text := html.UnescapeString(whole); text != whole && !strings.HasSuffix(text, ";") {
		m.out = xmlscan.AppendExact(m.out, text)
		return rest
	}
	m.out = append(m.out, "&amp;"...)
	m.out = append(m.out, name...)
	m.out = append(m.out, ';')
	return rest
}

func readReferenceName(b []byte) bool {
	for i, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !letter && !(c == '#' && i == 0) {
			return false
		}
	}
	return true
}

func readNumber(digits string) (rune, bool) {
	base := 10
	if rest, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
		digits, base = rest, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(min(n, 1<<30)), err == nil
}
