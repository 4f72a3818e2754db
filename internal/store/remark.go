package store

// A Remark is what one look at the server of a database found.
type Remark struct {
	Check  string // what was looked at, in a word
	Found  string // what is so, if all is well
	Advice string // what is wrong, and what to do; empty if nothing is
}
