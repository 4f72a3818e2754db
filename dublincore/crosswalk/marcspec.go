package crosswalk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A marcSpec is a selector in the form that readers of MARC write: 245$ab.
type marcSpec struct {
	leader    bool
	tag, mask uint32 // as key gives it; a character that may be any has no bits in mask
	inField   bool   // $a alone: of the field in hand
	indicator int    // 1 or 2: that indicator of the field in hand
	ind1      byte   // '.' is any, ' ' is blank
	ind2      byte
	data      bool   // a data field: $codes, or all its subfields
	codes     string // empty: all but the numeric ones
	dashed    string // codes joined with " -- " (subdivisions of a heading)
	from, to  int    // positions; from < 0 if all
}

const marcHelp = "a MARC selector looks like 245$ab, 264_1$c (blank and 1 are indicators, . is any), 650$a--vxyz, 008/35-37, LDR/06, or $4 in a condition"

func (marcFamily) selector(_ *compiler, text string, relative bool) (selector, error) {
	s := &marcSpec{ind1: '.', ind2: '.', from: -1}
	rest, err := text, error(nil)
	switch {
	case relative && (text == "ind1" || text == "ind2"):
		s.indicator = int(text[3] - '0')
		return s, nil
	case strings.HasPrefix(text, "$"):
		if !relative {
			return nil, errors.New("which field? write the tag before the $: 245" + text)
		}
		s.inField = true
	case strings.HasPrefix(text, "LDR"):
		s.leader, rest = true, text[3:]
	default:
		rest, err = s.readTag(text)
	}
	if err == nil {
		rest, err = s.readCodes(rest)
	}
	if err == nil {
		rest, err = s.readPositions(rest)
	}
	if err == nil && rest != "" {
		err = fmt.Errorf("%q does not belong in this selector; %s", rest, marcHelp)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readTag reads the tag, and the indicators if there are any.
func (s *marcSpec) readTag(text string) (rest string, err error) {
	if len(text) < 3 {
		return "", fmt.Errorf("%q is too short; %s", text, marcHelp)
	}
	for i := range 3 {
		c := text[i]
		if c == '.' {
			continue
		}
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "", fmt.Errorf("%q is no tag; %s", text[:3], marcHelp)
		}
		s.tag |= uint32(c) << (8 * i)
		s.mask |= 0xFF << (8 * i)
	}
	rest = text[3:]
	switch n := strings.IndexAny(rest+"$", "$/"); n {
	case 0:
		return rest, nil
	case 2:
		if codes := rest[:2]; strings.Trim(codes, "0123456789_#.") != "" {
			return "", fmt.Errorf("between tag and $ stand indicators, not %q; for subfields write %s$%s; %s", codes, text[:3], codes, marcHelp)
		}
		s.ind1, s.ind2, s.data = specIndicator(rest[0]), specIndicator(rest[1]), true
		return rest[2:], nil
	default:
		if codes := rest[:n]; strings.Trim(codes, "abcdefghijklmnopqrstuvwxyz") == "" {
			return "", fmt.Errorf("for subfields write %s$%s, not %s; %s", text[:3], codes, text, marcHelp)
		}
		return "", fmt.Errorf("between tag and $ stand two indicators or none, not %q; %s", rest[:n], marcHelp)
	}
}

// readCodes reads $codes or $codes--codes.
func (s *marcSpec) readCodes(text string) (rest string, err error) {
	codes, ok := strings.CutPrefix(text, "$")
	if !ok {
		return text, nil
	}
	if slash := strings.IndexByte(codes, '/'); slash >= 0 {
		codes, rest = codes[:slash], codes[slash:]
	}
	if codes == "" {
		return "", errors.New("after $ come the codes of subfields: 245$ab")
	}
	s.data = true
	s.codes, s.dashed, _ = strings.Cut(codes, "--")
	for _, c := range s.codes + s.dashed {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return "", fmt.Errorf("%q is no subfield code; %s", string(c), marcHelp)
		}
	}
	return rest, nil
}

// readPositions reads /06 or /35-37.
func (s *marcSpec) readPositions(text string) (rest string, err error) {
	positions, ok := strings.CutPrefix(text, "/")
	if !ok {
		return text, nil
	}
	low, high, isRange := strings.Cut(positions, "-")
	var err1, err2 error
	s.from, err1 = strconv.Atoi(low)
	s.to = s.from
	if isRange {
		s.to, err2 = strconv.Atoi(high)
	}
	if err1 != nil || err2 != nil || s.from < 0 || s.to < s.from || s.to > 9999 {
		return "", fmt.Errorf("/%s names no positions; %s", positions, marcHelp)
	}
	return "", nil
}

