// Package sqlite is the log in SQLite: one file in the data folder, written by one goroutine, read by
// a few connections. What a write does to the log is worked out by package store; here is what writes and
// reads it.
//
// The tables (schema.sql has the columns):
//
//	log_head    one row: epoch, last seq, last datestamp, digest. Every seq comes from here.
//	epoch       the histories this log has gone through
//	record      the log: its rowid is the seq; one row a record, its latest state, with oai_dc and provenance rendered
//	item        what a record is apart from its place in the log: identifier, version, fingerprint
//	content     Dublin Core, origin, notes and original of an item, compressed
//	alias       other identifiers under which an item may come
//	list        the keys of memberships (sets and formats), with exact counters
//	member      which seqs are in a set or a native format (the formats that are made are a number in record)
//	departure   which records have left a list, with the seq and datestamp at which that happened
//	leap        which seqs were left out when the log was opened, so that none is given out twice (leap.go)
//	second      the first seq of each second in which something was committed: from and until
//	source, run how far each source has come, and what its runs did
//	quarantine  rejected items with their bytes
//	noted       what sources note of items for the next time that they ask for them (noted.go)
//	reconciliation  what came of holding the lists of sources against the log (reconcile.go)
//	session     who harvests us: the last walks of harvesters (sessions.go)
//	relay       how far the event relay has come
//	meta        schema versions, namespace, keys, how far a remap has come, silent sets, the versions of formats' writers that were used,
//	            what the gateway was called, memos of what is no part of the log (memo_…)
//	dictionary  the compression dictionary that content was written with
//
// Beside it in the folder: the lock (one process at a time), the high-water mark, which tells an
// old copy of the database from the present one (epoch.go), a moment at which the clock was believed
// (package datadir), and the reserve of disk (reserve.go). All of them are private (private.go).
package sqlite
