package dublincore

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds how deep unknown members may be nested.
const maxJSONDepth = 64

// UnmarshalJSON replaces the values of the record by those of JSON that [Record.AppendJSON] wrote. The notes stay.
// Terms and members that it does not know are skipped, so that an older program can read what a newer one wrote. It
// reads in one pass and without reflection, because every record of a list is read so.
func (r *Record) UnmarshalJSON(data []byte) error {
	p := jsonReader{data: data}
	p.space()
	if p.literal("null") {
		return nil
	}
	values := make([]Value, 0, 16)
	err := p.object(func(name []byte) error {
		t, known := termsByName[string(name)]
		if !known {
			return p.skip(0)
		}
		return p.array(func() error {
			v := Value{Term: t}
			err := p.value(&v)
			values = append(values, v)
			return err
		})
	})
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return fmt.Errorf("read a record from JSON: byte %d: %w", p.at, err)
	}
	r.Values = values
	return nil
}

// A jsonReader walks through JSON text. Its functions begin where no white space is left, and skip the white space
// after what they read.
type jsonReader struct {
	data []byte
	at   int
}

var (
	errJSONObject = errors.New("expected an object")
	errJSONArray  = errors.New("expected a list")
	errJSONString = errors.New("expected a string")
	errJSONValue  = errors.New("expected a value")
	errJSONMore   = errors.New("expected a comma or the end")
	errJSONColon  = errors.New("expected a colon")
	errJSONEscape = errors.New("a bad escape in a string")
	errJSONEnd    = errors.New("something follows the record")
	errJSONDeep   = errors.New("nested too deeply")
	errJSONFrom   = errors.New(`"from" must be extracted, context or curated`)
)

func (p *jsonReader) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// take skips c if it is next.
func (p *jsonReader) take(c byte) bool {
	if p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		p.space()
		return true
	}
	return false
}

func (p *jsonReader) literal(word string) bool {
	if len(p.data)-p.at >= len(word) && string(p.data[p.at:p.at+len(word)]) == word {
		p.at += len(word)
		p.space()
		return true
	}
	return false
}

func (p *jsonReader) end() error {
	if p.at < len(p.data) {
		return errJSONEnd
	}
	return nil
}

// object calls member after each name and colon.
func (p *jsonReader) object(member func(name []byte) error) error {
	if !p.take('{') {
		return errJSONObject
	}
	if p.take('}') {
		return nil
	}
	for {
		name, err := p.bytes()
		if err != nil {
			return err
		}
		if !p.take(':') {
			return errJSONColon
		}
		if err := member(name); err != nil {
			return err
		}
		if p.take('}') {
			return nil
		}
		if !p.take(',') {
			return errJSONMore
		}
	}
}

// array calls item before each item.
func (p *jsonReader) array(item func() error) error {
	if !p.take('[') {
		return errJSONArray
	}
	if p.take(']') {
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if p.take(']') {
			return nil
		}
		if !p.take(',') {
			return errJSONMore
		}
	}
}

// value reads one value of a term.
func (p *jsonReader) value(v *Value) error {
	return p.object(func(name []byte) (err error) {
		switch string(name) {
		case "value":
			v.Text, err = p.text()
		case "lang":
			v.Lang, err = p.text()
		case "scheme":
			v.Scheme, err = p.text()
		case "original":
			v.Original, err = p.text()
		case "from":
			var from string
			var ok bool
			if from, err = p.text(); err != nil {
				return err
			}
			if v.From, ok = AuthorityNamed(from); !ok {
				return errJSONFrom
			}
		default:
			return p.skip(0)
		}
		return err
	})
}

// text reads a string.
func (p *jsonReader) text() (string, error) {
	b, err := p.bytes()
	return string(b), err
}

// bytes reads a string. What it returns may be a part of the data.
func (p *jsonReader) bytes() ([]byte, error) {
	if p.at >= len(p.data) || p.data[p.at] != '"' {
		return nil, errJSONString
	}
	p.at++
	start := p.at
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			s := p.data[start:p.at]
			if !utf8.Valid(s) {
				return p.escapedText(start)
			}
			p.at++
			p.space()
			return s, nil
		case c == '\\':
			return p.escapedText(start)
		case c < ' ':
			return nil, errJSONString
		default:
			p.at++
		}
	}
	return nil, errJSONString
}

// escapedText reads the string that began at start once more, and resolves its escapes. Bytes that are not UTF-8
// become U+FFFD, as in encoding/json.
func (p *jsonReader) escapedText(start int) ([]byte, error) {
	buf := make([]byte, 0, 64+p.at-start)
	p.at = start
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			p.space()
			return buf, nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return nil, err
			}
			buf = utf8.AppendRune(buf, r)
		case c < ' ':
			return nil, errJSONString
		case c < utf8.RuneSelf:
			buf = append(buf, c)
			p.at++
		default:
			r, n := utf8.DecodeRune(p.data[p.at:])
			buf = utf8.AppendRune(buf, r)
			p.at += n
		}
	}
	return nil, errJSONString
}

// escape reads one escape sequence. A surrogate pair counts as one.
func (p *jsonReader) escape() (rune, error) {
	p.at++
	if p.at >= len(p.data) {
		return 0, errJSONEscape
	}
	c := p.data[p.at]
	p.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
	default:
		return 0, errJSONEscape
	}
	r, err := p.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if p.at+1 < len(p.data) && p.data[p.at] == '\\' && p.data[p.at+1] == 'u' {
		back := p.at
		p.at += 2
		low, err := p.hex4()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
		p.at = back
	}
	return utf8.RuneError, nil
}

func (p *jsonReader) hex4() (rune, error) {
	if len(p.data)-p.at < 4 {
		return 0, errJSONEscape
	}
	var r rune
	for _, c := range p.data[p.at : p.at+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, errJSONEscape
		}
	}
	p.at += 4
	return r, nil
}

// skip passes over any value.
func (p *jsonReader) skip(depth int) error {
	if depth > maxJSONDepth {
		return errJSONDeep
	}
	if p.at >= len(p.data) {
		return errJSONValue
	}
	switch p.data[p.at] {
	case '{':
		return p.object(func([]byte) error { return p.skip(depth + 1) })
	case '[':
		return p.array(func() error { return p.skip(depth + 1) })
	case '"':
		_, err := p.text()
		return err
	}
	if p.literal("true") || p.literal("false") || p.literal("null") {
		return nil
	}
	start := p.at
	for p.at < len(p.data) && (p.data[p.at] >= '0' && p.data[p.at] <= '9' || p.data[p.at] == '-' ||
		p.data[p.at] == '+' || p.data[p.at] == '.' || p.data[p.at] == 'e' || p.data[p.at] == 'E') {
		p.at++
	}
	if _, err := strconv.ParseFloat(string(p.data[start:p.at]), 64); err != nil && !errors.Is(err, strconv.ErrRange) {
		return errJSONValue
	}
	p.space()
	return nil
}
