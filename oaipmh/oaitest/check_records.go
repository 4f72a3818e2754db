package oaitest

import (
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// pick gives the first record, from the middle on, that f likes.
func (s *suite) pick(f func(item) bool) (item, bool) {
	for n := range s.listed {
		if i := s.listed[(len(s.listed)/2+n)%len(s.listed)]; f(i) {
			return i, true
		}
	}
	return item{}, false
}

func (s *suite) getRecords() error {
	if i, ok := s.pick(func(i item) bool { return !i.deleted }); ok {
		if err := s.getRecord("get-listed", i); err != nil {
			return err
		}
		a, err := s.ask("verb", "ListMetadataFormats", "identifier", i.identifier)
		if err != nil {
			return err
		}
		found := a.verb != nil && slices.ContainsFunc(a.verb.FindElements("./metadataFormat/metadataPrefix"), func(e *etree.Element) bool { return e.Text() == s.o.Prefix })
		s.check("item-formats", found, a, string(a.body), "the item was listed in %s, and does not have it", s.o.Prefix)
	}
	if i, ok := s.pick(func(i item) bool { return i.deleted }); ok {
		if err := s.getRecord("get-deleted", i); err != nil {
			return err
		}
	}
	if s.sample == "" || len(s.listed) == 0 {
		return nil
	}
	a, err := s.ask("verb", "GetRecord", "metadataPrefix", "oai_dc", "identifier", s.sample)
	if err != nil {
		return err
	}
	s.check("sample-identifier", a.verb != nil, a, string(a.body), "there is no item %s", s.sample)
	return nil
}

// getRecord gets a record that was listed, and compares.
func (s *suite) getRecord(check string, i item) error {
	a, got, err := s.get(i)
	if err != nil {
		return err
	}
	if !s.check(check, got.identifier == i.identifier, a, string(a.body), "%s was listed, and can't be had", i.identifier) {
		return nil
	}
	if s.changed(got.datestamp, i.datestamp) {
		return nil
	}
	s.checkOn(i.identifier, "get-agrees", got.datestamp == i.datestamp && got.deleted == i.deleted && slices.Equal(slices.Sorted(slices.Values(got.sets)), slices.Sorted(slices.Values(i.sets))),
		a, string(a.body), "listed was the datestamp %s, deleted %v, sets %q", i.datestamp, i.deleted, i.sets)
	return nil
}

// get gets a record that was listed; the zero item if it can't be had.
func (s *suite) get(i item) (a *reply, got item, err error) {
	a, err = s.ask("verb", "GetRecord", "metadataPrefix", s.o.Prefix, "identifier", i.identifier)
	if err != nil || a.verb == nil {
		return a, got, err
	}
	if r := a.verb.SelectElement("record"); r != nil {
		got, _ = s.record(a, r)
	}
	return a, got, nil
}

// setLists lists a set that has sets below it, if there is one.
func (s *suite) setLists() error {
	below := func(spec string) bool { return strings.Contains(spec, ":") }
	i, ok := s.pick(func(i item) bool { return !i.deleted && slices.ContainsFunc(i.sets, below) })
	if !ok {
		if i, ok = s.pick(func(i item) bool { return !i.deleted && len(i.sets) > 0 }); !ok {
			return nil
		}
	}
	set, check := i.sets[0], "set-list"
	if at := slices.IndexFunc(i.sets, below); at >= 0 {
		above := oaipmh.SetAncestors(i.sets[at])
		set, check = above[len(above)-1], "set-children"
	}
	_, err := s.findIn(check, i, s.only(set), "set", set)
	return err
}

// setDeleted lists a set that a deleted record is in.
func (s *suite) setDeleted() error {
	i, ok := s.pick(func(i item) bool { return i.deleted && len(i.sets) > 0 })
	if !ok {
		return nil
	}
	_, err := s.findIn("set-deleted", i, s.only(i.sets[0]), "set", i.sets[0])
	return err
}

// only makes a check that the records of a list are in a set. The sets of a deleted record may be those that it has left.
func (s *suite) only(set string) func(*reply, item) {
	return func(a *reply, got item) {
		s.check("set-list", got.deleted || got.inSet(set), a, got.identifier, "%s is in the sets %q, not in %q", got.identifier, got.sets, set)
	}
}

// findIn walks a list of identifiers and looks for a record that must be in it; each checks what comes. refused says that
// the list is badArgument.
func (s *suite) findIn(check string, want item, each func(*reply, item), window ...string) (refused bool, err error) {
	found, complete := false, false
	var first *reply
	err = s.walk(func(a *reply, last bool) {
		if first == nil {
			first = a
		}
		refused = a.has("badArgument") && !a.args.Has("resumptionToken")
		complete = last || a.has("badArgument", "noRecordsMatch") && !a.args.Has("resumptionToken")
		if a.verb == nil {
			return
		}
		for _, h := range a.verb.FindElements(".//header") {
			got := s.header(a, h)
			found = found || got.identifier == want.identifier
			each(a, got)
		}
	}, append([]string{"verb", "ListIdentifiers", "metadataPrefix", s.o.Prefix}, window...)...)
	if err != nil || !found && !complete {
		return refused, err
	}
	if !found {
		// Has it changed since?
		if _, now, err := s.get(want); err != nil || now.identifier != "" && now.datestamp != want.datestamp {
			return refused, err
		}
	}
	s.check(check, found, first, string(first.body), "%s of %s is not in the list", want.identifier, want.datestamp)
	return refused, nil
}

// windows lists by dates.
func (s *suite) windows() error {
	var stamps []string
	for _, i := range s.listed {
		if dated(i) {
			stamps = append(stamps, i.datestamp)
		}
	}
	slices.Sort(stamps)
	if len(stamps) == 0 {
		return nil
	}
	i, ok := s.pick(func(i item) bool { return dated(i) && i.datestamp > stamps[0] && i.datestamp < stamps[len(stamps)-1] })
	if !ok {
		i, _ = s.pick(dated)
	}
	at := s.asked(i.datestamp)
	refused, err := s.findIn("from-inclusive", i, func(a *reply, got item) {
		s.check("window-from", !dated(got) || got.datestamp >= at, a, got.identifier, "%s is before %s", got.datestamp, at)
	}, "from", at)
	if err != nil {
		return err
	}
	if s.noSeconds = refused; !refused {
		_, err = s.findIn("until-inclusive", i, func(a *reply, got item) {
			s.check("window-until", !dated(got) || got.datestamp[:min(len(at), len(got.datestamp))] <= at, a, got.identifier, "%s is after %s", got.datestamp, at)
		}, "until", at)
		if err != nil {
			return err
		}
	}
	if err := s.days(); err != nil || s.noSeconds && s.noDays {
		return err
	}
	return s.edges()
}

// dated reports whether a record can be asked for by its datestamp.
func dated(i item) bool {
	_, _, err := oaipmh.ParseDatestamp(i.datestamp)
	return err == nil
}

// asked is a datestamp as it may be asked for: no finer than the repository's granularity.
func (s *suite) asked(datestamp string) string {
	if s.granularity == oaipmh.Day.String() {
		return datestamp[:len("2006-01-02")]
	}
	return datestamp
}

// days lists until a day, by a record that is not of its midnight.
func (s *suite) days() error {
	const day = len("2006-01-02")
	i, ok := s.pick(func(i item) bool {
		return dated(i) && len(i.datestamp) > day && !strings.HasSuffix(i.datestamp, "T00:00:00Z")
	})
	if !ok {
		return nil
	}
	a, err := s.ask("verb", "ListIdentifiers", "metadataPrefix", s.o.Prefix, "until", i.datestamp[:day])
	if err != nil {
		return err
	}
	if s.noDays = a.has("badArgument"); s.noDays && s.noSeconds {
		return nil // no date at all is taken, which was said
	}
	if !s.check("day-granularity", !s.noDays, a, string(a.body), "a date in days is refused") {
		return nil
	}
	_, err = s.findIn("until-day", i, func(*reply, item) {}, "until", i.datestamp[:day])
	return err
}

// edges lists with dates outside what the repository has.
func (s *suite) edges() error {
	granularity := oaipmh.Day
	if s.noDays {
		granularity = oaipmh.Second
	}
	list := func(check string, ok func(*reply) bool, name string, t time.Time) error {
		date := granularity.Format(t)
		a, err := s.ask("verb", "ListIdentifiers", "metadataPrefix", s.o.Prefix, name, date)
		if err == nil {
			s.check(check, ok(a), a, string(a.body), "%s %s is answered by %v", name, date, a.codes())
		}
		return err
	}
	listed := func(a *reply) bool { return a.verb != nil }
	response, _, err := oaipmh.ParseDatestamp(s.began)
	if err != nil {
		response = s.o.Now()
	}
	if earliest, _, err := oaipmh.ParseDatestamp(s.earliest); err == nil {
		if err := list("early-from", listed, "from", earliest.AddDate(-1, 0, 0)); err != nil {
			return err
		}
	}
	if err := list("late-until", listed, "until", response.AddDate(1, 0, 0)); err != nil {
		return err
	}
	return list("no-records", func(a *reply) bool { return a.has("noRecordsMatch") }, "from", response.AddDate(10, 0, 0))
}
