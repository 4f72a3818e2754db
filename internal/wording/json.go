package wording

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// A jsonStyle says which ASCII characters stand in a JSON string as they are, and whether what JavaScript takes
// for the end of a line does.
type jsonStyle struct {
	safe     [utf8.RuneSelf]bool
	lineEnds bool
}

var plainJSON, htmlJSON = jsonStyleOf(`"\`, true), jsonStyleOf("\"\\<>&\x7f", false)

func jsonStyleOf(unsafe string, lineEnds bool) (s jsonStyle) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		s.safe[c] = true
	}
	for _, c := range unsafe {
		s.safe[c] = false
	}
	s.lineEnds = lineEnds
	return s
}

// AppendJSON appends s as a JSON string (RFC 8259, 7) in which nothing is escaped that need not be. Bytes that are not
// UTF-8 become U+FFFD.
func AppendJSON(dst []byte, s string) []byte { return appendJSON(dst, s, &plainJSON) }

// AppendJSONForHTML appends s as a JSON string that can stand in a script of a web page: as encoding/json writes
// it, with DEL escaped too. Logs keep records in this form, so it never changes.
func AppendJSONForHTML(dst []byte, s string) []byte { return appendJSON(dst, s, &htmlJSON) }

func appendJSON(dst []byte, s string, style *jsonStyle) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if style.safe[c] {
				i++
				continue
			}
			dst = appendASCII(append(dst, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			start = i + n
		case (r == '\u2028' || r == '\u2029') && !style.lineEnds:
			dst = append(append(dst, s[start:i]...), `\u202`...)
			dst = append(dst, hexDigits[r&0xf])
			start = i + n
		}
		i += n
	}
	return append(append(dst, s[start:]...), '"')
}

// appendASCII appends a character that can't stand in a JSON string as it is.
func appendASCII(dst []byte, c byte) []byte {
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
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
