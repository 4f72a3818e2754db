// Package harvest says what a source of metadata is, and fetches politely.
//
// A source kind (an OAI-PMH repository, a listing on a web site, a file of MARC records) is a
// package below this one that implements Source. The flow that maps, stores and publishes what a
// source gives is package pipeline's.
package harvest

import "context"

// A Source gives its items in pages.
//
// A whole listing of what there is to give is a pass. A pass is full (everything) or incremental
// (what changed since the last complete pass); which, and how far it came, is in the cursor.
type Source interface {
	// Page returns the page at the cursor. The zero Cursor begins a full pass.
	//
	// Page keeps no state between calls: the same cursor may be asked for again at any time, by
	// another process too, and gives the same place of the same pass. Items may come more than
	// once, in a pass and in a page; the last wins.
	//
	// A remote that is down, refuses, or talks nonsense is an *Error, never a shorter page.
	Page(ctx context.Context, at Cursor) (*Page, error)
}

// A SetNamer is a source that knows what its sets are called.
type SetNamer interface {
	// SetNames gives the names of the sets, for people, by the sets as items have them. It is bounded;
	// with an error it gives what it could find out.
	SetNames(ctx context.Context) (map[string]string, error)
}

// A Restarter is a Source whose cursors hold facts that must outlive a pass: what its items' keys are
// made with, say.
type Restarter interface {
	// Restart is the cursor of a new full pass of a source that stood at the given one.
	Restart(at Cursor) Cursor
}

// An Accepter is a Source that stops, with an *Error of the kind Renamed, where the remote seems to be another
// than it was.
type Accepter interface {
	// Accept is the cursor from which the source goes on all the same, because a person said so.
	Accept(at Cursor) Cursor
}

// A Detourer is a Source that can go around what fails again and again.
type Detourer interface {
	// Detour is the cursor from which the next run goes on, after a run has failed at the given one.
	Detour(at Cursor, err error) Cursor
}

// An Asker is a Source whose pages may hold items that are only listed (Item.Listed).
type Asker interface {
	// Ask gives what such an item is, from a page that was fetched at the cursor.
	Ask(ctx context.Context, at Cursor, listed Item) (Item, error)
}

// A Cursor is a place in a pass. It is opaque to everybody but its source, at most 64 KiB of UTF-8,
// and is stored in the same transaction as the items before it.
type Cursor string

// A Page is what a source gives at once. It is committed all or nothing, or, if it is large, in parts, of
// which the last moves the cursor.
type Page struct {
	Items []Item
	// Next is where to go on. After Done it is where the next (incremental) pass begins.
	Next Cursor
	// Done says that the pass has come to its proven end. A weak sign (an expired token, an empty
	// page, a body cut short) is an *Error instead.
	Done bool
	// Full says that the pass that this page belongs to lists everything there is.
	Full bool
	// Short says why the pass is known to lack items (a list that ended before the size that it announced);
	// empty if it is not. Such a pass is not complete: where it is Done, Next asks for what it lacked again.
	Short string
	// Unproven says that nothing shows that the pass has everything there is (a listing without a count); it
	// may be complete, and proves nothing about what is absent.
	Unproven bool
	// Total is the source's own estimate of the number of items in this pass; 0 if it gives none.
	Total int
	// Warnings are oddities of the page that a person should see; stable sentences without values.
	Warnings []string
}

// An Item is one thing of the source: what it says of it, and the bytes it said it with.
type Item struct {
	// Key is the source's own identifier of the item: stable, non-empty, valid UTF-8.
	Key string
	// Identifier is the source's own identifier in full, where Key is only the part of it that tells
	// the source's items apart ("oai:repository.example.org:17" where Key is "17"). Empty if it is Key.
	Identifier string
	// Aliases are other keys under which the item may have come before (a hash of its title and
	// date, before the page gave a link). Where one is known, the item keeps its first identifier.
	Aliases []string
	// Listed says that the item is there, and nothing else of it: what it is must be asked for, unless the
	// pass gave it already (see Asker).
	Listed bool
	// Deleted says that the source says that the item is gone. Original is then empty.
	Deleted bool
	// Datestamp is the source's, as written; empty if it gives none.
	Datestamp string
	// Sets are the sets of the source that the item is in, as the source spells them.
	Sets []string
	// Format says what Original is.
	Format Format
	// Original is the metadata as the source sent it, made self-contained (namespace declarations of
	// ancestors are repeated on the root) and nothing else.
	Original []byte
	// Canonical, if not nil, stands for Original when versions of the item are compared: it is without
	// what depends on where the item stood and says nothing of it.
	Canonical []byte
	// Provenance is the chain of earlier origins (the provenance container of OAI-PMH, an XML
	// element), if the source passes the record on from somewhere else.
	Provenance []byte
	// Rejected, if not nil, says why the item can't be used. It goes to quarantine with Original (or
	// as much of it as there is), and an earlier good version stays.
	Rejected *Rejection
}

// A Format says what an original is. For XML, Namespace is that of the root.
type Format struct {
	Prefix    string // short name: "oai_dc", "marc21", "listing"
	Namespace string // XML namespace, if XML
	Schema    string // URL of the XML schema, if known
}

// A Rejection says why an item was put aside.
type Rejection struct {
	// Reason is from a small closed set, for metrics: "malformed", "no_identifier", "too_large", "count_mismatch"…
	Reason string
	// Detail is for the person who looks at it.
	Detail string
}
