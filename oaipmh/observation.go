package oaipmh

import "time"

// An Observation is what can be measured of one request.
type Observation struct {
	Verb     string // empty if there was no legal one
	Prefix   string // metadataPrefix, of a request that succeeded or matched no records: it can serve as a metric's label
	Set      string // likewise
	From     time.Time
	Until    time.Time
	Codes    []string // the protocol's error codes in the answer
	Status   int      // HTTP status
	Records  int      // records, headers or sets in the answer
	Cursor   int64    // elements of the list that were given before
	Size     int64    // of the whole list, as far as known; else not positive
	Listing  bool     // the answer is part of a list, or says that the list is empty
	Last     bool     // of which it is the end
	People   bool     // it was a page for people
	Cached   bool     // the elements were kept from an earlier answer
	Bytes    int64    // of the answer's body, as sent
	Repaired int      // elements that were not XML as the repository gave them
	Duration time.Duration
	Err      error // why the answer is an HTTP error
}

// note takes down what an answer was.
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
