package oaipmh

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// appendElement appends a complete XML element that a repository rendered. One fast look over the bytes makes sure
// that no page is broken by what a source smuggled in: a code point that XML forbids, a numeric reference to one, or
// a second XML declaration. clean is false if the element had to be repaired. An element that does not begin with a
// tag is left out.
func appendElement(dst, element []byte) (out []byte, clean bool) {
	body := trimDeclaration(element)
	clean = len(body) == len(element)
	if len(body) == 0 || body[0] != '<' {
		return dst, false
	}
	if wellEncoded(body) {
		return append(dst, body...), clean
	}
	return appendRepaired(dst, body), false
}

// CleanElement makes a complete XML element fit for an answer: code points that XML forbids are replaced. Most
// elements are returned as they are; one that does not begin with a tag becomes nil. A repository that keeps what it
// renders can do this once, and say so with the field Clean of [Record].
func CleanElement(element []byte) []byte {
	if body := trimDeclaration(element); len(body) > 0 && body[0] == '<' && wellEncoded(body) {
		return body
	}
	out, _ := appendElement(nil, element)
	return out
}

// trimDeclaration removes a byte order mark, white space and an XML declaration from the front.
func trimDeclaration(b []byte) []byte {
	if len(b) > 1 && b[0] == '<' && b[1] != '?' {
		return b
	}
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\uFEFF")), " \t\r\n")
	if bytes.HasPrefix(b, []byte("<?xml")) {
		if i := bytes.Index(b, []byte("?>")); i >= 0 {
			b = bytes.TrimLeft(b[i+2:], " \t\r\n")
		}
	}
	return b
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// wellEncoded reports whether b is UTF-8 without forbidden code points, forbidden numeric references
// and nested XML declarations.
func wellEncoded(b []byte) bool {
	if !allowedBytes(b) || bytes.Contains(b, []byte("<?xml ")) {
		return false
	}
	for rest := b; ; {
		j := bytes.Index(rest, []byte("&#"))
		if j < 0 {
			return true
		}
		if rest = rest[j:]; !goodReference(rest) {
			return false
		}
		rest = rest[2:]
	}
}

// allowedBytes reports whether b is UTF-8 without code points that XML forbids. Every byte of every page
// passes here, so plain ASCII is taken eight bytes at a time.
func allowedBytes(b []byte) bool {
	for i := 0; i < len(b); {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			// Is any byte below 0x20 or above 0x7F?
			if (w|(w-0x20*lowBits)&^w)&highBits != 0 {
				break
			}
			i += 8
		}
		for end := min(i+8, len(b)); i < end; {
			switch c := b[i]; {
			case c >= 0x20 && c < 0x80, c == '\t', c == '\n', c == '\r':
				i++
			case c >= 0xC2 && c < 0xE0 && i+1 < len(b) && b[i+1]&0xC0 == 0x80:
				i += 2
			default:
				r, width := utf8.DecodeRune(b[i:])
				if !allowed(r, width) {
					return false
				}
				i += width
			}
		}
	}
	return true
}

// goodReference reports whether b, which begins with "&#", begins with a numeric reference to a
// code point that XML allows.
func goodReference(b []byte) bool {
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 0 {
		return false
	}
	digits, base := string(b[2:end]), 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 31)
	return err == nil && allowed(rune(n), 2)
}

// appendRepaired appends b with U+FFFD for each forbidden code point or reference, and without
// nested XML declarations.
func appendRepaired(dst, b []byte) []byte {
	for len(b) > 0 {
		r, width := utf8.DecodeRune(b)
		switch {
		case !allowed(r, width):
			dst = append(dst, "\uFFFD"...)
		case r == '&' && len(b) > 1 && b[1] == '#' && !goodReference(b):
			dst = append(dst, "\uFFFD"...)
			if end := bytes.IndexByte(b[:min(len(b), 16)], ';'); end > 0 {
				width = end + 1
			}
		case r == '<' && bytes.HasPrefix(b, []byte("<?xml ")):
			end := bytes.Index(b, []byte("?>"))
			if end < 0 {
				return dst
			}
			width = end + 2
		default:
			dst = append(dst, b[:width]...)
		}
		b = b[width:]
	}
	return dst
}

// allowed reports whether a decoded rune may stand in an XML 1.0 document (production 2).
func allowed(r rune, width int) bool {
	return xmlscan.IsChar(r) && (r != utf8.RuneError || width > 1)
}
