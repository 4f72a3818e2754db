package listing_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// A plainFetcher fetches without any of the politeness that a server on loopback does not need.
type plainFetcher struct{}

func (plainFetcher) Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error) {
	hr, err := http.NewRequestWithContext(ctx, http.MethodGet, req.URL, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(hr)
	if err != nil {
		return nil, &harvest.Error{Kind: harvest.Unreachable, Err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, &harvest.Error{Kind: harvest.Truncated, Err: err}
	}
	if res.StatusCode != http.StatusOK {
		return nil, &harvest.Error{Kind: harvest.HTTP4xx, Status: res.StatusCode}
	}
	return &harvest.Response{URL: res.Request.URL.String(), Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

func (plainFetcher) Rest(string, time.Duration) {}

// A site answers from memory: the page for each URL, or whatever the function says.
type site func(url string) (page string, err error)

func (s site) Fetch(_ context.Context, req harvest.Request) (*harvest.Response, error) {
	if strings.HasSuffix(req.URL, "/robots.txt") {
		return nil, &harvest.Error{Kind: harvest.HTTP4xx, Status: http.StatusNotFound}
	}
	page, err := s(req.URL)
	if err != nil {
		return nil, err
	}
	return &harvest.Response{URL: req.URL, Status: http.StatusOK, Header: http.Header{}, Body: []byte(page)}, nil
}

func (site) Rest(string, time.Duration) {}

// newSiteSource makes a source of https://archive.example.org/list?page={page}, unless From says otherwise.
func newSiteSource(t fataler, c listing.Config, s site) *listing.Source {
	t.Helper()
	if c.Canonical == "" {
		c.Canonical = "archive"
	}
	if c.From == nil {
		c.From = []string{"https://archive.example.org/list?page={page}"}
	}
	source, err := listing.New(c, s)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// A fataler is a test, of testing or of rapid.
type fataler interface {
	Helper()
	Fatal(...any)
}

// onePage reads a page that is a whole listing, from memory.
func onePage(t fataler, c listing.Config, page string) *harvest.Page {
	t.Helper()
	if c.From == nil {
		c.From = []string{"https://archive.example.org/list"}
	}
	got, err := newSiteSource(t, c, func(string) (string, error) { return page, nil }).Page(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	return got
}
