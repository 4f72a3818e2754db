// Package oaipmh speaks the Open Archives Initiative Protocol for Metadata Harvesting, version 2.0
// (http://www.openarchives.org/OAI/openarchivesprotocol.html), on both sides. Metadata is opaque XML here.
//
// To harvest a repository, make a [Client] and range over [Client.Records]. To serve one, implement
// [Repository] and make a [Handler] of it; package oaitest holds it against the specification.
package oaipmh

import (
	"context"
	"errors"
	"time"
)

// A Repository is what the handler serves. All times are UTC, in whole seconds.
//
// Every answer carries Head, the repository's clock: the handler sends it as responseDate. It must
// be read in the same snapshot as the rest of the answer, must never decrease, and every change that
// the answer could not see must get a datestamp that is not before it. Then a harvester that asks
// from=<responseDate> never misses a record. An answer that is one of the errors below should carry the
// head too; where it does not (a nil pointer, the zero time), the handler asks Clock.
//
// Any other error makes the answer an HTTP error, never a shorter list: 503 with Retry-After if
// the error, or one that it wraps, has a method Temporary() bool that says true (and for ErrBehind),
// else 500. A method RetryAfter() time.Duration on it chooses the wait.
//
// Methods are called by many goroutines at once, and should return soon after ctx is done.
//
// Package oaitest has a repository in memory, and oaitest.CheckRepository holds any other to all of this.
type Repository interface {
	// Clock is the repository's clock: a moment such that every change that is not visible yet
	// will have a datestamp that is not before it.
	Clock(ctx context.Context) (time.Time, error)

	// Identify describes the repository.
	Identify(ctx context.Context) (*Identity, error)

	// Formats gives the metadata formats of one item, or of the repository if identifier is empty.
	// ErrNoItem if there is no such item. A deleted item keeps the formats that it had.
	Formats(ctx context.Context, identifier string) (*Formats, error)

	// Sets offers the sets after the one named (all if empty), in order of their specs, until offer
	// returns false. Every ancestor of a set ("a" of "a:b") is a set.
	Sets(ctx context.Context, after string, offer func(*Set) bool) (head time.Time, err error)

	// Get returns one record. ErrNoItem, or ErrNoFormat if the item never had the format.
	Get(ctx context.Context, identifier, prefix string) (rec *Record, head time.Time, err error)

	// List offers the records that the query asks for, in order of their datestamps, until there
	// are no more or offer returns false: the refused record proves that the list goes on. The
	// record and its slices are valid during the call of offer only.
	//
	// The list runs to the live end of the repository: a record that changes while a harvester walks
	// moves to the end, and is met there.
	//
	// Listing.Next is set if, and only if, a record was refused. offer always takes the first record.
	//
	// ErrNoSuchFormat if the repository does not know the prefix, ErrNoSuchSet if it does not know the
	// set (several errors may be joined), ErrBadPosition if the position is not one of its own or is of
	// an earlier history, ErrBehind if it can't see that far yet, having waited a little.
	List(ctx context.Context, q *Query, offer func(*Record) bool) (*Listing, error)
}

// Identity is the answer to Identify (section 4.2).
type Identity struct {
	Head        time.Time
	Name        string
	AdminEmails []string // at least one, name@host.domain
	// EarliestDatestamp is not after any datestamp, deletions included. Of a received answer it is zero
	// if what Door.EarliestDatestamp says can't be read.
	EarliestDatestamp time.Time
	// DeletedRecord is the promise about deletions: Persistent, which the empty string means too,
	// Transient or No.
	DeletedRecord string
	// Descriptions are complete XML elements for the optional description containers.
	Descriptions [][]byte
	// Door is what a received answer says of the endpoint. A [Repository] leaves it empty: the handler knows.
	Door Door
}

