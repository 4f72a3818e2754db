package xmlscan

import (
	"unicode"
	"unicode/utf8"
)

// name reads a qualified name, and gives the offset behind it and that of its colon, or -1.
func (s *Scanner) name(from int) (end, colon int, err error) {
	data, i := s.data, from
	colon = -1
	begins := true // of the name, or of its part behind the colon
	for i < len(data) {
		c := data[i]
		switch {
		case class[c]&isNameChar != 0:
			if begins && class[c]&isNameStart == 0 {
				return 0, 0, s.noName(i)
			}
			i++
		case c == ':':
			if begins || colon >= 0 {
				return 0, 0, s.noName(i)
			}
			colon, begins = i, true
			i++
			continue
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && n <= 1 {
				return 0, 0, s.badByte(i)
			}
			if !unicode.Is(nameStart, r) && (begins || !unicode.Is(nameMore, r)) {
				return 0, 0, s.noName(i)
			}
			i += n
		default:
			if begins {
				return 0, 0, s.noName(i)
			}
			return i, colon, s.nameLen(from, i)
		}
		begins = false
	}
	if i-from > s.lim.NameLen {
		return 0, 0, s.nameLen(from, i)
	}
	return 0, 0, s.truncated("a name")
}

func (s *Scanner) nameLen(from, to int) error {
	if to-from > s.lim.NameLen {
		return s.overLimit(from, "a name is longer than %d bytes", s.lim.NameLen)
	}
	return nil
}

func (s *Scanner) noName(i int) error {
	return s.errorAt(i, "a name can't have %q here", s.data[i:min(i+1, len(s.data))])
}

// nameStart and nameMore are the characters above ASCII of XML 1.0, fifth edition, section 2.3.
var nameStart = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0xC0, Hi: 0xD6, Stride: 1}, {Lo: 0xD8, Hi: 0xF6, Stride: 1}, {Lo: 0xF8, Hi: 0x2FF, Stride: 1},
		{Lo: 0x370, Hi: 0x37D, Stride: 1}, {Lo: 0x37F, Hi: 0x1FFF, Stride: 1}, {Lo: 0x200C, Hi: 0x200D, Stride: 1},
		{Lo: 0x2070, Hi: 0x218F, Stride: 1}, {Lo: 0x2C00, Hi: 0x2FEF, Stride: 1}, {Lo: 0x3001, Hi: 0xD7FF, Stride: 1},
		{Lo: 0xF900, Hi: 0xFDCF, Stride: 1}, {Lo: 0xFDF0, Hi: 0xFFFD, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0x10000, Hi: 0xEFFFF, Stride: 1}},
}

var nameMore = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0xB7, Hi: 0xB7, Stride: 1}, {Lo: 0x300, Hi: 0x36F, Stride: 1}, {Lo: 0x203F, Hi: 0x2040, Stride: 1},
	},
}

// interned keeps one string for each name, so that names are not allocated again and again.
type interned struct{ known map[string]string }

// A document with more different names than this pays for each further one.
const maxInterned = 4096

func (t *interned) of(b []byte) string {
	if s, ok := t.known[string(b)]; ok {
		return s
	}
	s := string(b)
	if t.known == nil {
		t.known = make(map[string]string, 64)
	}
	if len(t.known) < maxInterned {
		t.known[s] = s
	}
	return s
}
