// Package follow keeps a copy of what a gateway holds, on any other machine, and keeps it right.
//
// A consumer has a place to keep records (a table, an index, a folder) and a function that writes a [Batch] into it in one
// transaction, together with the batch's [Place]. [Follower.Follow] calls that function with every record that the
// gateway has, in the order of its log, and then with every change, for ever. Whenever the consumer was stopped,
// by whatever, it goes on from the place that it kept.
//
//	first the dump, if there is one, else /changes from the beginning
//	then  /changes, which is asked again as long as there is more
//	then  events from NATS, where it is configured; else a request to /changes that waits for news
//
// All of them are one log with one cursor. The follower goes from one to the other without losing anything: back to
// /changes when NATS is away or an event shows that others are missing, and to NATS again when it is back.
//
// # When the copy can't go on
//
// A place may be none of the gateway's log any more: a backup was restored, or its folder was put back as it was. Then
// everything comes again, in a new pass. What the consumer holds and does not meet in that pass is not in the log, and must
// go, but only at its end, so that the copy is never empty meanwhile. So a consumer keeps [Batch.Pass] with each
// record, and deletes the records of all other passes when [Batch.Sweep] says so. The first pass ends with that too: a
// consumer that never asks Sweep is told so on its first day ([ErrNotSwept]), and not after a year.
//
// The package keeps nothing itself, except the part of a dump that it is reading, in a temporary file.
package follow
