package quality

import "time"

// A Survey says how good the metadata of one source is.
type Survey struct {
	Source string `json:"source"`
	Title  string `json:"title,omitempty"`
	// Rules are the versions of the mapping rules that made the records: the one in force first, then those that
	// made most. Beyond three they are together, as "other". A source whose rules have changed has two until it is
	// mapped again.
	Rules    []RulesMade `json:"rules"`
	Measured time.Time   `json:"measured"`
	Report   *Report     `json:"report"` // of all records
	// Pages is the address that the path of a record's page is added to; empty if there is none.
	Pages string `json:"pages,omitempty"`
}

// RulesMade are the records that a version of the rules has made.
type RulesMade struct {
	Version string  `json:"version"`
	Present bool    `json:"present"` // in force: what is harvested now is made by it
	Records int64   `json:"records"`
	Report  *Report `json:"report"`
}
