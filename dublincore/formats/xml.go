package formats

import (
	"strings"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/xmlscan"
)

// A writer appends elements.
type writer struct{ dst []byte }

// raw appends XML as it is.
func (w *writer) raw(xml string) { w.dst = append(w.dst, xml...) }

// open starts an element; attrs are literal attributes, each with a blank before it.
func (w *writer) open(name, attrs string) {
	w.dst = append(append(append(append(w.dst, '<'), name...), attrs...), '>')
}

func (w *writer) close(name string) {
	w.dst = append(append(append(w.dst, '<', '/'), name...), '>')
}

// element writes an element of text.
func (w *writer) element(name, attrs, text string) {
	w.open(name, attrs)
	w.text(text)
	w.close(name)
}

// value writes an element of the value's text, with its language.
func (w *writer) value(name, attrs string, v *dublincore.Value) {
	w.dst = append(append(append(w.dst, '<'), name...), attrs...)
	w.lang(v.Lang)
	w.dst = append(w.dst, '>')
	w.text(v.Text)
	w.close(name)
}

// lang writes xml:lang, if tag may stand there.
func (w *writer) lang(tag string) {
	if isXMLLang(tag) {
		w.dst = append(append(append(w.dst, ` xml:lang="`...), tag...), '"')
	}
}

// attribute writes an attribute of text.
func (w *writer) attribute(name, text string) {
	w.dst = append(append(append(append(w.dst, ' '), name...), '='), '"')
	w.text(text)
	w.dst = append(w.dst, '"')
}

// uriAttribute writes an attribute that is a URI.
func (w *writer) uriAttribute(name, uri string) {
	w.dst = append(append(append(append(w.dst, ' '), name...), '='), '"')
	w.uri(uri)
	w.dst = append(w.dst, '"')
}

// text appends s, cleaned, so that it may stand in an element or between double quotes. A carriage
// return is written as a reference, else a parser would make a line feed of it.
func (w *writer) text(s string) {
	s = clean(s)
	start := 0
	for i := 0; i < len(s); i++ {
		var escape string
		switch s[i] {
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '&':
			escape = "&amp;"
		case '"':
			escape = "&quot;"
		case '\r':
			escape = "&#xD;"
		default:
			continue
		}
		w.dst = append(append(w.dst, s[start:i]...), escape...)
		start = i + 1
	}
	w.dst = append(w.dst, s[start:]...)
}

// clean is s without what XML 1.0 forbids and without white space around it; bytes that are no UTF-8
// become U+FFFD. It is a part of s, not a copy, where nothing is wrong.
func clean(s string) string {
	if !isClean(s) {
		s = strings.Map(func(r rune) rune {
			if !xmlscan.IsChar(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.Trim(s, " \t\r\n")
}

// isClean reports whether s is UTF-8 that XML 1.0 allows.
func isClean(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < utf8.RuneSelf || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !xmlscan.IsChar(r) || r == utf8.RuneError && n == 1 {
			return false
		}
		i += n
	}
	return true
}

// isXMLLang reports whether tag may stand in xml:lang by the schemas (xs:language).
func isXMLLang(tag string) bool {
	for i, part := 0, 0; ; part++ {
		start := i
		for i < len(tag) && (isLetter(tag[i]) || part > 0 && isDigit(tag[i])) {
			i++
		}
		if i == start || i > start+8 {
			return false
		}
		if i == len(tag) {
			return true
		}
		if tag[i] != '-' {
			return false
		}
		i++
	}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
