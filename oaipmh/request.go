package oaipmh

import (
	"fmt"
	"slices"
	"time"
)

// A request is a request whose arguments were checked.
type request struct {
	arguments
	fromTime, untilTime time.Time
	place               token // where a list goes on; the zero token is the start
	errs                []protocolError
}

type argumentSet uint8

const (
	argIdentifier argumentSet = 1 << iota
	argPrefix
	argFrom
	argUntil
	argSet
	argToken
)

// rules says which arguments each verb may have, and which it must (sections 4.1 to 4.6).
var rules = map[string]struct{ may, must argumentSet }{
	verbIdentify:        {},
	verbFormats:         {may: argIdentifier},
	verbSets:            {may: argToken},
	verbGet:             {may: argIdentifier | argPrefix, must: argIdentifier | argPrefix},
	verbListIdentifiers: {may: argPrefix | argFrom | argUntil | argSet | argToken, must: argPrefix},
	verbListRecords:     {may: argPrefix | argFrom | argUntil | argSet | argToken, must: argPrefix},
}

// parseRequest reads a query string or a form. It puts all that is wrong into errs of the request.
func (k keys) parseRequest(raw string, lenient bool) *request {
	q := new(request)
	q.arguments, q.errs = parseArguments(raw, lenient)
	rule, ok := rules[q.verb]
	switch {
	case slices.ContainsFunc(q.errs, func(e protocolError) bool { return e.code == codeBadVerb }):
		q.verb = ""
		return q
	case q.verb == "":
		q.fail(codeBadVerb, "The verb is missing.")
		return q
	case !ok:
		q.fail(codeBadVerb, "There is no verb %s.", quote(q.verb))
		q.verb = ""
		return q
	}
	given := q.given()
	continues := given&rule.may&argToken != 0
	if continues {
		rule.may, rule.must = argToken, 0
	}
	q.each(given&^rule.may, "%s can't be given here.")
	if continues {
		q.readToken(k)
		return q
	}
	if q.flawed&rule.may&argToken == 0 {
		q.each(rule.must&^given&^q.flawed, "%s is missing.")
	}
	q.checkValues()
	return q
}

func (q *request) fail(code, format string, values ...any) {
	q.errs = append(q.errs, protocolError{code, fmt.Sprintf(format, values...)})
}

func (q *request) given() (set argumentSet) {
	for i, v := range q.optional() {
		if *v != "" {
			set |= 1 << i
		}
	}
	return set
}

// optional returns the arguments besides the verb, in the order of the bits of argumentSet.
func (q *request) optional() [6]*string {
	return [...]*string{&q.identifier, &q.prefix, &q.from, &q.until, &q.set, &q.token}
}

var argumentNames = [...]string{"identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"}

func argumentNamed(name string) argumentSet { return 1 << slices.Index(argumentNames[:], name) }

func (q *request) each(set argumentSet, format string) {
	for i, name := range argumentNames {
		if set&(1<<i) != 0 {
			q.fail(codeBadArgument, format, "The argument "+name)
		}
	}
}

func (q *request) readToken(k keys) {
	t, ok := k.open(q.token)
	if !ok || t.verb != q.verb {
		q.fail(codeBadToken, "The resumptionToken is not one of this repository's, or not for this verb: start the list again.")
		return
	}
	q.place = t
}

func (q *request) checkValues() {
	if q.prefix != "" && !ValidPrefix(q.prefix) {
		q.fail(codeBadArgument, "The metadataPrefix %s has characters that no metadataPrefix can have.", quote(q.prefix))
	}
	if q.set != "" && !ValidSetSpec(q.set) {
		q.fail(codeBadArgument, "The set %s is not a legal setSpec.", quote(q.set))
	}
	from, fromGranularity, fromOK := q.date("from", q.from)
	until, untilGranularity, untilOK := q.date("until", q.until)
	if fromOK && untilOK {
		switch {
		case fromGranularity != untilGranularity:
			q.fail(codeBadArgument, "from and until must have the same granularity.")
		case from.After(until):
			q.fail(codeBadArgument, "from is after until.")
		}
	}
	if untilOK && untilGranularity == Day {
		until = until.AddDate(0, 0, 1).Add(-time.Second)
	}
	if untilOK && until.IsZero() {
		until = until.Add(-time.Second) // the zero time would mean no limit; no record is as old as either moment
	}
	q.fromTime, q.untilTime = from, until
}

// date reads a date; ok is false if it was not given or is wrong.
func (q *request) date(name, s string) (t time.Time, g Granularity, ok bool) {
	if s == "" {
		return t, g, false
	}
	t, g, err := ParseDatestamp(s)
	if err != nil {
		q.fail(codeBadArgument, "%s is %v.", name, err)
	}
	return t, g, err == nil
}

// hasAttributes reports whether the <request> of the answer may repeat the arguments. After badVerb and badArgument
// it must not (section 3.2).
func hasAttributes(errs []protocolError) bool {
	return !slices.ContainsFunc(errs, func(e protocolError) bool {
		return e.code == codeBadVerb || e.code == codeBadArgument
	})
}
