package oaipmh_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

func TestLine23Compression(t *testing.T) {
	h := serve(t, filled(50), oaipmh.Options{})
	wantIn(t, get(t, h, "verb=Identify"), "<compression>gzip</compression>")
	for accept, zipped := range map[string]bool{
		"":                           false,
		"gzip":                       true,
		"GZip;q=0.5":                 true,
		"x-gzip":                     true,
		"deflate, gzip;q=1.0, *;q=0": true,
		"*":                          true,
		"gzip;q=0":                   false,
		"gzip;q=0, *":                false,
		"gzip;q=bad":                 false,
		"gzip;q=0.1, identity;q=0.9": false,
		"identity;q=0, gzip;q=0.1":   true,
		"identity":                   false,
		"br, zstd":                   false,
		"identity;q=0":               false, // nothing is acceptable: better plain than nothing
		"*;q=0":                      false,
	} {
		r := httptest.NewRequest("GET", "/oai?"+records, nil)
		if accept != "" {
			r.Header.Set("Accept-Encoding", accept)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); (got == "gzip") != zipped {
			t.Errorf("%q: Content-Encoding %q", accept, got)
			continue
		}
		if !strings.Contains(w.Header().Get("Vary"), "Accept-Encoding") || w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
			t.Errorf("%q: %v", accept, w.Header())
		}
		var body io.Reader = w.Body
		if zipped {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		text, err := io.ReadAll(body)
		if err != nil || !bytes.HasSuffix(text, []byte("</OAI-PMH>\n")) {
			t.Errorf("%q: %v %d bytes", accept, err, len(text))
		}
	}
}

func TestMethods(t *testing.T) {
	h := serve(t, filled(5), oaipmh.Options{})
	for method, want := range map[string]int{"OPTIONS": 204, "PUT": 405, "DELETE": 405, "TRACE": 405} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/oai?"+records, nil))
		if w.Code != want || w.Header().Get("Allow") != "GET, HEAD, POST, OPTIONS" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	res, err := http.Head(srv.URL + "/oai?" + records)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); len(b) != 0 || res.ContentLength < 500 || res.StatusCode != 200 {
		t.Errorf("HEAD: %d, %d bytes of %d", res.StatusCode, len(b), res.ContentLength)
	}
}

