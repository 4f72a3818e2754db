package dublincore

import "unicode/utf8"

// AppendJSON appends the record as a JSON object: each term that has values, in canonical order, with
// the list of them.
//
//	{"title":[{"value":"Notes","lang":"en"}],"created":[{"value":"1957-04","scheme":"W3CDTF","original":"April 1957"}]}
//
// Empty members are left out, and so is "from" for a value that was extracted. The result is valid JSON whatever the
// values hold: bytes that are not UTF-8 become U+FFFD. "<", ">", "&", U+2028 and U+2029 are escaped, so that the
// object may stand in an HTML page, and so that encoding/json leaves it as it is.
func (r *Record) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	last := noTerm
	for _, v := range r.canonical() {
		if v.Term == noTerm || v.Term >= termCount {
			continue
		}
		switch {
		case v.Term == last:
			dst = append(dst, ',')
		case last == noTerm:
			dst = appendTermKey(dst, v.Term)
		default:
			dst = appendTermKey(append(dst, ']', ','), v.Term)
		}
		last = v.Term
		dst = appendValueJSON(dst, &v)
	}
	if last != noTerm {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendTermKey(dst []byte, t Term) []byte {
	dst = append(dst, '"')
	dst = append(dst, t.String()...)
	return append(dst, '"', ':', '[')
}

func appendValueJSON(dst []byte, v *Value) []byte {
	dst = append(dst, `{"value":`...)
	dst = appendJSONString(dst, v.Text)
	if v.Lang != "" {
		dst = appendJSONString(append(dst, `,"lang":`...), v.Lang)
	}
	if v.Scheme != "" {
		dst = appendJSONString(append(dst, `,"scheme":`...), v.Scheme)
	}
	if v.Original != "" {
		dst = appendJSONString(append(dst, `,"original":`...), v.Original)
	}
	if v.From != Extracted {
		dst = appendJSONString(append(dst, `,"from":`...), v.From.String())
	}
	return append(dst, '}')
}

// MarshalJSON is [Record.AppendJSON] for encoding/json.
func (r *Record) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil), nil }

const hex = "0123456789abcdef"

// jsonSafe is true for the ASCII characters that need no escape.
var jsonSafe = func() (safe [utf8.RuneSelf]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		safe[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f
	}
	return safe
}()

// appendJSONString appends s as a JSON string.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if jsonSafe[c] {
				i++
				continue
			}
			dst = appendJSONEscape(append(dst, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			start = i + n
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[start:i]...), `\u202`...)
			dst = append(dst, hex[r&0xf])
			start = i + n
		}
		i += n
	}
	return append(append(dst, s[start:]...), '"')
}

func appendJSONEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}
