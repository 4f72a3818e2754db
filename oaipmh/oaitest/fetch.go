package oaitest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

const (
	// maxBody bounds an answer, in bytes.
	maxBody = 64 << 20
	// maxTries bounds the tries of a request that is answered by "later".
	maxTries = 4
	// maxUnanswered bounds the requests that are not answered, or by "later" to the last: then the repository is left
	// alone.
	maxUnanswered = 3
)

// fetch makes an HTTP request with arguments, which the address of a GET has already, and again when it is told to come later. An error ends the checks.
func (s *suite) fetch(method, address string, v url.Values, header http.Header) (*reply, error) {
	for try := 1; ; try++ {
		if err := s.mayAsk(); err != nil {
			return nil, err
		}
		a, err := s.fetchOnce(method, address, v, header)
		if err != nil {
			return nil, err
		}
		s.report.Bytes += int64(len(a.body))
		if wall := botWall(a); !s.check("bot-wall", wall == "", a, string(a.body), "the answer is a wall against programs (%s)", wall) {
			return nil, fmt.Errorf("a wall against programs (%s) answers %s; it is not climbed", wall, a.request)
		}
		if a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests {
			return a, nil
		}
		wait := s.later(a)
		if wait > s.o.MaxWait && s.o.MaxWait >= 0 {
			return nil, fmt.Errorf("%s asks to wait %v; come again then", a.request, wait)
		}
		if try == maxTries {
			a.unread = "answered"
			s.fail("answered", a, string(a.body), "the answer was put off %d times (status %d)", maxTries, a.status)
			return a, s.unansweredBy(a)
		}
		if err := s.wait(min(wait, s.o.MaxWait)); err != nil {
			return nil, err
		}
	}
}

// mayAsk counts a request and pauses before it; an error if there were enough.
func (s *suite) mayAsk() error {
	switch {
	case s.report.Requests >= s.o.MaxRequests:
		return fmt.Errorf("%d requests were made, which is as many as the options allow", s.report.Requests)
	case s.report.Bytes >= s.o.MaxBytes:
		return fmt.Errorf("%d bytes were read, which is as much as the options allow", s.report.Bytes)
	}
	if s.report.Requests++; s.report.Requests > 1 {
		return s.wait(s.o.Delay)
	}
	return s.ctx.Err()
}

// later reads how long a repository wants to be left alone.
func (s *suite) later(a *reply) time.Duration {
	const unsaid = 10 * time.Second
	value := strings.TrimSpace(a.header.Get("Retry-After"))
	seconds, err := strconv.ParseUint(value, 10, 31)
	s.check("retry-after", err == nil && time.Duration(seconds)*time.Second <= 24*time.Hour, a, value, "the status is %d, and Retry-After is %q", a.status, value)
	if err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(s.o.Now()), time.Second)
	}
	return unsaid
}

// unansweredBy counts a request that was in vain; an error if there were enough of them.
func (s *suite) unansweredBy(a *reply) error {
	if s.unanswered++; s.unanswered >= maxUnanswered {
		return fmt.Errorf("%d requests were in vain, the last of them %s; the repository is left alone", s.unanswered, a.request)
	}
	return nil
}

func (s *suite) fetchOnce(method, address string, v url.Values, header http.Header) (*reply, error) {
	r, err := http.NewRequestWithContext(s.ctx, method, address, nil)
	if method == http.MethodPost {
		r, err = http.NewRequestWithContext(s.ctx, method, address, strings.NewReader(v.Encode()))
		address += " with " + v.Encode()
	}
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", s.o.UserAgent)
	r.Header.Set("Accept-Encoding", "identity") // so that nothing is unpacked behind our back
	for name, values := range header {
		r.Header[name] = values
	}
	s.answers++
	a := &reply{place: &place{request: address, args: v, number: s.answers}, header: make(http.Header)}
	client := *s.o.Client
	hops := 0
	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		if hops++; hops > 5 {
			return http.ErrUseLastResponse
		}
		return nil
	}
	res, err := client.Do(r)
	if err != nil {
		return a, s.failedToAnswer(a, err)
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	a.body, err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	switch timeout := net.Error(nil); {
	case len(a.body) > maxBody:
		a.unread = "answer-size"
		s.fail("answer-size", a, "", "the answer is larger than 64 MiB")
		s.report.Bytes += int64(len(a.body))
		return nil, fmt.Errorf("the answer to %s is larger than 64 MiB", address)
	case s.ctx.Err() != nil:
		return nil, s.ctx.Err()
	case errors.As(err, &timeout) && timeout.Timeout():
		return a, s.failedToAnswer(a, err)
	case err != nil:
		a.broken, a.unread = true, "well-formed"
		s.fail("well-formed", a, "", "the answer breaks off: %v", err)
	}
	s.pass("answer-size")
	if a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests {
		s.pass("answered")
	}
	s.check("no-redirect", hops == 0, a, "", "the answer came from %s", res.Request.URL)
	return a, nil
}

// failedToAnswer notes that there was no answer, or none to its end. An error ends the checks: what can't be
// reached at all needs no second try.
func (s *suite) failedToAnswer(a *reply, err error) error {
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	timeout := net.Error(nil)
	if late := errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded); !late && s.report.Requests == 1 {
		return fmt.Errorf("asking %s: %w", a.request, err)
	}
	a.unread = "answered"
	s.fail("answered", a, "", "%v", err)
	return s.unansweredBy(a)
}

// botWall names the wall against programs that sent an answer; empty if the answer is the repository's.
func botWall(a *reply) string {
	return (&harvest.Response{Status: a.status, Header: a.header, Body: a.body}).Wall()
}
