package store

// Standbys are the replicas of the database that the log is in, as its primary sees them.
type Standbys struct {
	All         int // those that are connected
	Synchronous int // those of them that commits wait for
	// Behind is how many bytes of the write-ahead log the last of them has yet to replay; negative if the gateway's role may
	// not know.
	Behind int64
	// Read is set if there is one from which the doors are served.
	Read *ReadStandby
}

// A ReadStandby is a replica from which the doors are served.
type ReadStandby struct {
	Views  int64 // snapshots of it that were read
	Missed int64 // those that the primary gave in its place, because it was behind or away
}
