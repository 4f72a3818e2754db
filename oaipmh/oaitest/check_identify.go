package oaitest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

var email = regexp.MustCompile(`^\S+@(\S+\.)+\S+$`)

// texts gives the texts of the children of an element with a name.
func texts(e *etree.Element, tag string) []string {
	var found []string
	for _, c := range e.SelectElements(tag) {
		found = append(found, c.Text())
	}
	return found
}

// trimmed gives the text of the only child with a name, without white space around it, which the schema allows for URIs
// and dates.
func trimmed(e *etree.Element, tag string) string { return strings.TrimSpace(text(e, tag)) }

// text gives the text of the only child with a name; empty if there is none.
func text(e *etree.Element, tag string) string {
	if t := texts(e, tag); len(t) > 0 {
		return t[0]
	}
	return ""
}

func (s *suite) identify() error {
	a, err := s.ask("verb", "Identify")
	if err != nil {
		return err
	}
	if a.verb == nil {
		s.fail("identify", a, string(a.body), "there is no Identify")
		return errNoIdentify
	}
	demand := func(ok bool, format string, values ...any) {
		s.check("identify", ok, a, string(a.body), format, values...)
	}
	demand(text(a.verb, "repositoryName") != "", "there is no repositoryName")
	demand(text(a.verb, "protocolVersion") == "2.0", "protocolVersion is %q", text(a.verb, "protocolVersion"))
	mails := texts(a.verb, "adminEmail")
	demand(len(mails) > 0, "there is no adminEmail")
	for _, m := range mails {
		demand(email.MatchString(m), "adminEmail is %q", m)
	}
	s.deleted = text(a.verb, "deletedRecord")
	demand(slices.Contains([]string{"no", "transient", "persistent"}, s.deleted), "deletedRecord is %q", s.deleted)
	s.granularity = text(a.verb, "granularity")
	s.declared = s.granularity == oaipmh.Second.String() || s.granularity == oaipmh.Day.String()
	demand(s.declared, "granularity is %q", s.granularity)
	s.baseURL = trimmed(a.verb, "baseURL")
	s.check("base-url", strings.TrimSuffix(s.baseURL, "/") == strings.TrimSuffix(s.base, "/"), a, s.baseURL, "baseURL is %q", s.baseURL)

	s.earliest = trimmed(a.verb, "earliestDatestamp")
	_, g, err := oaipmh.ParseDatestamp(s.earliest)
	demand(err == nil, "earliestDatestamp is %q", s.earliest)
	if err == nil && s.declared {
		s.check("earliest-granularity", g.String() == s.granularity, a, s.earliest, "earliestDatestamp is %s, and granularity %s", s.earliest, s.granularity)
	}
	for _, c := range texts(a.verb, "compression") {
		s.compressed[c] = true
		s.check("compression-identity", c != "identity", a, c, "identity is listed")
	}
	s.containers(a, a.verb, "description")
	if e := a.verb.FindElement(".//sampleIdentifier"); e != nil {
		s.sample = e.Text()
	}
	return nil
}

// containers checks that the containers of an element have something in them.
func (s *suite) containers(a *reply, e *etree.Element, tag string) {
	for _, c := range e.SelectElements(tag) {
		s.check("set-description", len(c.ChildElements()) == 1, a, elementText(c), "%s has %d elements inside, not one", tag, len(c.ChildElements()))
	}
}

func (s *suite) formats() error {
	a, err := s.ask("verb", "ListMetadataFormats")
	if err != nil {
		return err
	}
	if a.verb == nil {
		s.fail("formats", a, string(a.body), "there is no ListMetadataFormats")
		return nil
	}
	for _, f := range a.verb.SelectElements("metadataFormat") {
		prefix, schema, namespace := text(f, "metadataPrefix"), trimmed(f, "schema"), trimmed(f, "metadataNamespace")
		_, twice := s.namespaces[prefix]
		s.check("formats", oaipmh.ValidPrefix(prefix) && schema != "" && namespace != "" && !twice, a, elementText(f), "the format %q is not in order", prefix)
		s.namespaces[prefix] = namespace
	}
	s.check("oai-dc", s.namespaces["oai_dc"] == OAIDC.Namespace, a, string(a.body), "the namespace of oai_dc is %q", s.namespaces["oai_dc"])
	return nil
}

func (s *suite) listSets() error {
	return s.walk(func(a *reply, complete bool) {
		if a.verb == nil {
			s.allSets = a.has("noSetHierarchy") // all of none
			return
		}
		for _, e := range a.verb.SelectElements("set") {
			spec := text(e, "setSpec")
			s.check("sets", oaipmh.ValidSetSpec(spec) && e.SelectElement("setName") != nil && !s.sets[spec], a, elementText(e), "the set %q is not in order", spec)
			s.sets[spec] = true
			s.containers(a, e, "setDescription")
		}
		if !complete {
			return
		}
		s.allSets = true
		for spec := range s.sets {
			for _, above := range oaipmh.SetAncestors(spec) {
				s.check("set-hierarchy", s.sets[above], a, spec, "the set %q is listed, but not %q above it", spec, above)
			}
		}
	}, "verb", "ListSets")
}
