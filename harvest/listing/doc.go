// Package listing reads listings: result pages of a web site, or saved copies of them, that name one
// record after the other with its date, title and summary.
//
// A page is text or HTML. On a text page a line that is a date begins a record. On an HTML page CSS
// selectors say what a row is; without them the page is read as the text it shows.
//
// # The count line
//
// Most listings say which rows of how many a page has: "Results: 1 – 9 of 9". That line is a checksum. If the page has
// another number of rows than the line says, nothing of the page is believed: the whole page becomes one rejected item
// (Reason "count_mismatch"), and is Unproven. The line also proves that a walk has come to its end, which is where the
// last row of a page is the last row of all.
//
// Without a count line a walk over {page} ends only where End of [Select] matches. A saved page without a count line is
// read, but does not prove that rows which it lacks are gone.
//
// # Items
//
// An item's original is one JSON object. Its members always have this order, and empty ones are left out, except title
// and row:
//
//	{"date":…,"title":…,"summary":…,"link":…,"id":…,"kind":…,"row":…}
//
// All are strings. row is what the page has of the record, so that later rules can read more out of it: the lines
// themselves of a text page, or the row's element of an HTML page, as the HTML parser understood it. Rows move about in
// a page, and their markup may say where they stand ("odd", "3."). So what is compared is the original without row,
// which [Canonical] returns.
//
// # Keys
//
// The key of an item is its identifier or the path of its link if the page gives one, and otherwise a hash of the
// source's canonical name, the title and the date ([HashKey]). An item with a better key has the hash as an alias, so
// that an identifier which turns up later does not make another record. No key depends on the host of the site. Titles
// are compared in Unicode NFC, without case, and with white space folded.
//
// # The page of a record
//
// With [Detail], the page that a row links to is asked for ([Source.Ask]), or read from a file beside the saved listing, and
// its fields join the row's, with all values of each. The page itself stands at the end, and is not compared:
//
//	{"date":…,"title":…,"link":…,"detail":{"creator":["…","…"]},"row":…,"page":…}
//
// A row whose page is missing, or is another one, is rejected: without those fields it would be another record than before.
//
// # Politeness
//
// What a site's robots.txt forbids is not asked for, and the pause that it asks for is kept, unless the configuration says
// that whoever runs the site allows more (IgnoreRobots of [Config]).
//
// A listing has no incremental mode: every pass is full.
package listing
