package oaitest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// refused checks that a request is answered by one of some error codes.
func (s *suite) refused(check string, codes []string, pairs ...string) error {
	a, err := s.ask(pairs...)
	if err != nil {
		return err
	}
	subject := ""
	for _, values := range a.args {
		if len(values) > 1 {
			subject = "repeated"
		}
	}
	s.checkOn(subject, check, a.has(codes...), a, string(a.body), "the answer is %v, not %s", a.codes(), strings.Join(codes, " or "))
	return nil
}

func (s *suite) badRequests() error {
	p := s.o.Prefix
	for _, c := range []struct {
		check, codes string
		pairs        []string
	}{
		{"bad-verb", "badVerb", []string{"verb", "Sheaf"}},
		{"bad-verb", "badVerb", nil},
		{"bad-verb", "badVerb", []string{"verb", "Identify", "verb", "Identify"}},
		{"unknown-argument", "badArgument", []string{"verb", "Identify", "sheaf", "1"}},
		{"unknown-argument", "badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "sheaf", "1"}},
		{"repeated-argument", "badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "metadataPrefix", p}},
		{"missing-argument", "badArgument", []string{"verb", "ListIdentifiers"}},
		{"missing-argument", "badArgument", []string{"verb", "ListRecords"}},
		{"missing-argument", "badArgument", []string{"verb", "GetRecord", "metadataPrefix", p}},
		{"bad-date", "badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "from", "yesterday"}},
		{"bad-date", "badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "until", "2024-02-30"}},
		{"mixed-granularity", "badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "from", "2001-01-01", "until", "2030-01-01T00:00:00Z"}},
		{"from-after-until", "badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "from", "2002-01-01", "until", "2001-01-01"}},
		{"bad-token", "badResumptionToken", []string{"verb", "ListRecords", "resumptionToken", "sheaf-no-such-token"}},
		{"unknown-format", "cannotDisseminateFormat", []string{"verb", "ListIdentifiers", "metadataPrefix", "sheaf_none"}},
		{"unknown-format", "cannotDisseminateFormat", []string{"verb", "ListRecords", "metadataPrefix", "sheaf_none"}},
		{"unknown-identifier", "idDoesNotExist", []string{"verb", "GetRecord", "metadataPrefix", p, "identifier", "oai:sheaf.invalid:none"}},
		{"unknown-identifier", "idDoesNotExist", []string{"verb", "ListMetadataFormats", "identifier", "oai:sheaf.invalid:none"}},
		{"unknown-set", "noRecordsMatch noSetHierarchy badArgument", []string{"verb", "ListIdentifiers", "metadataPrefix", p, "set", "sheaf_no_such_set"}},
	} {
		if err := s.refused(c.check, strings.Fields(c.codes), c.pairs...); err != nil {
			return err
		}
	}
	a, err := s.ask("verb", "GetRecord", "metadataPrefix", p, "identifier", `oai:sheaf.invalid:"<sheaf>&`)
	if err != nil {
		return err
	}
	s.check("escaping", a.root != nil && !bytes.Contains(a.body, []byte("<sheaf>")), a, string(a.body), "the answer has the identifier as it was sent")
	return nil
}

// transport looks at HTTP.
func (s *suite) transport() error {
	a, err := s.fetch(http.MethodPost, s.base, args("verb", "Identify"), nil)
	if err != nil {
		return err
	}
	s.check("post", identifies(a), a, string(a.body), "the answer to a POST is not Identify (status %d)", a.status)
	if !strings.HasSuffix(s.base, "/") && !strings.Contains(s.base, "?") {
		a, err := s.fetch(http.MethodGet, s.base+"/?verb=Identify", args("verb", "Identify"), nil)
		if err != nil {
			return err
		}
		s.check("trailing-slash", identifies(a), a, string(a.body), "the status is %d", a.status)
	}
	return s.compression()
}

// identifies reports whether an answer is that to Identify.
func identifies(a *reply) bool {
	root := parse(unzipped(a.body)).root
	return a.status == http.StatusOK && root != nil && root.SelectElement("Identify") != nil
}

// unzipped gives what a compressed answer holds, or the answer.
func unzipped(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	inside, err := io.ReadAll(io.LimitReader(z, maxBody))
	if err != nil {
		return body
	}
	return inside
}

func (s *suite) compression() error {
	query := args("verb", "ListRecords", "metadataPrefix", s.o.Prefix)
	a, err := s.fetch(http.MethodGet, s.base+"?"+query.Encode(), query, http.Header{"Accept-Encoding": {"gzip"}})
	if err != nil || a.unread != "" {
		return err
	}
	encoding := a.header.Get("Content-Encoding")
	marked := strings.EqualFold(encoding, "gzip")
	body := a.body
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err == nil {
		if body, err = io.ReadAll(io.LimitReader(z, maxBody+1)); len(body) > maxBody {
			s.fail("answer-size", a, "", "%d bytes grow to more than 64 MiB", len(a.body))
			return nil
		}
	}
	if !s.check("compression", marked == (err == nil), a, encoding, "Content-Encoding is %q, and the body is not so", encoding) || parse(body).root == nil {
		return nil // what can't be read is none of compression's faults
	}
	if small := len(a.body) < 1<<10; small && !marked {
		return nil // not worth compressing
	}
	listed := s.compressed["gzip"]
	if listed {
		s.check("compression-served", marked, a, encoding, "Identify lists gzip, and the answer is not compressed")
	}
	if marked {
		s.check("compression-declared", listed, a, encoding, "the answer is compressed by gzip, which Identify does not list")
		s.check("vary", strings.Contains(strings.ToLower(a.header.Get("Vary")), "accept-encoding") || a.header.Get("Vary") == "*", a, a.header.Get("Vary"), "Vary does not name Accept-Encoding")
	}
	return nil
}
