// Package resourcesync harvests metadata that a server keeps in sync by ResourceSync (ANSI/NISO Z39.99-2017).
//
//	source, err := resourcesync.New(resourcesync.Config{From: "https://example.org/.well-known/resourcesync"}, fetcher)
//
// From whichever document it begins with, a [Source] finds the capability list, and there the lists. A full pass reads the
// list of resources with all its parts, or the packages of a dump, and then what has changed since that was made. The pass
// after it reads what has changed since then: a list of changes, or a dump of them. If these do not go back so far, the
// pass is full again, and a warning says so.
//
// # What is an item
//
// Each resource that is metadata in XML, as the type in the list says, or its bytes where the list gives no type; or what
// the link "describedby" of a resource leads to. The key is the URI of the resource. A deletion in a list of changes is one
// of the item; a resource that is missing from a list of resources is not deleted. Of several changes of an item the last
// counts.
//
// # What is checked
//
// Length and digest (md5, sha-1, sha-256) of everything, if the list says them. What is other than the list says is
// rejected with its bytes, and asked for again in the next pass. What can't be had makes the pass short, and is asked for
// again too.
//
// # What is kept in the cursor
//
// The time from which changes are not known, with a digest of those at that time; what must be asked for again; within a
// pass the part and the number of the entry to go on from, with digests of those before, by which a list that has become
// another is noticed and read from its beginning.
//
// # Bounds
//
// A list has at most 50,000 entries and 50 MiB, a resource 16 MiB, a package [Config].MaxDump. A package may hold 200 times
// its own size when it is unpacked (64 MiB are free), and 100,000 files; nothing is written to the disk. Only the host of
// From is asked, and those of [Config].Hosts. Of changes, 200,000 are looked at together.
package resourcesync
