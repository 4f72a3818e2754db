package harvest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// judge says what is wrong with an answer; nil if nothing is.
func (f *Fetcher) judge(resp *Response, req *Request) *Error {
	e := &Error{Status: resp.Status}
	if u, err := url.Parse(resp.URL); err == nil {
		e.URL = shown(u)
	}
	if wall := resp.Wall(); wall != "" {
		e.Kind, e.Detail = Challenged, wall
		return e
	}
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), f.o.Clock.Now())
	verdict := ByStatus
	// Some servers send a whole answer with 503 and Retry-After. They mean that we should be patient, so Check is
	// not asked.
	if req.Check != nil && (resp.Status < 400 || e.RetryAfter == 0) {
		verdict = req.Check(resp)
	}
	switch s := resp.Status; {
	case verdict == Good:
		return nil
	case verdict == Broken && (s < 400 || s >= 500):
		e.Kind, e.Detail = Truncated, "the answer of "+strconv.Itoa(len(resp.Body))+" bytes has no proper end"
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusUnavailableForLegalReasons:
		e.Kind = Forbidden
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable && e.RetryAfter > 0:
		e.Kind = RateLimited
	case s == http.StatusAccepted && len(resp.Body) == 0, s >= 500:
		e.Kind = HTTP5xx
	case s >= 400:
		e.Kind = HTTP4xx
	case s >= 300 && s != http.StatusNotModified, s < 200:
		e.Kind, e.Detail = Protocol, "an HTTP status that was not asked for"
	default:
		return nil
	}
	return e
}

// transient reports whether the same request may succeed in a moment.
func transient(e *Error) bool {
	switch e.Kind {
	case Unreachable:
		return !badCertificate(e.Err)
	case Timeout, RateLimited, Truncated:
		return true
	case HTTP5xx:
		return e.Status != http.StatusNotImplemented && e.Status != http.StatusHTTPVersionNotSupported
	case HTTP4xx:
		return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooEarly || e.Status == http.StatusConflict
	}
	return false
}

// broken finds the kind of what went wrong before there was a whole answer.
func (f *Fetcher) broken(target *url.URL, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		if e.URL == "" {
			e.URL = shown(target)
		}
		return e
	}
	e = &Error{Kind: Unreachable, URL: shown(target), Err: err}
	var netErr net.Error
	switch {
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Kind = Timeout
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Kind, e.Detail = Truncated, "the connection ended within the answer"
	}
	return e
}

func badCertificate(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}

// retryAfter reads both forms of Retry-After (RFC 9110, 10.2.3); 0 if there is nothing to read.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	const most = 365 * 24 * time.Hour
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if seconds != seconds || seconds < 0 {
			return 0
		}
		return max(time.Duration(min(seconds, most.Seconds())*float64(time.Second)), time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), time.Second), most)
	}
	return 0
}
