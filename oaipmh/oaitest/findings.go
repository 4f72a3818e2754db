package oaitest

import (
	"fmt"
	"net/url"
)

// maxFindings bounds the findings that are kept of each check; the others are counted.
const maxFindings = 200

// A finding is one thing that a check found wrong in an answer.
type finding struct {
	check   string
	subject string // what it is about, such as an identifier or the name of an argument; may be empty
	found   string
	excerpt string
	at      *place
}

// A place says which answer a finding is of. It doesn't hold the answer, which may be large.
type place struct {
	request string // as a URL
	args    url.Values
	first   url.Values // of the list's first request
	number  int        // of the answer, from 1
	list    int        // of the walk through a list, from 1; 0 if the answer is of none
	// unread is the check by which the answer could not be read, so that nothing else can be said of it.
	unread string
}

// asked reports whether the answer, or the list that it continues, was asked for with an argument.
func (p *place) asked(name string) bool { return p.args.Has(name) || p.first.Has(name) }

// fail notes what a check found wrong in an answer.
func (s *suite) fail(check string, a *reply, excerpt, format string, values ...any) {
	s.failOn("", check, a, excerpt, format, values...)
}

// failOn is fail with a subject.
func (s *suite) failOn(subject, check string, a *reply, excerpt, format string, values ...any) {
	if s.count[check]++; s.count[check] > maxFindings {
		return
	}
	s.findings = append(s.findings, &finding{
		check: check, subject: subject, found: fmt.Sprintf(format, values...), excerpt: cut(excerpt), at: a.place,
	})
}

// check passes or fails by a condition.
func (s *suite) check(check string, ok bool, a *reply, excerpt, format string, values ...any) bool {
	return s.checkOn("", check, ok, a, excerpt, format, values...)
}

// checkOn is check with a subject.
func (s *suite) checkOn(subject, check string, ok bool, a *reply, excerpt, format string, values ...any) bool {
	if ok {
		s.pass(check)
	} else {
		s.failOn(subject, check, a, excerpt, format, values...)
	}
	return ok
}

// conclude makes results of the findings. A check of which every finding follows from another check's is told as such:
// one cause is one finding.
func (s *suite) conclude() {
	causes := make(map[string]string) // of the checks that are explained
	first := make(map[string]*finding)
	for _, f := range s.findings {
		cause := s.cause(f)
		switch _, open := first[f.check]; {
		case open:
		case cause == "":
			first[f.check] = f
			delete(causes, f.check)
		case causes[f.check] == "":
			causes[f.check] = cause
		}
	}
	for check, f := range first {
		r := s.results[check]
		if r.Outcome = Failed; r.Advice {
			r.Outcome = Advised
		}
		r.Count, r.Found, r.Request, r.Excerpt = s.count[check], f.found, f.at.request, f.excerpt
	}
	for check := range causes {
		r := s.results[check]
		r.Outcome, r.Count, r.Cause = Follows, s.count[check], root(causes, check)
	}
}

// root follows causes to the one that follows from nothing.
func root(causes map[string]string, check string) string {
	for range len(causes) {
		next, explained := causes[check]
		if !explained {
			break
		}
		check = next
	}
	return check
}
