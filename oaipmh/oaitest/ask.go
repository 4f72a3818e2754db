package oaitest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
)

const (
	oaiNamespace = "http://www.openarchives.org/OAI/2.0/"
	xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"

	// maxBody bounds an answer, in bytes.
	maxBody = 64 << 20
	// maxTries bounds the tries of a request that is answered by "later".
	maxTries = 4
)

// A reply is an answer, read as far as it can be.
type reply struct {
	request string // as a URL
	args    url.Values
	status  int
	header  http.Header
	body    []byte

	root         *etree.Element // nil if it is not XML
	responseDate string
	requested    *etree.Element   // the request element
	verb         *etree.Element   // the verb's element, nil after errors
	errors       []*etree.Element // error elements
}

// codes gives the error codes of an answer.
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

var errUnusable = errors.New("an answer that everything else depends on can't be used")

// ask makes a request and looks at everything that all answers have in common. The reply's root is nil if
// the answer is not OAI-PMH. An error ends the checks.
func (s *suite) ask(pairs ...string) (*reply, error) {
	v := args(pairs...)
	a, err := s.fetch(http.MethodGet, s.base+"?"+v.Encode(), nil, nil)
	if err != nil {
		return nil, err
	}
	a.args = v
	s.envelope(a)
	return a, nil
}

// fetch makes an HTTP request, and again when it is told to come later.
func (s *suite) fetch(method, address string, form url.Values, header http.Header) (*reply, error) {
	for try := 1; ; try++ {
		if s.report.Requests++; s.report.Requests > 1 {
			if err := s.wait(s.o.Delay); err != nil {
				return nil, err
			}
		}
		a, err := s.fetchOnce(method, address, form, header)
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests || try == maxTries {
			return a, nil
		}
		if err := s.wait(min(retryAfter(a.header), s.o.MaxWait)); err != nil {
			return nil, err
		}
	}
}

func retryAfter(h http.Header) time.Duration {
	if n, err := strconv.Atoi(h.Get("Retry-After")); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	return 10 * time.Second
}

func (s *suite) fetchOnce(method, address string, form url.Values, header http.Header) (*reply, error) {
	r, err := http.NewRequestWithContext(s.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		address += " with " + form.Encode()
	}
	r.Header.Set("User-Agent", s.o.UserAgent)
	r.Header.Set("Accept-Encoding", "identity") // so that nothing is unpacked behind our back
	for name, values := range header {
		r.Header[name] = values
	}
	client := *s.o.Client
	redirected := false
	client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if redirected = true; len(via) > 5 {
			return errors.New("too many redirects")
		}
		return nil
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", address, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	a := &reply{request: address, status: res.StatusCode, header: res.Header, body: body}
	switch {
	case len(body) > maxBody:
		return nil, fmt.Errorf("asking %s: the answer is larger than 64 MiB", address)
	case err != nil:
		s.fail("well-formed", a, "", "the answer breaks off: %v", err)
	}
	s.check("no-redirect", !redirected, a, "", "the answer came from %s", res.Request.URL)
	return a, nil
}
