package crosswalk

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// The marks of ISO 2709.
const (
	recordEnd     = 0x1D
	fieldEnd      = 0x1E
	subfieldStart = 0x1F
)

// readISO2709 reads one record in exchange format. Lengths are not trusted: records longer than
// 99,999 bytes can't state theirs, and many programs count characters instead of bytes. Where the
// directory does not fit, its tags are given to the fields in order, if the numbers agree.
func (m *marcRecord) readISO2709(data []byte) error {
	if len(data) < 24+2 {
		return fmt.Errorf("%w: a MARC record has at least 26 bytes, not %d", ErrMalformed, len(data))
	}
	if end := bytes.IndexByte(data, recordEnd); end >= 0 {
		if len(bytes.Trim(data[end+1:], "\r\n\x00\x1a ")) > 0 {
			return fmt.Errorf("%w: something follows the end of the MARC record", ErrMalformed)
		}
		data = data[:end]
	} else {
		return fmt.Errorf("%w: the MARC record has no end mark; it is cut short", ErrMalformed)
	}
	m.leader = asciiOnly(data[:min(24, len(data))])
	dirEnd := bytes.IndexByte(data, fieldEnd)
	if dirEnd < 24 || (dirEnd-24)%12 != 0 {
		return fmt.Errorf("%w: the directory of the MARC record is not whole", ErrMalformed)
	}
	directory, body := data[24:dirEnd], data[dirEnd+1:]
	decode, err := charset(m.leader, body)
	if err != nil {
		return err
	}
	if m.byDirectory(directory, body, nil) {
		return m.fill(directory, body, decode)
	}
	return m.inOrder(directory, body, decode)
}

// asciiOnly is a leader as text; a byte beyond ASCII becomes a question mark.
func asciiOnly(b []byte) string {
	out := bytes.Clone(b)
	for i, c := range out {
		if c >= utf8.RuneSelf || c < ' ' {
			out[i] = '?'
		}
	}
	return string(out)
}

// byDirectory calls use for each field as the directory has it, and says whether the directory fits
// the body: each field within it, and with an end mark as its last byte and nowhere else.
func (m *marcRecord) byDirectory(directory, body []byte, use func(tag, field []byte) error) bool {
	for d := directory; len(d) >= 12; d = d[12:] {
		length, ok1 := decimal(d[3:7])
		start, ok2 := decimal(d[7:12])
		if !ok1 || !ok2 || length == 0 || start+length > len(body) {
			return false
		}
		field := body[start : start+length]
		if bytes.IndexByte(field, fieldEnd) != length-1 {
			return false
		}
		if use != nil && use(d[:3], field[:length-1]) != nil {
			return false
		}
	}
	return true
}

func (m *marcRecord) fill(directory, body []byte, decode decoder) error {
	var failed error
	m.byDirectory(directory, body, func(tag, field []byte) error {
		failed = m.isoField(tag, field, decode)
		return failed
	})
	return failed
}

// inOrder gives the directory's tags to the fields in the order in which they stand.
func (m *marcRecord) inOrder(directory, body []byte, decode decoder) error {
	fields := bytes.Split(bytes.TrimSuffix(body, []byte{fieldEnd}), []byte{fieldEnd})
	if n := len(directory) / 12; n != len(fields) {
		return fmt.Errorf("%w: the directory of the MARC record names %d fields, the record has %d", ErrMalformed, n, len(fields))
	}
	for i, field := range fields {
		if err := m.isoField(directory[12*i:12*i+3], field, decode); err != nil {
			return err
		}
	}
	return nil
}

func decimal(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// A decoder appends text in UTF-8.
type decoder func(dst, text []byte) ([]byte, error)

// charset chooses how to read a record. Leader position 09 is a promise that many records break: text
// that is UTF-8 throughout and not plain ASCII is UTF-8, whatever the leader says, and ASCII with escape
// sequences is MARC-8.
func charset(leader string, body []byte) (decoder, error) {
	unicode, isUTF8 := len(leader) > 9 && leader[9] == 'a', utf8.Valid(body)
	switch escapes := bytes.IndexByte(body, 0x1B) >= 0; {
	case isUTF8 && (!escapes || unicode && !isASCII(body)):
		return func(dst, text []byte) ([]byte, error) { return append(dst, text...), nil }, nil
	case !isUTF8 && unicode:
		return nil, fmt.Errorf("%w: the leader says that the MARC record is Unicode, but it is not UTF-8", ErrMalformed)
	}
	return appendMARC8, nil
}

func (m *marcRecord) isoField(tag, field []byte, decode decoder) (err error) {
	for _, c := range tag {
		if c <= ' ' || c >= utf8.RuneSelf {
			return fmt.Errorf("%w: %q is no tag of a MARC field", ErrMalformed, tag)
		}
	}
	control := tag[0] == '0' && tag[1] == '0' || bytes.IndexByte(field, subfieldStart) < 0
	parts := bytes.Split(field, []byte{subfieldStart})
	var ind [2]byte
	if !control {
		copy(ind[:], parts[0])
	}
	if err := m.addField(string(tag), ind[0], ind[1], control); err != nil {
		return err
	}
	if control {
		f := &m.fields[len(m.fields)-1]
		f.from = len(m.buf)
		m.buf, err = decode(m.buf, field)
		f.to = len(m.buf)
		return m.inField(tag, err)
	}
	for _, part := range parts[1:] {
		if len(part) == 0 {
			continue
		}
		from := len(m.buf)
		if m.buf, err = decode(m.buf, part[1:]); err != nil {
			return m.inField(tag, err)
		}
		if err = m.addSub(part[0], from, len(m.buf)); err != nil {
			return err
		}
	}
	return nil
}

func (m *marcRecord) inField(tag []byte, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: field %s of the MARC record: %w", ErrMalformed, tag, err)
}
