// Package oaipmh speaks the Open Archives Initiative Protocol for Metadata Harvesting, version 2.0
// (http://www.openarchives.org/OAI/openarchivesprotocol.html), on both sides. It treats metadata as opaque XML.
// "Section" in this package's comments means a section of that specification.
//
// To harvest a repository, make a [Client] and range over its records:
//
//	c := oaipmh.Client{BaseURL: "https://repository.example.org/oai", Contact: "you@example.org"}
//	for rec, err := range c.Records(ctx, oaipmh.Selection{Prefix: "oai_dc"}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(rec.Identifier, rec.Deleted)
//	}
//
// To serve a repository, implement [Repository] and make a [Handler] of it with [NewHandler]. Package oaitest has a
// suite that checks it against the specification.
//
// [Identity], [Format], [Set] and [Record] are the same on both sides. What only those know who received one stands
// in a part of its own: [Door] for a repository, [Received] for a record.
package oaipmh

import (
	"context"
	"errors"
	"strings"
	"time"
)

// A Repository is what a [Handler] serves. All times are UTC, in whole seconds.
//
// Every answer carries Head, the repository's clock, which the handler sends as responseDate. It must be read in the
// same snapshot as the rest of the answer, and must never decrease. A change that the answer could not see must get
// a datestamp that is not before Head. Then a harvester that asks from=<responseDate> never misses a record. An
// answer with one of the errors below should carry Head too. If it does not (a nil pointer, the zero time), the
// handler calls Clock.
//
// Any other error becomes an HTTP error, never a shorter list. The status is 503 with Retry-After for [ErrBehind],
// and for an error that has, or wraps one that has, a method Temporary() bool that returns true; otherwise it is 500.
// A method RetryAfter() time.Duration on the error chooses the wait.
//
// Methods are called by many goroutines at once, and should return soon after ctx is done.
//
// Package oaitest has a repository in memory, and its CheckRepository tests any other for all of this.
type Repository interface {
	// Clock returns the repository's clock: a moment such that every change that is not visible yet will get a
	// datestamp that is not before it.
	Clock(ctx context.Context) (time.Time, error)

	// Identify describes the repository.
	Identify(ctx context.Context) (*Identity, error)

	// Formats returns the metadata formats of one item, or of the repository if identifier is empty. The error is
	// [ErrNoItem] if there is no such item. A deleted item keeps the formats that it had.
	Formats(ctx context.Context, identifier string) (*Formats, error)

	// Sets offers the sets whose specs follow after (all sets if it is empty), in order of their specs, until offer
	// returns false. Every ancestor of a set ("a" of "a:b") is a set too.
	Sets(ctx context.Context, after string, offer func(*Set) bool) (head time.Time, err error)

	// Get returns one record. The error is [ErrNoItem] if there is no such item, and [ErrNoFormat] if the item
	// never had the format.
	Get(ctx context.Context, identifier, prefix string) (rec *Record, head time.Time, err error)

	// List offers the records that the query asks for, in order of their datestamps, until there are no more or
	// offer returns false. A record that offer refuses proves that the list goes on. The record and its slices need
	// to be valid only during the call of offer.
	//
	// The list runs to the live end of the repository. A record that changes while a harvester walks moves to the
	// end, and the harvester meets it there.
	//
	// Next of the [Listing] is set if, and only if, a record was refused. offer always takes the first record.
	//
	// The error is [ErrNoSuchFormat] if the repository does not know the prefix, [ErrNoSuchSet] if it does not know
	// the set (the two may be joined), [ErrBadPosition] if the position is not one of the repository's own or is of
	// an earlier history, and [ErrBehind] if the repository has waited a little and still can't see that far.
	List(ctx context.Context, q *Query, offer func(*Record) bool) (*Listing, error)
}

// Identity is the answer to Identify (section 4.2).
type Identity struct {
	Head        time.Time
	Name        string
	AdminEmails []string // at least one, name@host.domain
	// EarliestDatestamp is not after any datestamp, those of deletions included. In a received answer it is zero if
	// the text in Door.EarliestDatestamp can't be read.
	EarliestDatestamp time.Time
	// DeletedRecord is the promise about deletions: [Persistent], [Transient] or [No]. Empty means Persistent.
	DeletedRecord string
	// Descriptions are complete XML elements for the optional description containers.
	Descriptions [][]byte
	// Door is what a received answer says of the endpoint. A [Repository] leaves it empty, because the handler
	// fills it in.
	Door Door
}

