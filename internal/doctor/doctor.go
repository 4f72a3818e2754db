// Package doctor looks at what a gateway stands on: the files of its data folder, its addresses, its certificates, and
// those of its sources. What is in the log is looked at by others. It changes nothing.
package doctor

// A Finding is what one check found.
type Finding struct {
	Check  string `json:"check"`
	Found  string `json:"found"`            // what is so, if all is well
	Advice string `json:"advice,omitempty"` // what is wrong, and what to do; empty if nothing is
	Broken bool   `json:"broken,omitempty"` // the log can't be relied on
}
