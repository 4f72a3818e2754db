package files

import "io"

// A Form is what the files of a source hold, and how items are cut out of them.
type Form interface {
	// id tells one form from another, in cursors: with another form everything is read again.
	id() string
	// what a file of it is called, with its article; accepts are the media types that a server is asked for.
	what() string
	accepts() string
	// unpack calls use with the streams of records in a file, which has no more than the budget when it is unpacked.
	unpack(r io.ReaderAt, size int64, b budget, use func(entry) error) error
	// records tells what is in a stream, which begins with start. The error is one of the stream; what is wrong with its
	// content is told as a rejected item.
	records(x *reading, place string, start []byte, e entry) error
}
