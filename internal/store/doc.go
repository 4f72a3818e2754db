// Package store is what every database that holds the log has in common: it works out what a commit, a
// remap and a new epoch do to the log, and reads and writes nothing itself.
//
// A [Plan] is one transaction. A database reads what it has of a record (a [State]), asks the plan what
// becomes of it, and writes the [Move] that it is told: the record's new place, the lists that it stays
// in, enters and leaves. At the end it writes what the plan has counted: the new [pipeline.Head], the
// [Lists] that are new, how many members and departures each list has gained, and which places of the
// log have changed.
//
// The plan is asked record by record, so that a database may read row by row (SQLite, memory), or all the
// rows of a page at once (where each question is a round trip). What it answers depends on nothing but
// what it was told, so it is tested without a database (plan_test.go).
//
// Beside it stand the forms in which records are stored: rendered for the lists that are served ([Form]),
// and packed ([Content], [Codec]); and what every database tells of what it holds beside records: how a source
// stands ([SourceStatus]), what is in quarantine ([Quarantined]), and who harvests ([Session]).
package store
