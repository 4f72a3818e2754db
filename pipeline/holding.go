package pipeline

import "time"

// A Holding is what the log has of one source.
type Holding struct {
	Source        string
	Live, Deleted int64     // records
	Complete      time.Time // end of the last pass that met everything; zero if there was none
}