func TestMaxPageBytes(t *testing.T) {
	m := memory()
	for i := range 10 {
		m.Put(oaitest.Item{Identifier: id(i), Metadata: map[string][]byte{"oai_dc": dc(strings.Repeat("x", 3000*(i%3)))}})
	}
	m.Put(oaitest.Item{Identifier: id(99), Metadata: map[string][]byte{"oai_dc": dc(strings.Repeat("y", 50_000))}})
	var ids []string
	for _, p := range walk(t, serve(t, m, oaipmh.Options{MaxPageBytes: 8000}), records) {
		got := all(p, "<identifier>", "<")
		if len(p) > 8600 && len(got) != 1 {
			t.Errorf("%d records in %d bytes", len(got), len(p))
		}
		ids = append(ids, got...)
	}
	if len(ids) != 11 || ids[10] != id(99) || !slices.IsSorted(ids) {
		t.Error(ids)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := oaipmh.Options{BaseURL: base, Keys: [][]byte{testKey}}
	for name, spoil := range map[string]func(*oaipmh.Options){
		"no URL":       func(o *oaipmh.Options) { o.BaseURL = "" },
		"a path":       func(o *oaipmh.Options) { o.BaseURL = "/oai" },
		"a query":      func(o *oaipmh.Options) { o.BaseURL += "?x" },
		"another kind": func(o *oaipmh.Options) { o.BaseURL = "ftp://example.org/" },
		"no key":       func(o *oaipmh.Options) { o.Keys = nil },
		"a short key":  func(o *oaipmh.Options) { o.Keys = [][]byte{testKey, []byte("short")} },
		"large pages":  func(o *oaipmh.Options) { o.PageSize = 1001 },
		"no bytes":     func(o *oaipmh.Options) { o.MaxPageBytes = -1 },
	} {
		o := good
		spoil(&o)
		if _, err := oaipmh.NewHandler(filled(1), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestObservations(t *testing.T) {
	var seen []oaipmh.Observation
	h := serve(t, filled(15), oaipmh.Options{PageSize: 10, Observe: func(_ *http.Request, o oaipmh.Observation) { seen = append(seen, o) }})
	token := tokenOf(get(t, h, records+"&set=all"))
	get(t, h, "verb=ListRecords&resumptionToken="+token)
	get(t, h, "verb=Nonsense&from=x")
	get(t, h, "verb=ListRecords&metadataPrefix=anything-at-all")
	get(t, h, records+"&set=anything-at-all")
	get(t, h, records+"&until=2001-01-01")
	want := []oaipmh.Observation{
		{Verb: "ListRecords", Prefix: "oai_dc", Set: "all", Status: 200, Records: 10, Size: -1, Listing: true},
		{Verb: "ListRecords", Prefix: "oai_dc", Set: "all", Status: 200, Records: 5, Cursor: 10, Size: -1, Listing: true, Last: true},
		{Codes: []string{"badVerb"}, Status: 200},
		{Verb: "ListRecords", Codes: []string{"cannotDisseminateFormat"}, Status: 200},
		{Verb: "ListRecords", Codes: []string{"noRecordsMatch"}, Status: 200},
		{Verb: "ListRecords", Prefix: "oai_dc", Until: time.Date(2001, 1, 1, 23, 59, 59, 0, time.UTC), Codes: []string{"noRecordsMatch"}, Status: 200, Listing: true, Last: true},
	}
	for _, o := range seen {
		if o.Bytes < 300 || o.Duration <= 0 {
			t.Errorf("%d bytes in %v", o.Bytes, o.Duration)
		}
	}
	if d := cmp.Diff(want, seen, cmpopts.IgnoreFields(oaipmh.Observation{}, "Bytes", "Duration")); d != "" {
		t.Error(d)
	}
}

// careless breaks the contract of List.
type careless struct {
	*oaitest.Memory
	listing *oaipmh.Listing
}

func (c careless) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	c.Memory.List(ctx, q, offer)
	return c.listing, nil
}

func TestACarelessRepositoryIsNotServed(t *testing.T) {
	for name, l := range map[string]*oaipmh.Listing{
		"no answer": nil,
		"no Next":   {Head: start},
		"no Head":   {Next: "1"},
	} {
		h := serve(t, careless{filled(15), l}, oaipmh.Options{PageSize: 10})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+records, nil))
		if w.Code != 500 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestACancelledRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	serve(t, filled(15), oaipmh.Options{}).ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+records, nil).WithContext(ctx))
	if w.Code != 503 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

const (
	chrome  = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
	oldJava = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
	newJava = "text/html, image/gif, image/jpeg, */*; q=0.2"
)

// people asks as a browser does.
func people(t *testing.T, h http.Handler, query, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", "/oai?"+query, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhoGetsAPage(t *testing.T) {
	h := serve(t, filled(5), oaipmh.Options{})
	for accept, html := range map[string]bool{
		chrome: true, "text/html": true, "text/html;q=0.9, text/xml;q=0.5": true,
		oldJava: false, newJava: false, "": false, "*/*": false, "text/xml": false, "text/html;q=0": false,
		"text/xml, text/html": false, "text/html;q=0.5, application/xml": false, "application/json": false,
	} {
		w := people(t, h, records, accept)
		want := "text/xml; charset=utf-8"
		if html {
			want = "text/html; charset=utf-8"
		}
		if got := w.Header().Get("Content-Type"); got != want || w.Code != 200 || !strings.Contains(w.Header().Get("Vary"), "Accept,") {
			t.Errorf("%q: %d %v", accept, w.Code, w.Header())
		}
	}
}

func TestPagesForPeople(t *testing.T) {
	m := filled(50)
	m.Put(oaitest.Item{Identifier: "oai:archive.example.org:<b>", Metadata: map[string][]byte{"oai_dc": []byte(
		`<d xmlns="http://example.org/"><title xml:lang="sq">A &lt;script&gt; B</title><link>https://example.org/1</link><link>javascript:alert(1)</link></d>`)}})
	h := serve(t, m, oaipmh.Options{SetPage: func(spec string) string { return "https://archive.example.org/sets/" + spec }})
	for query, want := range map[string][]string{
		"":                                       {"<h1>A repository in memory", base, `action="?"`},
		"verb=Identify":                          {"nobody@example.org", "announced for ever"},
		"verb=ListSets":                          {"all:odd", "set=all", `href="https://archive.example.org/sets/all:odd"`},
		"verb=ListMetadataFormats":               {"oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"},
		records:                                  {"Title 3", "Records 1 to 20", `rel="next"`, "This record was deleted"},
		records + "&set=&from=&until=2030-01-01": {"Title 3", `value="2030-01-01"`},
		"verb=ListIdentifiers&metadataPrefix=oai_dc":                                              {id(1), "Identifiers 1 to 20"},
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(1):                                {"Title 1", "Show the XML"},
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:archive.example.org:%3Cb%3E":         {`lang="sq">A &lt;script&gt; B`, `href="https://example.org/1"`, "oai:archive.example.org:&lt;b&gt;"},
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=%22%3E%3Cscript%3Ealert(1)%3C/script%3E": {"idDoesNotExist"},
		"verb=%3Cscript%3E": {"badVerb", `role="alert"`},
	} {
		w := people(t, h, query, chrome)
		body := w.Body.String()
		if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", query, w.Code, w.Header())
		}
		wantIn(t, body, want...)
		wantIn(t, body, `<html lang="en">`, `class="skip" href="#content"`, `<main id="content"`, "<nav aria-label", "</html>")
		wantNot(t, body, "<script", `href="javascript:`, "<no value>", "ZgotmplZ")
		for _, id := range all(body, `<label for="`, `"`) {
			wantIn(t, body, fmt.Sprintf(`id="%s"`, id))
		}
	}
}

