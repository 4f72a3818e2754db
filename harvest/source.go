// Package harvest says what a source of metadata is, and fetches politely.
//
// Each kind of source (an OAI-PMH repository, a listing on a web site, files of MARC records, a service that answers in JSON, a server with ResourceSync, the pages that a sitemap names) is a package below this one that implements
// [Source]. All of them are read by the same loop:
//
//	for at := harvest.Cursor(""); ; {
//		page, err := source.Page(ctx, at)
//		if err != nil {
//			return err // an *Error says what is wrong with the remote server; the same cursor can be asked for later
//		}
//		use(page.Items)
//		if page.Done {
//			return nil
//		}
//		at = page.Next
//	}
//
// A source asks the web with a [Fetcher], which gives each host its rest, tries again when that makes sense, and
// connects only where a [Reach] allows. Package pipeline maps, stores and publishes what sources give.
package harvest

import "context"

// A Source gives its items in pages.
//
// A pass goes through everything that the source has to give. It is either full (everything) or incremental (what has
// changed since the last complete pass). The cursor says which of the two it is, and how far it has come.
type Source interface {
	// Page returns the page at the cursor. The zero Cursor begins a full pass.
	//
	// Page keeps no state between calls. The same cursor may be asked for again at any time, even by another
	// process, and means the same place of the same pass. An item may come more than once in a pass or a page; then
	// the last one counts.
	//
	// If the remote server is down, refuses, or sends nonsense, the error is an [*Error]. The answer is never a
	// shorter page, because a shorter page would mean that records are gone.
	Page(ctx context.Context, at Cursor) (*Page, error)
}

// A SetNamer is a source that knows what its sets are called.
type SetNamer interface {
	// SetNames returns the names that people call the sets by; the keys are the sets as items have them. It returns a
	// bounded number, and beside an error what it could find out before.
	SetNames(ctx context.Context) (map[string]string, error)
}

// A Restarter is a Source whose cursors hold facts that must outlive a pass, such as what the keys of items are made
// with.
type Restarter interface {
	// Restart returns the cursor of a new full pass of a source that stood at the given cursor.
	Restart(at Cursor) Cursor
}

// An Accepter is a Source that stops with an [*Error] of the kind [Renamed] if the remote server seems to be another
// one than before.
type Accepter interface {
	// Accept returns the cursor from which the source goes on all the same, because a person said so.
	Accept(at Cursor) Cursor
}

// A Detourer is a Source that can go around a place where it fails again and again.
type Detourer interface {
	// Detour returns the cursor from which the next run goes on, after a run has failed at the given cursor.
	Detour(at Cursor, err error) Cursor
}

// An Asker is a Source whose pages may have items that are only listed ([Item].Listed).
type Asker interface {
	// Ask fetches such an item in full. at is the cursor of the page that listed it. listed has in Before what the source
	// noted of the item last. An item that comes back with Listed is as it was then, so nothing of it was fetched, or
	// nothing new; one that comes back with Omitted is left out.
	Ask(ctx context.Context, at Cursor, listed Item) (Item, error)
}

// A Reconciler is a Source that can list what it has without giving it.
type Reconciler interface {
	// Reconcile returns the cursor of a pass that lists everything that the source has, for a source that stood at the
	// given cursor. The pass also gives, in full, what has changed since the last complete pass and while the list was
	// made; its pages are Full, and say that they Reconcile. ok is false if only a full pass can show what the source has.
	Reconcile(at Cursor) (next Cursor, ok bool)
}

// A Cursor is a place in a pass. Only its source understands it. It has at most 64 KiB of UTF-8, and is stored in the
// same transaction as the items before it.
type Cursor string

