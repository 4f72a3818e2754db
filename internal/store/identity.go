package store

// An Identity tells what a log has written from what anything else has. It is made with the log. A restored
// backup gets another ID: there may be two of it then.
type Identity struct {
	ID  string // stands in what belongs to the log, for all to see
	Key []byte // seals what the log hands out and may have to believe later; secret
}
