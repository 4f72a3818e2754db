package oaitest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/beevik/etree"
)

const (
	oaiNamespace = "http://www.openarchives.org/OAI/2.0/"
	xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"
)

// A reply is an answer, read as far as that is possible.
type reply struct {
	*place
	status int
	header http.Header
	body   []byte
	broken bool // the connection ended before the answer did

	root         *etree.Element // nil if it is not XML
	responseDate string
	at           time.Time        // responseDate, if it can be believed
	requested    *etree.Element   // the request element
	verb         *etree.Element   // the verb's element, nil after errors
	errors       []*etree.Element // error elements
}

// codes returns the error codes of an answer.
func (a *reply) codes() []string {
	var codes []string
	for _, e := range a.errors {
		codes = append(codes, e.SelectAttrValue("code", ""))
	}
	return codes
}

func (a *reply) has(code ...string) bool {
	return slices.ContainsFunc(a.codes(), func(c string) bool { return slices.Contains(code, c) })
}

// args makes arguments of names and values.
func args(pairs ...string) url.Values {
	v := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

var errNoIdentify = errors.New("Identify can't be had, and everything else depends on it")

// ask makes a request and checks everything that all answers have in common. The reply's root is nil if the answer is not
// OAI-PMH. An error ends the checks.
func (s *suite) ask(pairs ...string) (*reply, error) {
	v := args(pairs...)
	a, err := s.fetch(http.MethodGet, s.base+"?"+v.Encode(), v, nil)
	if err != nil {
		return nil, err
	}
	if a.status != 0 { // with status 0 nobody answered
		s.envelope(a)
	}
	return a, nil
}
