package oaitest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// walk goes through a list page by page and checks its tokens (section 3.5). It calls visit with each answer; last is true
// for the answer that completes the list. An answer without a verb is an error.
func (s *suite) walk(visit func(a *reply, last bool), pairs ...string) error {
	s.lists++
	list, first := s.lists, url.Values(nil)
	seen := make(map[string]bool)
	given, size := int64(0), int64(-1)
	for n := 1; ; n++ {
		a, err := s.ask(pairs...)
		if err != nil {
			return err
		}
		if a.list = list; n == 1 {
			first = a.args
		}
		a.first = first
		if a.verb == nil {
			switch none := a.has("noRecordsMatch", "noSetHierarchy"); {
			case a.root == nil || a.has("badVerb"):
			case n > 1:
				s.fail("token-continues", a, string(a.body), "the resumptionToken led to %v", a.codes())
			case !s.odd(a):
				s.check("list-answered", none, a, string(a.body), "the answer is %v", a.codes())
				visit(a, none)
				return nil
			}
			visit(a, false)
			return nil
		}
		if n == 1 && !s.odd(a) {
			s.pass("list-answered")
		}
		s.members(a)
		elements := int64(len(a.verb.ChildElements()) - len(a.verb.SelectElements("resumptionToken")))
		s.check("empty-page", elements > 0, a, string(a.body), "there is nothing in the list")
		if n > 1 {
			s.pass("token-continues")
		}
		t := s.tokenElement(a, given)
		given += elements
		if t.size >= 0 {
			size = t.size
		}
		last := t.text == ""
		visit(a, last)
		switch {
		case last && n > 1:
			s.check("final-token", t.element != nil, a, tail(a), "the last page has no resumptionToken element")
			fallthrough
		case last:
			if size >= 0 {
				s.size(a, size, given)
			}
			return nil
		case !s.check("token-progress", !seen[t.text], a, t.text, "the token is one that was followed before"), n >= s.o.MaxPages, given >= int64(s.o.MaxRecords):
			return nil
		}
		seen[t.text] = true
		pairs = []string{"verb", a.verb.Tag, "resumptionToken", t.text}
	}
}

// memberOf has the elements that the answers to verbs consist of.
var memberOf = map[string]string{"ListSets": "set", "ListIdentifiers": "header", "ListRecords": "record"}

// members checks that there is nothing else in a list than its members, and its token.
func (s *suite) members(a *reply) {
	for _, e := range a.verb.ChildElements() {
		if want := memberOf[a.verb.Tag]; want != "" && e.Tag != want && e.Tag != "resumptionToken" {
			s.fail("structure", a, elementText(e), "there is a %s in %s, which has %ss", e.Tag, a.verb.Tag, want)
			return
		}
	}
}

// wrongBy is how much a list may be shorter than completeListSize, in percent, before records are taken to be missing. The
// number may be an estimate (section 3.5); a list that lacks more is not explained by that.
const wrongBy = 10

// size compares what was announced of a list with what came.
func (s *suite) size(a *reply, announced, came int64) {
	switch {
	case came < announced-announced*wrongBy/100:
		s.fail("list-short", a, tail(a), "%d were announced, and the list ended after %d", announced, came)
	default:
		s.pass("list-short")
		s.check("list-size", came == announced || s.moved(a), a, tail(a), "completeListSize was %d, and %d came", announced, came)
	}
}

// odd reports whether a request asks for something that a repository may refuse: dates outside of what it has.
func (s *suite) odd(a *reply) bool {
	return a.args.Has("from") || a.args.Has("until") || a.args.Has("set")
}

// moved reports whether the last page of a list has a record that changed since the walk through the records began. Then
// the list may be longer than it said, because such a record comes again.
func (s *suite) moved(a *reply) bool {
	return slices.ContainsFunc(a.verb.FindElements(".//header/datestamp"), func(e *etree.Element) bool { return s.since(strings.TrimSpace(e.Text())) })
}

// since reports whether a datestamp is not before the walk through the records began. In days, the whole day is not.
func (s *suite) since(datestamp string) bool {
	return s.began != "" && datestamp >= s.began[:min(len(s.began), len(datestamp))]
}

// tail returns the end of an answer.
func tail(a *reply) string { return string(a.body[max(0, len(a.body)-300):]) }

type tokenFound struct {
	element *etree.Element
	text    string
	size    int64
}

// tokenElement reads the resumptionToken of a page. given is how many elements the pages before had.
func (s *suite) tokenElement(a *reply, given int64) tokenFound {
	t := tokenFound{size: -1}
	found := a.verb.SelectElements("resumptionToken")
	if len(found) == 0 {
		return t
	}
	children := a.verb.ChildElements()
	t.element = found[len(found)-1]
	for _, e := range found {
		if strings.TrimSpace(t.element.Text()) == "" {
			t.element = e // of several, one that leads on
		}
	}
	s.check("structure", len(found) == 1 && children[len(children)-1] == t.element, a, tail(a), "the list has %d resumptionToken elements, or one before its end", len(found))
	raw := t.element.Text()
	t.text = strings.TrimSpace(raw)
	excerpt := elementText(t.element)
	if raw != "" {
		s.check("token-plain", raw == t.text && !strings.ContainsAny(raw, " \t\r\n+&#%|!"), a, excerpt, "the token has white space, or characters that need escaping in a URL")
	}
	if c := t.element.SelectAttrValue("cursor", ""); c != "" {
		n, err := strconv.ParseInt(c, 10, 64)
		s.check("cursor", err == nil && n == given, a, excerpt, "cursor is %s after %d elements", c, given)
	}
	if c := t.element.SelectAttrValue("completeListSize", ""); c != "" {
		n, err := strconv.ParseInt(c, 10, 64)
		if s.check("list-size", err == nil && n > 0, a, excerpt, "completeListSize is %q", c) {
			t.size = n
		}
	}
	return t
}

// An item is what the checks have found out about a record.
type item struct {
	identifier, datestamp string
	sets                  []string
	deleted               bool
}

func (i item) inSet(set string) bool {
	return slices.ContainsFunc(i.sets, func(spec string) bool { return spec == set || strings.HasPrefix(spec, set+":") })
}
