package postgres

// The folder is private: the log's clock and its high-water mark are nobody else's to change.
const (
	privateFile   = 0o600
	privateFolder = 0o700

	highwaterName = "highwater"
	anchorName    = "clock.json"
)
