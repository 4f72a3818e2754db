// Package webhook sends the changes of the log to receivers by HTTP: one signed request for each, as Standard Webhooks
// (https://www.standardwebhooks.com) has it. docs/webhooks.md is the contract for receivers.
//
// Each subscription is a reader of the log with a cursor of its own ([pipeline.Cursor]). It reads some changes (a
// round, round.go), sends each record's latest state, several at once, and then writes down how far it has come. So each
// change is delivered at least once: what was sent and not yet written down when the process dies is sent again. A record
// is in a round at most once, and its next state is only read in a later one: so the states of a record are sent in order.
//
// A change that was not taken becomes a letter: a note that this record, at this place of the log, is still to be delivered.
// The cursor goes on, and other records with it. Letters are tried again by the schedule of Standard Webhooks. After
// the last attempt a letter is dead: it waits for a person. When the record changes, its newer state is sent at once, and the
// letter is for that one or, once it is delivered, over. There are bounds for both, and the cursor stops at the first:
// nothing is ever passed over.
//
// Nothing is kept of what a record says. A letter holds an identifier and a place; the body is made from the log when it is
// sent. So nothing is left here of a record that was taken down, and its tombstone is what is sent.
//
// The package keeps two tables: hook has a row for each subscription, with its cursor; letter has what is still to be delivered.
// They are in a file, webhooks.db (SQLite, file.go), or, where several gateways may have the log, in its database
// ([store.Tables]). There one of the gateways sends; the one that begins takes a turn, which is written down with the cursor, and
// what an earlier one would still write is refused. So a gateway that wakes up late may send something twice, and spoils nothing.
package webhook
