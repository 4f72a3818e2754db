// Package datadir is what every database that holds the log keeps in the data folder beside it: a lock, a mark that tells an
// older copy of the database from the present one, and a moment at which the clock was believed.
package datadir

// The data folder is private: the log holds the key by which resumption tokens are known for the gateway's own, originals
// that are not served, and the addresses of harvesters; its clock and its mark are nobody else's to change.
const (
	PrivateFile   = 0o600
	PrivateFolder = 0o700
)

// The names of the files.
const (
	LockName      = "sheaf.lock"
	HighwaterName = "highwater"
	AnchorName    = "clock.json"
)
