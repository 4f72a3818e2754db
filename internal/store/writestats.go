package store

import "time"

// WriteStats count since the log was opened.
type WriteStats struct {
	Writes     int64         // that had their turn
	Waited     time.Duration // for it, all together
	Commits    int64         // transactions; several writes may share one
	Committing time.Duration // what making them durable took, checkpoints included
}
