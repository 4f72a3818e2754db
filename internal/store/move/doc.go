// Package move carries a log from the file in which it began into a database of PostgreSQL, as it is: the epoch and the seqs,
// tombstones and departures, originals, quarantine, what waits for a decision, runs, takedowns, sessions and keys. So every
// cursor and every resumption token that was handed out goes on.
//
// It stores nothing of its own but, in the database, how far it has come (postgres.Filling), so that it can be stopped at any
// moment. The tables are in tables.go.
package move
