// Package sheaf harvests another gateway of this kind by its feed of changes (GET /changes), which says more than OAI-PMH: the
// whole Dublin Core of a record and not fifteen elements, why a record is gone, and by its places exactly what comes
// next, whatever the clocks say.
//
//	doc.go      this page
//	config.go   which gateway, and what of it
//	cursor.go   the place in its log
//	source.go   a page is an answer of the feed; what becomes of a place that is none any more
//	line.go     a line of the feed as an item
//	probe.go    whether there is a gateway at an address
//
// Nothing is skipped in silence: each line names the one before it, an answer without its last line was cut and is not used,
// and at the end of everything the gateway says how many records it has.
package sheaf
