package harvest

import (
	"errors"
	"io"
)

// ErrTooLong says that a stream has more bytes than it may have.
var ErrTooLong = errors.New("the stream is longer than it may be")

// trusted is how much memory is taken because of what somebody says about a size, in bytes, before that much has come.
const trusted = 4 << 20

// ReadWhole reads a stream of at most most bytes into memory, and leaves no copies behind as a growing buffer does. about is
// a guess of its size. Of a longer stream it returns the first most bytes and [ErrTooLong].
func ReadWhole(r io.Reader, about, most int64) ([]byte, error) {
	about = min(max(about, 512), most)
	part := make([]byte, 0, min(about, trusted)+1)
	var full [][]byte // the parts before it
	for total := int64(0); ; {
		n, err := r.Read(part[len(part):cap(part)])
		part, total = part[:len(part)+n], total+int64(n)
		switch {
		case total > most:
			return joined(full, part, total)[:most], ErrTooLong
		case errors.Is(err, io.EOF):
			return joined(full, part, total), nil
		case err != nil:
			return joined(full, part, total), err
		case len(part) < cap(part):
			continue
		}
		if len(full) == 0 && about > total { // the guess holds so far
			part = append(make([]byte, 0, about+1), part...)
			continue
		}
		full = append(full, part)
		part = make([]byte, 0, max(min(total/2, most-total), 0)+512)
	}
}

func joined(full [][]byte, last []byte, total int64) []byte {
	if len(full) == 0 {
		return last
	}
	all := make([]byte, 0, total)
	for _, part := range full {
		all = append(all, part...)
	}
	return append(all, last...)
}
