// Package postgres is the log in PostgreSQL: the same tables as in SQLite (package sqlite says what each is for; schema.sql has
// the columns), in a database of their own (store: {kind: postgres}).
//
// What is different from SQLite:
//
//	record      its key is the seq; the tables have the types of PostgreSQL, and numbers where SQLite has truth values
//	quarantine  has what was said of an item, and who has dismissed it, in columns of its own
//	counter     the last number of each kind that was given out; there are no sequences, whose numbers are not in the order of commits
//	writer      who writes, and the last turn of theirs that was committed (writer.go)
//
// A write is one transaction. It locks the row of its source, then the row of the head: whoever writes after it has a greater
// seq and no older datestamp, on whatever machine. What it asks for, it asks for all records of a page at once; what it writes
// of all of them is one statement for each table, and is sent in one round trip (queue.go). Readers have a snapshot of their own (REPEATABLE READ), with the head in it.
//
// Whoever locks the head looks whether the log is the one that it was: another server may have taken the primary's place
// (failover.go).
//
// What the doors serve may be read from a replica (replica.go), and between the gateway and its database a pooler may stand
// (pooled.go).
//
// The datestamps are of the server's clock, so that all gateways have the same (clock.go). What PostgreSQL can't keep in a text
// is kept in another form (text.go). The SQL keeps to what other engines that speak PostgreSQL's language have, and a test
// reads it for words that would shut that door; storage.sql alone is for plain PostgreSQL.
//
// Several gateways may have the log open (others.go). The hosts that are harvested are divided among them (hosts.go), and one of
// them publishes and sends; who does what, holds a lease for it (lease.go). gateway and lease are the tables that say who they are.
//
// In the folder of a gateway, beside the database: the lock (one process at a time), the high-water mark, which tells an old
// copy of the database from the present one (epoch.go), and a moment at which the clock was believed (package datadir).
package postgres