func TestPeopleReachTheEndOfAList(t *testing.T) {
	h := serve(t, filled(50), oaipmh.Options{})
	query, seen := records, 0
	for range 5 {
		body := people(t, h, query, chrome).Body.String()
		seen += strings.Count(body, "<article>")
		next := between(body, `<p class="next"><a href="?`, `"`)
		if next == "" {
			break
		}
		query = strings.ReplaceAll(next, "&amp;", "&")
	}
	if seen != 50 {
		t.Errorf("%d records", seen)
	}
}

func TestAPageOfOnesOwn(t *testing.T) {
	h := serve(t, filled(5), oaipmh.Options{Page: func(w io.Writer, v *oaipmh.View) error {
		_, err := fmt.Fprintf(w, "%s %d", v.Verb, len(v.Records))
		return err
	}})
	if got := people(t, h, records, chrome).Body.String(); got != "ListRecords 5" {
		t.Error(got)
	}
}

// listing is a repository that knows whether a list is being read.
type listing struct {
	*oaitest.Memory
	open bool
}

func (l *listing) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	l.open = true
	defer func() { l.open = false }()
	return l.Memory.List(ctx, q, offer)
}

// slow is a client that takes what it is sent when it likes.
type slow struct {
	*httptest.ResponseRecorder
	repo *listing
	held bool
}

func (s *slow) Write(b []byte) (int, error) {
	s.held = s.held || s.repo.open
	return s.ResponseRecorder.Write(b)
}

// While a client reads its answer, however slowly, the repository is free.
func TestASlowClientHoldsNoList(t *testing.T) {
	repo := &listing{Memory: filled(50)}
	h := serve(t, repo, oaipmh.Options{})
	for _, encoding := range []string{"", "gzip"} {
		r := httptest.NewRequest("GET", "/oai?"+records, nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := &slow{ResponseRecorder: httptest.NewRecorder(), repo: repo}
		if h.ServeHTTP(w, r); w.held || w.Body.Len() == 0 {
			t.Errorf("%q: %d bytes were written, while the list was read: %v", encoding, w.Body.Len(), w.held)
		}
	}
}
