package marc

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

// readISO2709 reads one record in exchange format. Lengths are not trusted: a record longer than 99,999 bytes
// cannot state its own, and many programs count characters instead of bytes. If the directory does not fit the
// record, its tags are given to the fields in their order, provided that there are as many tags as fields.
func (p *Parser) readISO2709(data []byte) error {
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
	p.rec.Leader = asciiOnly(data[:min(24, len(data))])
	dirEnd := bytes.IndexByte(data, fieldEnd)
	if dirEnd < 24 || (dirEnd-24)%12 != 0 {
		return fmt.Errorf("%w: the directory of the MARC record is not whole", ErrMalformed)
	}
	directory, body := data[24:dirEnd], data[dirEnd+1:]
	decode, err := p.charset(p.rec.Leader, body)
	if err != nil {
		return err
	}
	if byDirectory(directory, body, nil) {
		return p.fill(directory, body, decode)
	}
	return p.inOrder(directory, body, decode)
}

// asciiOnly is a leader as text, with a question mark for each byte that is not a sign of ASCII.
func asciiOnly(b []byte) string {
	out := bytes.Clone(b)
	for i, c := range out {
		if c >= utf8.RuneSelf || c < ' ' {
			out[i] = '?'
		}
	}
	return string(out)
}

// byDirectory calls use for each field as the directory places it. It reports whether the directory fits the body:
// each field lies within the body, and its last byte is its only end mark.
func byDirectory(directory, body []byte, use func(tag, field []byte) error) bool {
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

func (p *Parser) fill(directory, body []byte, decode Decoder) error {
	var failed error
	byDirectory(directory, body, func(tag, field []byte) error {
		failed = p.isoField(tag, field, decode)
		return failed
	})
	return failed
}

// inOrder gives the tags of the directory to the fields in their order.
func (p *Parser) inOrder(directory, body []byte, decode Decoder) error {
	fields := bytes.Split(bytes.TrimSuffix(body, []byte{fieldEnd}), []byte{fieldEnd})
	if n := len(directory) / 12; n != len(fields) {
		return fmt.Errorf("%w: the directory of the MARC record names %d fields, the record has %d", ErrMalformed, n, len(fields))
	}
	for i, field := range fields {
		if err := p.isoField(directory[12*i:12*i+3], field, decode); err != nil {
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

// charset chooses how to read the texts of a record. Position 09 of the leader should say it, but is wrong in
// many records. So a record that is UTF-8 throughout, and not plain ASCII, is read as UTF-8 whatever the leader
// says, and plain ASCII with escape sequences is read as MARC-8.
func (p *Parser) charset(leader string, body []byte) (Decoder, error) {
	unicode := len(leader) > 9 && leader[9] == 'a'
	if utf8.Valid(body) {
		if escapes := bytes.IndexByte(body, escape) >= 0; !escapes || unicode && !isASCII(body) {
			return appendUTF8, nil
		}
		return MARC8, nil
	}
	damaged := mostlyUTF8(body)
	switch {
	case p.Otherwise != nil && damaged:
		return partlyUTF8(p.Otherwise), nil
	case p.Otherwise != nil:
		return p.Otherwise, nil
	case unicode && damaged:
		return partlyUTF8(appendLossy), nil
	case unicode:
		return nil, fmt.Errorf("%w: the MARC record is %w than UTF-8, which its leader names", ErrMalformed, ErrEncoding)
	}
	return MARC8, nil
}

func (p *Parser) isoField(tag, field []byte, decode Decoder) error {
	for _, c := range tag {
		if c <= ' ' || c >= utf8.RuneSelf {
			return fmt.Errorf("%w: %q is no tag of a MARC field", ErrMalformed, tag)
		}
	}
	if tag[0] == '0' && tag[1] == '0' || bytes.IndexByte(field, subfieldStart) < 0 {
		return p.isoControl(tag, field, decode)
	}
	parts := bytes.Split(field, []byte{subfieldStart})
	var ind [2]byte
	copy(ind[:], parts[0])
	if err := p.addData(string(tag), ind[0], ind[1]); err != nil {
		return err
	}
	for _, part := range parts[1:] {
		if len(part) == 0 {
			continue
		}
		if part[0] >= utf8.RuneSelf {
			// The code is missing, and a letter of the text stands in its place. Without its first byte it is no letter.
			return fmt.Errorf("%w: field %s of the MARC record has a subfield without a code", ErrMalformed, tag)
		}
		from := len(p.text)
		var err error
		if p.text, err = decode(p.text, part[1:]); err != nil {
			return inField(tag, err)
		}
		if err = p.addSub(part[0], from); err != nil {
			return err
		}
	}
	return nil
}

func (p *Parser) isoControl(tag, field []byte, decode Decoder) (err error) {
	from := len(p.text)
	if p.text, err = decode(p.text, field); err != nil {
		return inField(tag, err)
	}
	return p.addControl(string(tag), from)
}

// inField is the error of a text that its decoder can't read.
func inField(tag []byte, err error) error {
	return fmt.Errorf("%w: field %s of the MARC record is %w: %w", ErrMalformed, tag, ErrEncoding, err)
}
