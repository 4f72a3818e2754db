package oaitest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Options bound and direct Check. The zero value is polite.
type Options struct {
	// Client makes the requests; nil means one with a timeout of two minutes for each.
	Client *http.Client
	// UserAgent introduces the checker to the repository; give a contact.
	UserAgent string
	// Prefix is the format to list: oai_dc if empty.
	Prefix string
	// MaxPages bounds the pages that are walked of each list: 50 if zero.
	MaxPages int
	// MaxRecords ends the walk of a list after the page with which it has met so many records: 100,000 if zero.
	MaxRecords int
	// MaxRequests bounds the requests of all checks together: 1,000 if zero.
	MaxRequests int
	// MaxBytes bounds what is read of all answers together: 1 GiB if zero.
	MaxBytes int64
	// Delay is the pause before each request except the first: a second if zero, none if negative.
	Delay time.Duration
	// MaxWait bounds the wait that a 503 or 429 may ask for: a minute if zero. A longer one ends the checks.
	MaxWait time.Duration
	// Now is the clock that responseDate is compared with; nil means time.Now.
	Now func() time.Time
}

func (o *Options) setDefaults() {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 2 * time.Minute}
	}
	if o.UserAgent == "" {
		o.UserAgent = "sheaf-oaitest (an OAI-PMH conformance check)"
	}
	if o.Prefix == "" {
		o.Prefix = "oai_dc"
	}
	if o.MaxPages <= 0 {
		o.MaxPages = 50
	}
	if o.MaxRecords <= 0 {
		o.MaxRecords = 100_000
	}
	if o.MaxRequests <= 0 {
		o.MaxRequests = 1000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 30
	}
	if o.Delay == 0 {
		o.Delay = time.Second
	}
	if o.MaxWait == 0 {
		o.MaxWait = time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Check checks a repository against the specification. It makes about a hundred requests, and walks the lists to their
// ends or as far as the options allow. An error means that it could not begin. If a repository stops answering on the way
// the checks end, and the report says so.
//
// Check only reads. It is fair to a repository that changes meanwhile: a record that moves is not taken for a duplicate.
func Check(ctx context.Context, baseURL string, o Options) (*Report, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of an endpoint: give one such as https://archive.example.org/oai", baseURL)
	}
	o.setDefaults()
	s := newSuite(ctx, baseURL, o)
	if err := s.run(); err != nil {
		s.report.Stopped = err.Error()
	}
	return s.finish(), ctx.Err()
}

// CheckRepository checks a repository behind an [oaipmh.Handler] as [Check] does, without a network. Pages have ten
// records unless the handler's options say otherwise.
func CheckRepository(ctx context.Context, repo oaipmh.Repository, h oaipmh.Options, o Options) (*Report, error) {
	if repo == nil {
		return nil, errors.New("no repository to check")
	}
	if h.BaseURL == "" {
		h.BaseURL = "http://repository.example.org/oai"
	}
	if h.PageSize == 0 {
		h.PageSize = 10
	}
	if h.Keys == nil {
		key := make([]byte, 32)
		rand.Read(key)
		h.Keys = [][]byte{key}
	}
	handler, err := oaipmh.NewHandler(repo, h)
	if err != nil {
		return nil, err
	}
	o.Client = &http.Client{Transport: Transport(handler)}
	if o.Delay == 0 {
		o.Delay = -1
	}
	return Check(ctx, h.BaseURL, o)
}

// Transport returns a RoundTripper that asks a handler, without a network.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ h http.Handler }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	w := record(t.h, r)
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// A recorder keeps what a handler writes.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func record(h http.Handler, r *http.Request) *recorder {
	w := &recorder{header: make(http.Header)}
	h.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return w
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}
