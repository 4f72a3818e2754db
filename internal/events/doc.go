// Package events puts the changes of the log on NATS JetStream, on a broker of its own or on a cluster.
//
// What it sends (the contract for consumers is the AsyncAPI document beside this file, and the JSON
// Schemas that it refers to, [Documents]):
//
//	stream          subjects                                        messages
//	SHEAF_RECORDS   sheaf.v1.records.<source>.<pNN>.<operation>     one for each change of a record
//	SHEAF_OPS       sheaf.v1.sources.<source>.<event>               notices about sources,
//	                sheaf.v1.harvests.<source>.<event>              harvests
//	                sheaf.v1.consumers.<consumer>.<event>           consumers of SHEAF_RECORDS,
//	                sheaf.v1.snapshots.<event>                      and dumps
//	                sheaf.v1.refreshed.<source>.<pNN>.<operation>   records that were asked for again
//
// where pNN is p00 to p15, FNV-1a 32 of the record's identifier modulo 16, and the operation is
// upserted or deleted. (With another prefix, "ARCHIVE", the names are ARCHIVE_RECORDS and
// archive.v1.records and so on.) Every message is a CloudEvent 1.0.2 in structured JSON; messages of
// SHEAF_RECORDS also carry the headers Nats-Msg-Id, Sheaf-Epoch, Sheaf-Seq, Sheaf-Prev-Seq, Sheaf-Seen-Seq and
// Sheaf-Op.
//
// What the streams keep beside messages: the metadata sheaf-namespace (the gateway that owns the
// stream; any other is refused), sheaf-epoch (the newest epoch published) and sheaf-schema.
//
// # Exactly once in the stream
//
// A message says which sequence number the stream must end with and which message id must be there;
// the broker refuses it anywhere else. So a message can only ever land directly behind the event that
// it was made to follow: not twice, not behind somebody else's, not late. (On a replicated stream a batch of messages
// says so as one: batch.go.) Nothing is retried here.
// When anything goes wrong Publish says how far it is sure to have come, and the caller asks for the
// Tail, which is the one truth, and goes on from there.
//
// # The broker of its own
//
// The embedded broker ([Server]) has one writer, the gateway's connection in this process. Everyone
// else is a reader: door.go says what readers may ask for and why they are in an account of their own,
// doorman.go what their consumers may be, guests.go who is let in, bounds.go how much of the gateway's
// memory and files all of them may take. A write that fails turns JetStream off; revive.go turns it on
// again.
package events