// A Page is what a source gives at once. It is committed as a whole or not at all. A large page is committed in
// parts, and only the last part moves the cursor.
type Page struct {
	Items []Item
	// Next is the cursor to go on from. After Done it is the cursor at which the next (incremental) pass begins.
	Next Cursor
	// Done says that the pass has come to its proven end. A weak sign of an end, such as an expired token, an empty
	// page, or a body that was cut short, must be an [*Error] instead.
	Done bool
	// Full says that this page belongs to a full pass.
	Full bool
	// Reconciles says that the page belongs to a full pass of a [Reconciler], which mostly has items that are only listed.
	// They are asked for only if nothing is known of them at all.
	Reconciles bool
	// Short says why the pass is known to lack items, such as a list that ended before the size that it announced;
	// empty if it is not known to. Such a pass is not complete. If it is Done, Next asks again for what it lacked.
	Short string
	// Unproven says that nothing shows that the pass has everything, as in a listing without a count. The pass may be
	// complete, but it does not prove that items which it lacks are gone.
	Unproven bool
	// Total is the source's own estimate of the number of items in this pass; 0 if the source gives none.
	Total int
	// Lists are the sets of the source that a pass lists one after another, in their order, if there are several; List is the
	// place of the one among them that this page is of. An item that is in several comes with each. Some repositories
	// (Dataverse) name in its header only the set that was asked for.
	Lists []string
	List  int
	// Ended are the places, such as files, that the pass has read to their ends by this page, as the keys of rejected items
	// name them. A rejected item of an earlier pass under such a key, or under one that goes on with "#" or "/" behind it,
	// did not come again: the place holds nothing of the kind any more.
	Ended []string
	// Warnings name oddities of the page that a person should see. They are stable sentences without values; what is told
	// once in a pass may have a number.
	Warnings []string
}

// An Item is one thing that a source has: what the source says of it, and the bytes in which it said so.
type Item struct {
	// Key is the source's own identifier of the item: stable, not empty, valid UTF-8.
	Key string
	// Identifier is the source's own identifier in full if Key is only the part of it that distinguishes the source's
	// items ("oai:repository.example.org:17" if Key is "17"). It is empty if Key is the full identifier.
	Identifier string
	// Aliases are other keys under which the item may have come before, such as a hash of its title and date from the
	// time when the page had no link. If the log knows one of them, the item keeps its first identifier.
	Aliases []string
	// Listed says that the source has the item, and that nothing else is known of it yet. If the pass has not given
	// the item before, it must be asked for, which an [Asker] does; unless it is Deleted, of which nothing else is
	// to be known.
	Listed bool
	// Memo is what the source notes of an item that was asked for, such as the time of its last change or its ETag. It
	// comes back in Before when the item is asked for the next time, unless the record was deleted meanwhile. Both have at
	// most 1 KiB.
	Memo, Before string
	// Omitted says in a stable sentence why the source has nothing to give for an item that was asked for, such as a page
	// that wants not to be indexed. It is a warning of the run. The pass has not met such an item.
	Omitted string
	// Deleted says that the item is gone, because the source says so. Original is then empty.
	Deleted bool
	// Datestamp is the source's datestamp as it was written; empty if the source gives none.
	Datestamp string
	// Sets are the sets of the source that the item is in, as the source spells them.
	Sets []string
	// Format says what Original is.
	Format Format
	// Original is the metadata as the source sent it. Nothing is changed, except that the namespace declarations of
	// ancestors are repeated on the root, so that the element can stand alone.
	Original []byte
	// Canonical, if not nil, is compared instead of Original when versions of the item are compared. It lacks what
	// depends only on where the item stood, such as "odd" and "even" in the rows of a table.
	Canonical []byte
	// Provenance is the chain of earlier origins if the source passes on the record of somebody else: the provenance
	// container of OAI-PMH, an XML element.
	Provenance []byte
	// Rejected, if not nil, says why the item can't be used. The item goes to quarantine with Original, or as much of
	// it as there is, and an earlier good version of the record stays.
	Rejected *Rejection
}

// A Format says what an original is.
type Format struct {
	Prefix    string // short name: "oai_dc", "marc21", "listing"
	Namespace string // of the root element, if the original is XML
	Schema    string // URL of the XML schema, if known
}

// A Rejection says why an item can't be used.
type Rejection struct {
	// Reason is one word of a small closed set, for metrics: "malformed", "no_identifier", "too_large",
	// "count_mismatch" and others.
	Reason string
	// Detail explains it to the person who looks at the item.
	Detail string
}
