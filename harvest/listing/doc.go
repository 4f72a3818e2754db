// Package listing reads listings: result pages of a web site, or saved copies of them, that name one
// record after the other with its date, title and summary.
//
// A page is text or HTML. On a text page a line that is a date begins a record. On an HTML page CSS
// selectors say what a row is; without them the page is read as the text it shows.
//
// # The count line
//
// Most listings say which rows of how many a page holds: "Results: 1 – 9 of 9". That line is a
// checksum. If b−a+1 rows are not what was found on the page, nothing of the page is believed: the
// whole page is one rejected item (Reason "count_mismatch") and the page is Unproven. It is also
// the proof that a walk has come to its end: the page on which b is n is the last.
//
// Without a count line a walk over {page} ends where Select.End matches, and nowhere else; a saved
// page without one is read, but proves nothing about what is absent.
//
// # Items
//
// An item's original is one JSON object, its members always in this order, empty ones left out but
// for title and row:
//
//	{"date":…,"title":…,"summary":…,"link":…,"id":…,"kind":…,"row":…}
//
// All are strings. row is what the page has of the record (of a text page the lines themselves, of an
// HTML page the row's element as the HTML parser understood it), so that later rules can read more
// out of it. Rows move about in a page, and their markup may tell where they stand ("odd", "3."):
// Canonical gives an original without row, which is what to compare.
//
// # Keys
//
// The key of an item is its identifier or the path of its link where the page gives one, and else a
// hash of the source's canonical name, the title and the date. The hash is an alias where there is
// something better, so that an identifier that turns up later does not make another record. No key
// depends on the host of the site. Titles are compared in Unicode NFC, without case, white space folded.
//
// A listing has no incremental mode: every pass is full.
package listing
