package marc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// MaxRecord is how many bytes a record of a stream may have.
const MaxRecord = 32 << 20

// Records reads the records of a stream in ISO 2709, in MARCXML, or in lines, one by one. A record that cannot be
// read is a [*RecordError] without a Record, and the next one follows. Any other error concerns the whole stream,
// which cannot be read or was cut short, and is the last.
func Records(r io.Reader) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for part, err := range split(r, MaxRecord) {
			var rec *Record
			if err == nil {
				if rec, err = Parse(part.data); err != nil {
					err = part.failed(err)
				}
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// Split cuts a stream into the bytes of its records, one by one, without reading more of them than where they end:
// each can be given to [Parse]. An element of MARCXML gets the declarations of its namespaces, if they stand outside
// it. The bytes are valid until the next record. Errors are as those of [Records]; what is wrong within a record is
// for Parse to say.
//
// No more than one record is in memory. A record of more than [MaxRecord] bytes is an error, and is passed over.
func Split(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for part, err := range split(r, MaxRecord) {
			if !yield(part.data, err) {
				return
			}
		}
	}
}

// A part is one record of a stream, as it is cut out.
type part struct {
	number int
	offset int64
	data   []byte
}

// failed is the error of a record that cannot be read. It keeps the record's bytes.
func (p part) failed(err error) error {
	return &RecordError{Number: p.number, Offset: p.offset, Data: bytes.Clone(p.data), Err: err}
}

// split yields the parts of a stream. The part beside an error is empty.
func split(r io.Reader, limit int) iter.Seq2[part, error] {
	return func(yield func(part, error) bool) {
		s := &stream{in: bufio.NewReaderSize(r, 64<<10), limit: limit}
		first, err := s.begin()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				yield(part{}, fmt.Errorf("read MARC records: %w", err))
			}
			return
		}
		cut := s.cutISO2709
		switch first {
		case '<':
			cut = (&xmlSplitter{tags: xmlTags{stream: s}}).cut
		case '=':
			cut = s.cutLines
		}
		for {
			broken, err := cut()
			switch {
			case err != nil && !errors.Is(err, io.EOF):
				yield(part{}, fmt.Errorf("read MARC records: %w", err))
				return
			case len(s.data) == 0 && !s.cutOff:
				return
			}
			s.number++
			p := part{s.number, s.start, s.data}
			if broken == nil && s.cutOff {
				broken = fmt.Errorf("%w: the MARC record has more than %d bytes", ErrTooLarge, limit)
			}
			if broken != nil && !yield(part{}, p.failed(broken)) || broken == nil && !yield(p, nil) || err != nil {
				return
			}
		}
	}
}

// A stream gathers the bytes of one record after the other.
type stream struct {
	in     *bufio.Reader
	limit  int
	offset int64 // of the next byte

	number int
	start  int64 // offset of the record in hand
	data   []byte
	cutOff bool // the record is larger than limit; data has its beginning
}

// begin passes over a byte order mark and white space, and is the first byte of the first record.
func (s *stream) begin() (byte, error) {
	if mark, _ := s.in.Peek(3); string(mark) == "\ufeff" {
		_, _ = s.in.Discard(3) // they are in the buffer
		s.offset = 3
	}
	return s.skip(" \t\r\n")
}

// skip passes over the bytes of a set, and is the byte behind them, which is not read yet.
func (s *stream) skip(set string) (byte, error) {
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if bytes.IndexByte([]byte(set), c) < 0 {
			return c, s.in.UnreadByte()
		}
		s.offset++
	}
}

// next begins a record at the next byte.
func (s *stream) next() { s.start, s.data, s.cutOff = s.offset, s.data[:0], false }

// keep adds bytes to the record in hand, as far as it may have them.
func (s *stream) keep(b []byte) {
	room := s.limit - len(s.data)
	if len(b) > room {
		b, s.cutOff = b[:room], true
	}
	s.data = append(s.data, b...)
}

// readTo adds the bytes up to the delimiter to the record in hand.
func (s *stream) readTo(delim byte) error {
	for {
		b, err := s.in.ReadSlice(delim)
		s.offset += int64(len(b))
		s.keep(b)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// cutISO2709 cuts at the end mark of a record, which stands nowhere else. The length in the leader is not
// trusted; see readISO2709. Between records stand line feeds, or what old systems fill their blocks with.
func (s *stream) cutISO2709() (broken, err error) {
	s.next()
	if _, err := s.skip("\r\n\x00\x1a "); err != nil {
		return nil, err
	}
	s.next()
	err = s.readTo(recordEnd)
	if errors.Is(err, io.EOF) {
		broken = fmt.Errorf("%w: the MARC record has no end mark; it is %w", ErrMalformed, ErrCutShort)
	}
	return broken, err
}

// cutLines cuts before a leader and at an empty line.
func (s *stream) cutLines() (broken, err error) {
	s.next()
	if _, err := s.skip(" \t\r\n"); err != nil {
		return nil, err
	}
	s.next()
	for {
		if err := s.readTo('\n'); err != nil {
			return nil, err
		}
		if ahead, _ := s.in.Peek(4); len(ahead) == 0 || ahead[0] == '\n' || ahead[0] == '\r' || string(ahead) == "=LDR" || string(ahead) == "=000" {
			return nil, nil
		}
	}
}
