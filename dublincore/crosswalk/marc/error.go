package marc

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed means that bytes are not a MARC record in any of its forms.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge means that a record is larger than this package reads, or than a form can hold.
	ErrTooLarge = errors.New("too large")
	// ErrCutShort means that a stream ends within a record, or before the end of the collection, so that records may be
	// missing. Such an error is also ErrMalformed.
	ErrCutShort = errors.New("cut short")
	// ErrEncoding means that the texts of a record can't be read as those of the encoding that it claims, or that
	// [Parser.Otherwise] names. Such an error is also ErrMalformed.
	ErrEncoding = errors.New("in another encoding")
)

// A RecordError is one record of a stream that cannot be read. The records after it can.
type RecordError struct {
	Number int    // of the record in the stream, from 1
	Offset int64  // of the record's first byte in the stream
	Data   []byte // the bytes of the record, so that it can be kept and looked at; if it is too large, the first of them
	Err    error  // what is wrong: ErrMalformed or ErrTooLarge, with the details
}

// Error is "record 3, at byte 1729: malformed: …".
func (e *RecordError) Error() string {
	return fmt.Sprintf("record %d, at byte %d: %v", e.Number, e.Offset, e.Err)
}

// Unwrap is Err.
func (e *RecordError) Unwrap() error { return e.Err }
