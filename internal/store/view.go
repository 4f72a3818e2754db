package store

import (
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Row is a record of the log as lists show it, or the departure of one. What it points to is valid until
// the next row is read.
type Row struct {
	Seq        int64
	Datestamp  int64 // that it shows, in seconds since 1970
	Identifier string
	Deleted    bool
	Sets       []string
	Item       int64
	// The rest is of live records only, and is not read for headers.
	Provenance []byte // the chain of originDescriptions (see [AppendProvenance])
	Rights     []byte // a URL
	Formats    pipeline.Formats
	Native     int64  // key of the list of its native format; with [View.Row] only
	OAIDC      []byte // if it was asked for
}

// A Range is a list, or a part of it: the records of all or of one set that have a format, and those that have
// left the set or lost the format, at the places where they are now.
type Range struct {
	Set    string // its spec; empty for all
	SetKey int64  // of the set's list; 0 for all
	Silent bool   // those that have left the set are not told
	// Format is the key of the list of a native format, or of one that is made of Dublin Core and that not
	// every record has; Made is the prefix of the latter. A format that every record has needs neither.
	Format int64
	Made   string

	After, Upto int64 // seqs: behind the one, up to the other

	Headers bool // nothing but headers is asked for
	OAIDC   bool // oai_dc is asked for
}

// Everyone says that every record has the format.
func (r *Range) Everyone() bool { return r.Format == 0 && r.Made == "" }

// A Listed is a list with what its counters say.
type Listed struct {
	List
	Members, Departures int64
}

// A View is one snapshot of the log, as a door reads it that serves lists. It is valid while the function
// runs that it was given to, which must not write to the log.
type View interface {
	// Head is the head of the snapshot.
	Head() *pipeline.Head
	// Earliest is a datestamp such that none in the log is before it.
	Earliest() (time.Time, error)
	// Sample is the identifier of one of the oldest records that is live, or of the newest, of which some are looked
	// at; of a tombstone only if no live record is among them. It is empty if there is none.
	Sample() (identifier string, err error)
	// Size is the number of records, tombstones included, as the counters know it.
	Size() (int64, error)

	// List is the list of this kind and name; its Key is 0 if nothing was ever in it.
	List(kind ListKind, name string) (Listed, error)
	// Lists gives the lists of a kind whose names come after the one given, in order of their names, until
	// f returns false.
	Lists(kind ListKind, after string, f func(*List) bool) error
	// Silent says whether the list of a set leaves out the records that have left it.
	Silent(spec string) (bool, error)
	// Gateway is what the gateway was called under this number; nil if there is none.
	Gateway(number int) (*pipeline.Gateway, error)

	// LastBefore is the last seq that shows a datestamp before this one; the greatest of all numbers if there
	// may be none later.
	LastBefore(datestamp int64) (seq int64, err error)
	// Lost says whether a seq was given out by a history that is lost (see [LeapTo]).
	Lost(seq int64) (bool, error)

	// Row is the record with this identifier; nil if there is none.
	Row(identifier string, oaiDC bool) (*Row, error)
	// Departure is the departure of a record from a list, with the sets that the record is in now; nil if
	// there is none.
	Departure(identifier string, list int64) (*Row, error)
	// Rows gives the rows of a range in order of their seqs until f returns false or an error.
	Rows(in *Range, f func(*Row) (more bool, err error)) error
	// DC is the Dublin Core of an item as JSON, and Original what its source sent.
	DC(item int64) ([]byte, error)
	Original(item int64) ([]byte, error)
}
