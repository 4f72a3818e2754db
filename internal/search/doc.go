// Package search finds records by their words, facets and dates. Its index is one more reader of the log, with a cursor
// of its own, in a file of its own (search.db, SQLite's FTS5): it never slows a commit, and can be thrown away at any
// time, because it is made anew from the log.
//
// A record stands in the index under its seq, so that a record that changes moves to the end, as in the log. The index
// has no text, only what is found: who shows a result reads the record from the log, where what was taken down is gone.
//
//	engine.go    what the gateway needs of a search ([Engine]); package searchtest tries one
//	index.go     the file: opening it, beginning anew, its tables
//	entry.go     what of a record is found: words, values of facets, dates, identifiers
//	stems.go     words in their other forms
//	follow.go    following the log; removing what was taken down
//	query.go     what a reader may ask for ([Query]), and a typed text as the index understands it
//	find.go      answering ([Index.Find])
//	kept.go      what hits are counted and sorted by, in memory
//	matches.go   which records have the words, kept in memory
//	chosen.go    what is chosen of facets and dates, as sets of records
//	set.go       a set of records
//	has.go       which records have a value, or a year
//	rank.go      putting the best hits first
//	order.go     putting all hits in order, part by part: bydate.go, bytitle.go
//	shelf.go     the shelves on which titles stand
//	around.go    what stands before and behind a hit
//	alike.go     records that have something in common with one
//	facets.go    counting the values of facets
//	years.go     counting hits by year
//	meant.go     the words that were meant
package search