// A Door is what Identify says of an endpoint rather than of the repository behind it. The texts are as they were
// sent, without the white space around them.
type Door struct {
	BaseURL, ProtocolVersion       string
	EarliestDatestamp, Granularity string
	Compression                    []string
	// RepositoryIdentifier is the domain that an oai-identifier description declares; empty if there is no such
	// description. Identifiers of the repository are oai:<domain>:<local>.
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

// A Query says which records a [Repository] is asked to list.
type Query struct {
	Prefix string
	// Set is the set that is listed, with all sets below it: the list of "a" has the records of "a:b" too (section
	// 2.6). If it is empty, all records are listed, whatever their sets.
	Set string
	// From and Until are moments, both inclusive; the zero time is no limit. If the request gave a day as until,
	// Until is the day's last second.
	From, Until time.Time
	// After is a Listing.Next that was returned before; empty at the start of a list.
	After string
	// Seen is the latest Head of the list's answers so far, or zero. Where several servers answer under one address, another
	// one may have given that answer: its date has told the harvester that this walk brings all that is older. So a
	// repository whose Head is before Seen must not give a page, which could be the last one. It may wait a little,
	// or ask where more is known; in the end the error is [ErrBehind]. A handler doesn't send a page that is behind.
	Seen time.Time
	// HeadersOnly says that metadata and about are not needed (ListIdentifiers).
	HeadersOnly bool
}

// A Record is a record that is served or was received (section 2.5), or only its header (ListIdentifiers). A deleted
// record has neither Metadata nor About.
type Record struct {
	Identifier string
	// Datestamp is zero in a received record if the text in Received.Datestamp can't be read.
	Datestamp time.Time
	Sets      []string // as the header names them; their ancestors needn't be among them
	Deleted   bool
	// Metadata is one complete XML element in UTF-8 that declares the namespaces that it uses. So is each element of
	// About. The handler copies them as they are, except for code points that XML forbids.
	Metadata []byte
	About    [][]byte
	// Clean says that Metadata came from [CleanElement], so that the handler need not look at it again.
	Clean bool
	// Received is what was noticed when the record was received. A [Repository] leaves it empty.
	Received Received
}

// Received is what was noticed when a record was read from a repository's answer.
type Received struct {
	Datestamp string // as written, trimmed
	Namespace string // of the root of the metadata
	// Raw is the record as it came, in UTF-8. Like the other slices of a received record, it may share memory
	// with the answer.
	Raw []byte
	// Problem says why the record can't be read; empty if it could be read. The header was read if that was possible.
	Problem string
	// Repairs say what had to be done to the bytes before they could be read. They are stable sentences.
	Repairs []string
}

// A Listing is the result of [Repository].List, beside the records that it offered.
type Listing struct {
	Head time.Time
	// Next is the position after the last accepted record. It is empty if no record was refused, because then the
	// list is complete.
	Next string
	// Size is a hint: how many records the whole list has. It is negative if it is not known without effort. Only
	// the start of a list needs it.
	Size int64
	// Fresh, if set, lets the handler keep the page and serve it again. It reports whether List would offer the
	// same records for the same query now, with the same Next and Size. It also returns the repository's clock,
	// which it must read before it finds that out: everything older than that moment is then on the page. It may be
	// called at any time, by several goroutines at once, and should cost nearly nothing.
	Fresh func(ctx context.Context) (head time.Time, ok bool)
}

// A LacksError is an [ErrNoFormat] that says what the item lacks for the format.
type LacksError struct {
	// What, for people: each a phrase that follows "it lacks", such as "a title".
	What []string
}

func (e *LacksError) Error() string {
	return ErrNoFormat.Error() + ": it lacks " + strings.Join(e.What, ", ")
}

// Unwrap is [ErrNoFormat].
func (e *LacksError) Unwrap() error { return ErrNoFormat }

// The errors of a [Repository] that the protocol has an answer for.
var (
	ErrNoItem       = errors.New("no such item")
	ErrNoFormat     = errors.New("the item is not available in this format")
	ErrNoSuchFormat = errors.New("the repository does not have this format")
	ErrNoSuchSet    = errors.New("the repository does not have this set")
	ErrBadPosition  = errors.New("not a position in this repository's list")
	ErrBehind       = errors.New("the repository has not come that far yet")
)
