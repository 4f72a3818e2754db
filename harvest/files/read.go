package files

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/ead"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest"
)

// A met is what was met in a file: an item, or something to tell.
type met struct {
	item harvest.Item
	warn string // if not empty, there is no item
	// short says that the file lacks records which it should have.
	short bool
	// unproven says that a record was there which can't be told from those that are not.
	unproven bool
	// repeats says that the file had another record with its identifier before.
	repeats bool
}

// Warnings of pages. They are stable sentences.
const (
	warnEmpty   = "A file or an entry of an archive holds no records."
	warnTwice   = "Different records of a file have one identifier, and the last of them counts; key: says where the identifiers are."
	warnToken   = "A saved list goes on with another response; whether that is among the files is not known, so nothing counts as absent."
	warnUnkeyed = "There is an item whose identifier can't be made out, so that nothing shows which records are gone; nothing counts as absent."
	warnFiles   = "Files came, went or changed while the pass was under way; all of them are read again in the next."
)

// errStop says that nobody wants more.
var errStop = errors.New("enough")

// read yields what is in a file, in its order. An error means that the file can't be read at present; what is wrong with
// its bytes is a rejected item instead, and what follows it is read.
func (s *Source) read(name string, r io.ReaderAt, size int64) iter.Seq2[met, error] {
	return func(yield func(met, error) bool) {
		disk := &watched{in: r}
		x := reading{source: s, disk: disk, yield: func(m met) bool { return yield(m, nil) }}
		err := s.form.unpack(disk, size, s.budget(size), func(e entry) error {
			place := name
			if e.name != "" {
				place = name + "/" + strings.TrimLeft(e.name, "/")
			}
			return x.entry(place, e)
		})
		switch {
		case err == nil || errors.Is(err, errStop):
		case disk.err != nil:
			yield(met{}, unreadable(name, disk.err))
		default:
			yield(met{item: rejected(name, nil, reasonOf(err), err.Error()), short: true}, nil)
		}
	}
}

// budget is how many bytes a file of this size may have when it is unpacked.
func (s *Source) budget(size int64) budget {
	b := budgetOf(size)
	if most := s.config.MaxUnpacked; most > 0 && most < b.left {
		b = budget{most, tooMuch{most}}
	}
	return b
}

// A reading reads one file.
type reading struct {
	source *Source
	disk   *watched
	yield  func(met) bool
}

// entry reads a stream of records. It returns an error only if nothing of the file can be read any more.
func (x *reading) entry(place string, e entry) error {
	if e.refused != "" {
		reason := reasonMalformed
		if e.unsafe {
			reason = reasonUnsafe
		}
		return x.tell(met{item: rejected(place, nil, reason, e.name+" "+e.refused), unproven: true})
	}
	var start []byte
	var err error
	if e.sheets == nil {
		start, err = peek(e.in)
	}
	switch {
	case err == nil && e.sheets == nil && len(bytes.TrimLeft(start, blank)) == 0:
		return x.tell(met{warn: warnEmpty, unproven: e.name == ""}) // an export that failed, or that is about to be written
	case err == nil:
		err = x.source.form.records(x, place, start, e)
	}
	if err == nil || errors.Is(err, errStop) || errors.Is(err, errBomb) || x.disk.err != nil {
		return err
	}
	return x.tell(met{item: rejected(place, nil, reasonOf(err), err.Error()), short: true})
}

// notThis tells of a stream that is nothing of what the files of the source should hold.
func (x *reading) notThis(place string, start []byte, why string) error {
	return x.tell(met{item: rejected(place, start[:min(len(start), 4<<10)], reasonMalformed, why), unproven: true})
}

func (x *reading) tell(m met) error {
	if !x.yield(m) {
		return errStop
	}
	return nil
}

// reasonOf is the reason of a rejection because of an error.
func reasonOf(err error) string {
	if errors.Is(err, errBomb) || errors.Is(err, marc.ErrTooLarge) || errors.Is(err, ead.ErrTooLarge) {
		return reasonTooLarge
	}
	return reasonMalformed
}

// watched notes why a file can't be read, to tell a bad disk from bad bytes.
type watched struct {
	in  io.ReaderAt
	err error
}

func (w *watched) ReadAt(p []byte, at int64) (int, error) {
	n, err := w.in.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
