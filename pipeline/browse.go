package pipeline

import "time"

// SourceCounts are what the log has of one source.
type SourceCounts struct {
	Source        string
	Live, Deleted int64     // records
	Complete      time.Time // end of the last pass that met everything; zero if there was none
}

// A BrowsedPage is a part of the log, as people browse it: live records only.
type BrowsedPage struct {
	Records []Record
	More    bool // there are more beyond it
	Head    Head // of the same snapshot
}

// An Entry is a live record among those that came into the log under a certain number. A record keeps its number, whatever
// becomes of it.
type Entry struct {
	Number     int64
	Identifier string
	Datestamp  time.Time
	OAIDC      []byte // if it was asked for
}
