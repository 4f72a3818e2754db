package listing

import (
	"bytes"
	"unicode/utf8"
)

// Format prefixes of items.
const (
	rowFormat  = "listing"      // a row: the JSON object that the package describes
	pageFormat = "listing-page" // a page that was rejected as a whole: its bytes
)

// appendOriginal writes a row as JSON, its members in the order that the package describes.
func appendOriginal(dst []byte, r *row, raw string) []byte {
	dst = append(dst, '{')
	for _, m := range [...]struct {
		name, value string
		always      bool
	}{
		{"date", r.date, false}, {"title", r.title, true}, {"summary", r.summary, false}, {"link", r.link, false},
		{"id", r.id, false}, {"kind", r.kind, false}, {"row", raw, false},
	} {
		if m.value == "" && !m.always {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, m.name...)
		dst = append(dst, '"', ':')
		dst = appendString(dst, m.value)
	}
	return append(dst, '}')
}

// Canonical returns the part of an original that counts when versions of an item are compared. That is everything except
// the row, which is the last member.
func Canonical(original []byte) []byte {
	// A quotation mark inside a value is escaped, so these bytes begin the member and stand nowhere else.
	i := bytes.LastIndex(original, []byte(`,"row":"`))
	if i < 0 {
		return original
	}
	return append(original[:i:i], '}')
}

// appendString writes a JSON string (RFC 8259, 7). What is not UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += size
			continue
		}
		if b >= ' ' && b != '"' && b != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}
