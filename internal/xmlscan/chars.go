package xmlscan

import (
	"bytes"
	"unicode/utf8"
)

// What a byte can be.
const (
	isSpace     = 1 << iota // white space
	isNameStart             // ASCII that begins a name (without the colon)
	isNameChar              // ASCII inside a name (without the colon)
	stopsText               // ends a run of plain character data
	stopsValue              // ends a run of a plain attribute value
	forbidden               // control characters that XML 1.0 does not allow
)

var class = func() (c [256]uint8) {
	for b := range 0x20 {
		c[b] = stopsText | stopsValue | forbidden
	}
	for _, b := range " \t\n\r" {
		c[b] = isSpace
	}
	c['\r'] |= stopsText
	c['\t'] |= stopsValue
	c['\n'] |= stopsValue
	c['\r'] |= stopsValue
	for b := 'a'; b <= 'z'; b++ {
		c[b] |= isNameStart | isNameChar
		c[b-'a'+'A'] |= isNameStart | isNameChar
	}
	c['_'] |= isNameStart | isNameChar
	for _, b := range "0123456789-." {
		c[b] |= isNameChar
	}
	for _, b := range "<&]" {
		c[b] |= stopsText
	}
	for _, b := range "<&\"'" {
		c[b] |= stopsValue
	}
	return c
}()

// charData reads character data up to the next '<'.
func (s *Scanner) charData() error {
	data, i := s.data, s.pos
	from := i     // of the run not yet copied
	copied := -1  // where the text begins in scratch, if it had to be copied
	var high byte // any byte above ASCII
	for i < len(data) {
		c := data[i]
		if class[c]&stopsText == 0 {
			high |= c
			i++
			continue
		}
		if c == '<' {
			break
		}
		if c == ']' {
			if i+2 < len(data) && data[i+1] == ']' && data[i+2] == '>' {
				return s.errorAt(i, "]]> stands in text outside a CDATA section; it must be written ]]&gt;")
			}
			i++
			continue
		}
		if c != '&' && c != '\r' {
			return s.badByte(i)
		}
		if copied < 0 {
			s.scratch = s.scratch[:0]
			copied = 0
		}
		s.scratch = append(s.scratch, data[from:i]...)
		var err error
		if c == '&' {
			i, err = s.reference(i)
		} else {
			i, s.scratch = lineEnd(data, i, s.scratch)
		}
		if err != nil {
			return err
		}
		from = i
	}
	if high >= utf8.RuneSelf {
		if err := s.checkUTF8(s.pos, i); err != nil {
			return err
		}
	}
	if copied < 0 {
		s.text = data[s.pos:i]
	} else {
		s.scratch = append(s.scratch, data[from:i]...)
		s.text = s.scratch
	}
	s.pos = i
	return nil
}

// lineEnd makes a line feed of the carriage return at i, and of a line feed behind it (XML 1.0, 2.11).
func lineEnd(data []byte, i int, dst []byte) (int, []byte) {
	i++
	if i < len(data) && data[i] == '\n' {
		i++
	}
	return i, append(dst, '\n')
}

// reference appends what the reference at i stands for to scratch, and gives the offset behind it.
func (s *Scanner) reference(i int) (int, error) {
	const longest = 32 // "&#x0000…;" with any sensible number of zeros
	rest := s.data[i+1 : min(i+longest, len(s.data))]
	n := bytes.IndexByte(rest, ';')
	if n < 0 {
		if len(s.data)-i < longest && !bytes.ContainsAny(rest, "<>&\" \n") {
			return 0, s.truncated("a reference")
		}
		return 0, s.errorAt(i, "& does not begin a reference; it must be written &amp;")
	}
	r, ok := resolve(rest[:n])
	if !ok {
		return 0, s.errorAt(i, "&%s; stands for no character that XML allows", rest[:n])
	}
	s.scratch = utf8.AppendRune(s.scratch, r)
	return i + n + 2, nil
}

// resolve gives the character that the name (or #number) of a reference stands for.
func resolve(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0, false
	}
	var r rune
	for _, d := range digits {
		v := hexValue(d)
		if v >= base {
			return 0, false
		}
		if r = r*base + v; r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, IsChar(r)
}

func hexValue(d byte) rune {
	switch {
	case '0' <= d && d <= '9':
		return rune(d - '0')
	case 'a' <= d && d <= 'f':
		return rune(d-'a') + 10
	case 'A' <= d && d <= 'F':
		return rune(d-'A') + 10
	}
	return 99
}

// IsChar says whether XML 1.0 allows the code point in a document (section 2.2).
func IsChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// checkUTF8 refuses invalid UTF-8, U+FFFE and U+FFFF between the offsets.
func (s *Scanner) checkUTF8(from, to int) error {
	part := s.data[from:to]
	if utf8.Valid(part) && !hasNonCharacter(part) {
		return nil
	}
	for i := from; i < to; {
		r, n := utf8.DecodeRune(s.data[i:to])
		if r == utf8.RuneError && n <= 1 || !IsChar(r) {
			return s.badByte(i)
		}
		i += n
	}
	return nil
}

// hasNonCharacter finds U+FFFE and U+FFFF: EF BF BE and EF BF BF. (EF BF BD, the replacement
// character, is common.)
func hasNonCharacter(b []byte) bool {
	for {
		i := bytes.Index(b, []byte{0xEF, 0xBF})
		if i < 0 || i+2 >= len(b) {
			return false
		}
		if b[i+2] >= 0xBE {
			return true
		}
		b = b[i+3:]
	}
}

func (s *Scanner) badByte(i int) error {
	r, n := utf8.DecodeRune(s.data[i:])
	if r == utf8.RuneError && n <= 1 {
		if !utf8.FullRune(s.data[i:]) {
			return s.truncated("a character")
		}
		return s.errorAt(i, "byte %#02x is not UTF-8 here", s.data[i])
	}
	return s.errorAt(i, "U+%04X is a character that XML does not allow", r)
}

// checkChars refuses all that may not stand in a document between the offsets: for comments,
// instructions and CDATA sections.
func (s *Scanner) checkChars(from, to int) error {
	var high byte
	for i := from; i < to; i++ {
		c := s.data[i]
		if class[c]&forbidden != 0 {
			return s.badByte(i)
		}
		high |= c
	}
	if high >= utf8.RuneSelf {
		return s.checkUTF8(from, to)
	}
	return nil
}
