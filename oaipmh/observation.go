package oaipmh

import "time"

// An Observation is what can be measured of one request.
//
// Prefix, Set, From and Until are set only if the request succeeded or matched no records. So Prefix and Set are
// names that the repository knows, and can serve as labels of metrics.
type Observation struct {
	Verb     string // empty if the request had no legal one
	Prefix   string // metadataPrefix
	Set      string
	From     time.Time
	Until    time.Time
	Codes    []string // the protocol's error codes in the answer
	Status   int      // HTTP status
	Records  int      // records, headers or sets in the answer
	Cursor   int64    // how many elements of the list the answers before had
	Size     int64    // of the whole list; zero or less if it is not known
	Listing  bool     // the answer is part of a list, or says that the list is empty
	Last     bool     // the answer is the end of the list
	People   bool     // the answer is a page for people
	Cached   bool     // the elements were kept from an earlier answer
	Bytes    int64    // of the answer's body, as sent
	Repaired int      // elements that the repository gave, and that had to be repaired or left out
	Duration time.Duration
	Err      error // why the answer is an HTTP error
}

// note copies what an answer says.
func (o *Observation) note(q *request, a *answer) {
	o.Verb = q.verb
	for _, e := range a.errs {
		o.Codes = append(o.Codes, e.code)
	}
	if len(a.errs) > 0 && !a.empty {
		return
	}
	o.Prefix, o.Set, o.From, o.Until = q.prefix, q.set, q.fromTime, q.untilTime
	if q.continued() {
		o.Prefix, o.Set, o.From, o.Until = q.place.prefix, q.place.set, q.place.from, q.place.until
	}
	o.Cached = a.cached
	o.Records, o.Cursor, o.Size = a.elements, a.resumption.cursor, a.resumption.size
	o.Listing = q.verb == verbSets || q.verb == verbListIdentifiers || q.verb == verbListRecords
	o.Last = o.Listing && a.resumption.token == ""
}