// key is a tag as a number.
func key(tag string) uint32 { return uint32(tag[0]) | uint32(tag[1])<<8 | uint32(tag[2])<<16 }

// specIndicator reads an indicator of a spec: _ is blank, . is any.
func specIndicator(c byte) byte {
	if c == '_' || c == '#' {
		return ' '
	}
	return c
}

func (s *marcSpec) find(r *run, from node, dst []item) []item {
	if s.inField || s.indicator > 0 {
		if f, ok := from.(*marcField); ok {
			return s.inside(f, dst)
		}
		return dst
	}
	m, ok := r.root.(*marcRecord)
	if !ok {
		return dst
	}
	if s.leader {
		if text := s.cut(m.leader); text != "" {
			dst = append(dst, item{text: text, node: m})
		}
		return dst
	}
	for i := range m.fields {
		if f := &m.fields[i]; s.matches(f) {
			dst = s.inside(f, dst)
		}
	}
	return dst
}

// matches reports whether the spec means a field: by its tag, or as the original script (880) of a field with that tag.
func (s *marcSpec) matches(f *marcField) bool {
	if f.key&s.mask != s.tag && (f.linked == 0 || f.linked&s.mask != s.tag) {
		return false
	}
	return (s.ind1 == '.' || s.ind1 == f.ind1) && (s.ind2 == '.' || s.ind2 == f.ind2) && f.control != s.data ||
		!s.data && !f.control && s.from < 0
}

// inside selects from one field. A spec with one code gives a value for each subfield; any other gives one value for
// the field, its subfields joined in the order of the field.
func (s *marcSpec) inside(f *marcField, dst []item) []item {
	switch {
	case s.indicator == 1:
		return append(dst, item{text: string(rune(f.ind1)), node: f})
	case s.indicator == 2:
		return append(dst, item{text: string(rune(f.ind2)), node: f})
	case f.control:
		if s.inField {
			return dst // it has no subfields
		}
		if text := s.cut(f.Data); text != "" {
			dst = append(dst, item{text: text, node: f})
		}
		return dst
	}
	if len(s.codes) == 1 && s.dashed == "" {
		for i := range f.Subfields {
			if f.Subfields[i].Code == s.codes[0] {
				if text := s.cut(f.Subfields[i].Text); text != "" {
					dst = append(dst, item{text: text, node: f})
				}
			}
		}
		return dst
	}
	if text := s.joined(f); text != "" {
		dst = append(dst, item{text: text, node: f})
	}
	return dst
}

func (s *marcSpec) joined(f *marcField) string {
	var parts, size int
	only := ""
	for i := range f.Subfields {
		if s.join(f.Subfields[i].Code) != "" && f.Subfields[i].Text != "" {
			only = f.Subfields[i].Text
			parts++
			size += len(only) + 4
		}
	}
	if parts < 2 {
		return s.cut(only)
	}
	var b strings.Builder
	b.Grow(size)
	for i := range f.Subfields {
		if mark := s.join(f.Subfields[i].Code); mark != "" && f.Subfields[i].Text != "" {
			if b.Len() > 0 {
				b.WriteString(mark)
			}
			b.WriteString(f.Subfields[i].Text)
		}
	}
	return s.cut(b.String())
}

// join is the mark that stands before the text of a subfield; empty if the spec does not mean the subfield.
func (s *marcSpec) join(code byte) string {
	switch {
	case strings.IndexByte(s.dashed, code) >= 0:
		return " -- "
	case strings.IndexByte(s.codes, code) >= 0, s.codes == "" && s.dashed == "" && (code < '0' || code > '9'):
		return " "
	}
	return ""
}

// cut is the part of text at the positions that the spec names, as far as the text reaches.
func (s *marcSpec) cut(text string) string {
	if s.from < 0 {
		return text
	}
	if s.from >= len(text) {
		return ""
	}
	if f := text[:min(s.to+1, len(text))]; isASCII(f) {
		return f[s.from:]
	}
	runes := []rune(text)
	return string(runes[min(s.from, len(runes)):min(s.to+1, len(runes))])
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