// A Door is what Identify says of an endpoint rather than of the repository behind it, as written, without
// surrounding space.
type Door struct {
	BaseURL, ProtocolVersion       string
	EarliestDatestamp, Granularity string
	Compression                    []string
	// RepositoryIdentifier is the domain that an oai-identifier description declares: its identifiers
	// are oai:<domain>:<local>. Empty if there is none.
	RepositoryIdentifier string
}

// What a repository promises about deletions (section 2.5.1).
const (
	Persistent = "persistent"
	Transient  = "transient"
	No         = "no"
)

func (i *Identity) deletedRecord() string {
	if i.DeletedRecord == "" {
		return Persistent
	}
	return i.DeletedRecord
}

// Formats is the answer to ListMetadataFormats.
type Formats struct {
	Head    time.Time
	Formats []Format
}

// A Format is a metadata format (section 3.4).
type Format struct {
	Prefix    string
	Schema    string // URL of the XML schema
	Namespace string
}

// A Set is a set (section 2.6).
type Set struct {
	Spec, Name string
	// Descriptions are complete XML elements for the optional setDescription containers.
	Descriptions [][]byte
}

// A Query says which records a list is to have. The zero From or Until is no limit; both are inclusive.
type Query struct {
	Prefix string
	// Set is asked for with all that are below it: the list of "a" has the records of "a:b" (section 2.6).
	// Empty: records of all sets, and of none.
	Set string
	// From and Until are moments, whatever form the request gave them: a day as until is its last second.
	From, Until time.Time
	// After is a Listing.Next that was returned before; empty at the start of a list.
	After string
	// HeadersOnly says that metadata and about are not needed (ListIdentifiers).
	HeadersOnly bool
}

// A Record is a record (section 2.5), to be served or received; or the header of one (ListIdentifiers). If
// Deleted, Metadata and About are empty.
type Record struct {
	Identifier string
	// Datestamp, of a received record, is zero if what Received.Datestamp says can't be read.
	Datestamp time.Time
	Sets      []string // as the header names them; their ancestors needn't be among them
	Deleted   bool
	// Metadata is one complete XML element in UTF-8 that declares the namespaces that it uses, and
	// Abouts likewise. The handler copies it as it is, but for code points that XML forbids.
	Metadata []byte
	About    [][]byte
	// Clean says that Metadata is what [CleanElement] gave, so that the handler need not look at it again.
	Clean bool
	// Received is what only those know who received the record. A [Repository] leaves it empty.
	Received Received
}

// Received is what was noticed when a record was read from a repository's answer.
type Received struct {
	Datestamp string // as written, trimmed
	Namespace string // of the root of the metadata
	// Raw is the record as it came, in UTF-8. Like the other slices of a received record, it may share memory
	// with the answer.
	Raw []byte
	// Problem says why the record can't be read; empty if it could. Its header was read if that was possible.
	Problem string
	// Repairs say what had to be done to its bytes before it could be read; stable sentences.
	Repairs []string
}

// A Listing is what a call of List found.
type Listing struct {
	Head time.Time
	// Next is the position after the last accepted record; empty if none was refused: the list is complete.
	Next string
	// Size is the number of records in the whole list, a hint; negative if it is not known at no cost.
	// It is asked for at the start of a list only.
	Size int64
	// Fresh, if set, lets the handler keep what was accepted and serve it again. It says whether List
	// would now accept the same records for the same query, with the same Next and Size, and gives the
	// repository's clock, read before that was found out. It is called at any time, by several
	// goroutines at once, and should cost nearly nothing.
	Fresh func(ctx context.Context) (head time.Time, ok bool)
}

// What a Repository answers when it can't.
var (
	ErrNoItem       = errors.New("no such item")
	ErrNoFormat     = errors.New("the item is not available in this format")
	ErrNoSuchFormat = errors.New("the repository does not have this format")
	ErrNoSuchSet    = errors.New("the repository does not have this set")
	ErrBadPosition  = errors.New("not a position in this repository's list")
	ErrBehind       = errors.New("the repository has not come that far yet")
)
