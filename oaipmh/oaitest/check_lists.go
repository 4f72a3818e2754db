package oaitest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// uri tells what can't be a URI (RFC 2396) from what may be one.
var uri = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:(?:[^\s<>"{}|\\^\x60%#]|%[0-9A-Fa-f]{2})+(?:#(?:[^\s<>"{}|\\^\x60%#]|%[0-9A-Fa-f]{2})*)?$`)

// header reads a header, and checks it.
func (s *suite) header(a *reply, h *etree.Element) item {
	excerpt := elementText(h)
	i := item{identifier: trimmed(h, "identifier"), datestamp: trimmed(h, "datestamp"), sets: texts(h, "setSpec")}
	status := h.SelectAttr("status")
	i.deleted = status != nil && strings.EqualFold(strings.TrimSpace(status.Value), "deleted")
	s.check("status", status == nil || status.Value == "deleted", a, excerpt, "the status is not deleted")
	s.checkOn(i.identifier, "header", i.lacks() == "", a, excerpt, "the header %s", i.lacks())
	if i.identifier != "" {
		s.checkOn(i.identifier, "identifier-uri", uri.MatchString(i.identifier), a, excerpt, "the identifier is %q", i.identifier)
	}
	if i.deleted {
		s.check("deleted-declared", s.deleted != "no", a, excerpt, "Identify says that deletions are not kept, and %s is deleted", i.identifier)
	}
	for _, spec := range i.sets {
		if s.allSets && oaipmh.ValidSetSpec(spec) {
			s.check("sets-listed", s.sets[spec], a, excerpt, "ListSets does not have the set %q", spec)
		}
	}
	if i.datestamp != "" {
		s.datestamp(a, i, excerpt)
	}
	return i
}

// lacks says what is wrong with a header as the schema sees it; empty if nothing is.
func (i item) lacks() string {
	illegal := slices.IndexFunc(i.sets, func(spec string) bool { return !oaipmh.ValidSetSpec(spec) })
	switch {
	case i.identifier == "":
		return "has no identifier"
	case i.datestamp == "":
		return "has no datestamp"
	case illegal >= 0:
		return fmt.Sprintf("has the illegal setSpec %q", i.sets[illegal])
	}
	return ""
}

// datestamp checks the datestamp of a header.
func (s *suite) datestamp(a *reply, i item, excerpt string) {
	stamp, g, err := oaipmh.ParseDatestamp(i.datestamp)
	if err == nil && !s.declared && s.granularity != oaipmh.Second.String() {
		s.granularity = g.String() // Identify does not say
	}
	if !s.check("datestamp-form", err == nil && (!s.declared || g.String() == s.granularity), a, excerpt, "the datestamp is %q, and granularity %s", i.datestamp, s.granularity) {
		return
	}
	if earliest, _, err := oaipmh.ParseDatestamp(s.earliest); err == nil {
		s.check("earliest-bound", !stamp.Before(earliest), a, excerpt, "%s is before earliestDatestamp, which is %s", i.datestamp, s.earliest)
	}
	if now := s.clock(a); !a.at.IsZero() || stamp.After(now.Add(time.Hour)) {
		s.check("safe-window", !stamp.After(now), a, excerpt, "%s is after %s, when the answer was made", i.datestamp, oaipmh.Second.Format(now))
	}
}

func (s *suite) listRecords() error {
	return s.walk(func(a *reply, last bool) {
		if s.began == "" {
			s.began = oaipmh.Second.Format(s.clock(a))
		}
		s.report.Complete = last
		if a.verb == nil {
			return
		}
		for _, r := range a.verb.SelectElements("record") {
			if i, ok := s.record(a, r); ok {
				s.inList(a, r, i)
				s.listed = append(s.listed, i)
			}
		}
	}, "verb", "ListRecords", "metadataPrefix", s.o.Prefix)
}

// inList checks a record's place among those that came before.
func (s *suite) inList(a *reply, r *etree.Element, i item) {
	if i.lacks() != "" {
		return
	}
	if n := len(s.listed); n > 0 {
		s.check("order", i.datestamp >= s.listed[n-1].datestamp, a, elementText(r), "%s comes after %s", i.datestamp, s.listed[n-1].datestamp)
	}
	before, again := s.stamps[i.identifier]
	s.checkOn(i.identifier, "duplicates", !again || s.changed(i.datestamp, before), a, elementText(r), "%s came before", i.identifier)
	s.stamps[i.identifier] = i.datestamp
}

// changed reports whether a record may have changed since it was met with another datestamp: then it may come again. In
// days, the datestamp of a record that changes on the same day stays.
func (s *suite) changed(now, before string) bool {
	return s.since(now) && (now > before || len(now) == len("2006-01-02") && now == before)
}

// record reads a record, and checks it.
func (s *suite) record(a *reply, r *etree.Element) (item, bool) {
	h := r.SelectElement("header")
	if h == nil {
		s.fail("header", a, elementText(r), "a record has no header")
		return item{}, false
	}
	i := s.header(a, h)
	metadata := r.SelectElement("metadata")
	if i.deleted {
		s.check("deleted-header-only", len(r.ChildElements()) == 1, a, elementText(r), "the record is deleted and has more than a header")
		return i, true
	}
	if !s.check("metadata-present", metadata != nil && len(metadata.ChildElements()) == 1, a, elementText(r), "the record has no metadata, or more than one element there") {
		return i, true
	}
	s.abouts(a, r)
	root := metadata.ChildElements()[0]
	space := root.NamespaceURI()
	want := s.namespaces[s.o.Prefix]
	s.check("metadata-namespace", space != "" && space != oaiNamespace && (want == "" || space == want), a, elementText(r), "the metadata is in the namespace %q, not %q", space, want)
	s.schemaLocation(a, root)
	s.selfContained(a, root)
	if space == OAIDC.Namespace {
		s.dublinCore(a, root)
	}
	return i, true
}

// selfContained checks that an element declares every prefix that is used in it: harvesters cut records out.
func (s *suite) selfContained(a *reply, root *etree.Element) {
	lacks := undeclared(root, nil)
	s.check("self-contained", lacks == "", a, elementText(root), "the prefix %s is declared outside the metadata", lacks)
}

// undeclared gives a prefix that an element uses and does not declare; empty if there is none.
func undeclared(e *etree.Element, declared []string) string {
	used := []string{e.Space}
	for _, attr := range e.Attr {
		if attr.Space == "xmlns" {
			declared = append(slices.Clip(declared), attr.Key)
		} else {
			used = append(used, attr.Space)
		}
	}
	for _, prefix := range used {
		if prefix != "" && prefix != "xml" && prefix != "xmlns" && !slices.Contains(declared, prefix) {
			return prefix
		}
	}
	for _, c := range e.ChildElements() {
		if prefix := undeclared(c, declared); prefix != "" {
			return prefix
		}
	}
	return ""
}

var elements = strings.Fields("title creator subject description publisher contributor date type format identifier source language relation coverage rights")

// dublinCore checks oai_dc as its schema does.
func (s *suite) dublinCore(a *reply, dc *etree.Element) {
	ok := true
	for _, e := range dc.ChildElements() {
		ok = ok && e.NamespaceURI() == "http://purl.org/dc/elements/1.1/" && slices.Contains(elements, e.Tag) && len(e.ChildElements()) == 0
		for _, attr := range e.Attr {
			ok = ok && (attr.Space == "xmlns" || attr.Key == "xmlns" || attr.Space == "xml" && attr.Key == "lang")
		}
	}
	s.check("oai-dc-elements", ok, a, elementText(dc), "there is something in oai_dc that its schema does not have")
}

func (s *suite) listIdentifiers() error {
	var headers []item
	complete := false
	var end *reply
	err := s.walk(func(a *reply, last bool) {
		complete, end = last, a
		if a.verb == nil {
			return
		}
		for _, h := range a.verb.FindElements(".//header") {
			headers = append(headers, s.header(a, h))
		}
	}, "verb", "ListIdentifiers", "metadataPrefix", s.o.Prefix)
	if err != nil || !complete || !s.report.Complete {
		return err
	}
	s.same(end, headers, s.listed, "ListIdentifiers", "ListRecords")
	s.same(end, s.listed, headers, "ListRecords", "ListIdentifiers")
	return nil
}

// same checks that every record of one list is in another, unless it changed since the lists began.
func (s *suite) same(a *reply, these, those []item, name, other string) {
	in := make(map[string]bool, len(those))
	for _, i := range those {
		in[i.identifier] = true
	}
	for _, i := range these {
		s.check("identifiers-agree", i.identifier == "" || in[i.identifier] || s.since(i.datestamp), a, "", "%s has %s, and %s does not", name, i.identifier, other)
	}
}

// tokens uses a token in odd ways.
func (s *suite) tokens() error {
	first, err := s.ask("verb", "ListRecords", "metadataPrefix", s.o.Prefix)
	if err != nil || first.verb == nil {
		return err
	}
	token := strings.TrimSpace(text(first.verb, "resumptionToken"))
	if token == "" {
		return nil
	}
	var before []string
	for n := range 2 {
		a, err := s.ask("verb", "ListRecords", "resumptionToken", token)
		if err != nil {
			return err
		}
		got := identifiersIn(a)
		if n == 0 && len(a.errors) > 0 {
			s.fail("token-continues", a, string(a.body), "the resumptionToken led to %v", a.codes())
			return nil
		}
		if n == 0 {
			before = got
			continue
		}
		if len(before) == 0 {
			continue
		}
		shared := slices.ContainsFunc(got, func(id string) bool { return slices.Contains(before, id) })
		s.check("token-again", shared, a, string(a.body), "the same token gave another page the second time")
	}
	return s.refused("token-exclusive", []string{"badArgument"}, "verb", "ListRecords", "metadataPrefix", s.o.Prefix, "resumptionToken", token)
}

// identifiersIn gives the identifiers of a page.
func identifiersIn(a *reply) (ids []string) {
	if a.verb == nil {
		return nil
	}
	for _, e := range a.verb.FindElements(".//header/identifier") {
		ids = append(ids, strings.TrimSpace(e.Text()))
	}
	return ids
}
