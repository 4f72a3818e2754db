package oaipmh_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// Tests of the checklist of what implementations get wrong, each with the number of its line.

// errorsOf gives the error codes of an answer, in order.
func errorsOf(body string) []string { return all(body, `<error code="`, `"`) }

func wantErrors(t *testing.T, body string, codes ...string) {
	t.Helper()
	if d := cmp.Diff(codes, errorsOf(body)); d != "" {
		t.Errorf("error codes (-want +got):\n%s\n%s", d, body)
	}
}

const records = "verb=ListRecords&metadataPrefix=oai_dc"

// at has an item for each time, with the times as datestamps.
func at(times ...string) *oaitest.Memory {
	var now time.Time
	m := &oaitest.Memory{Now: func() time.Time { return now }}
	for i, s := range times {
		now, _ = time.Parse(time.RFC3339Nano, s)
		m.Put(oaitest.Item{Identifier: id(i), Metadata: map[string][]byte{"oai_dc": dc("x")}})
	}
	now = now.AddDate(1, 0, 0)
	return m
}

func stampsOf(body string) []string { return all(body, "<datestamp>", "<") }

func TestLine01and03DatesAreInclusiveAtTheirGranularity(t *testing.T) {
	h := serve(t, at("2024-01-01T00:00:00Z", "2024-01-01T23:59:59Z", "2024-01-02T00:00:00Z", "2024-01-02T00:00:01Z"), oaipmh.Options{})
	for window, want := range map[string]int{
		"&until=2024-01-01":                                     2,
		"&from=2024-01-01&until=2024-01-01":                     2,
		"&from=2024-01-02":                                      2,
		"&until=2024-01-01T00:00:00Z":                           1,
		"&from=2024-01-01T23:59:59Z":                            3,
		"&from=2024-01-02T00:00:00Z&until=2024-01-02T00:00:00Z": 1,
	} {
		if got := stampsOf(get(t, h, records+window)); len(got) != want {
			t.Errorf("%s: %v", window, got)
		}
	}
}

func TestLine02WholeSeconds(t *testing.T) {
	h := serve(t, at("2024-01-01T00:00:00.999Z"), oaipmh.Options{})
	got := stampsOf(get(t, h, records+"&until=2024-01-01T00:00:00Z"))
	if d := cmp.Diff([]string{"2024-01-01T00:00:00Z"}, got); d != "" {
		t.Error(d)
	}
}

func TestLine04BothGranularitiesButNotMixed(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	wantErrors(t, get(t, h, records+"&from=2024-01-01&until=2030-01-01T00:00:00Z"), "badArgument")
	wantErrors(t, get(t, h, records+"&from=2024-01-01&until=2030-01-01"))
	for _, bad := range []string{"2024", "2024-13-01", "2024-02-30", "2024-01-01T00:00:00", "2024-01-01T00:00:00.5Z",
		"2024-01-01T00:00:00%2B01:00", "2024-01-01T24:00:00Z", "2024-1-1", "0000-01-01", "2024-01-01%20", "2024-01-01t00:00:00z"} {
		wantErrors(t, get(t, h, records+"&from="+bad), "badArgument")
		wantErrors(t, get(t, h, records+"&until="+bad), "badArgument")
	}
}

func TestLine05Windows(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	wantErrors(t, get(t, h, records+"&from=2024-01-02&until=2024-01-01"), "badArgument")
	wantErrors(t, get(t, h, records+"&until=9999-12-31"))
	wantErrors(t, get(t, h, records+"&from=0001-01-01"))
	wantErrors(t, get(t, h, records+"&until=0001-01-01T00:00:00Z"), "noRecordsMatch")
	wantErrors(t, get(t, h, records+"&until=0001-01-01"), "noRecordsMatch")
	wantErrors(t, get(t, h, records+"&from=9998-12-31T00:00:00Z"), "noRecordsMatch")
}

func TestLine06EarliestDatestamp(t *testing.T) {
	m := at("2024-01-01T00:00:00.7Z", "2024-01-02T00:00:00Z")
	m.Delete(id(0))
	wantIn(t, get(t, serve(t, m, oaipmh.Options{}), "verb=Identify"),
		"<earliestDatestamp>2024-01-01T00:00:00Z</earliestDatestamp>", "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>")
}

// heads is a repository whose answers have heads of their own, told apart by the hour.
type heads struct{ *oaitest.Memory }

func hour(n int) time.Time { return time.Date(2001, 2, 3, n, 0, 0, 0, time.UTC) }

func (heads) Clock(context.Context) (time.Time, error) { return hour(1), nil }

func (h heads) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	l, err := h.Memory.List(ctx, q, offer)
	l.Head = hour(2)
	if q.Set == "silent" {
		return nil, oaipmh.ErrNoSuchSet
	}
	return l, err
}

func TestLine07ResponseDateIsTheHead(t *testing.T) {
	h := serve(t, heads{filled(3)}, oaipmh.Options{})
	for query, want := range map[string]int{
		"verb=Nonsense":              1,
		records + "&from=x":          1,
		records:                      2,
		records + "&from=2999-01-01": 2,
		records + "&set=unknown":     2,
		records + "&set=silent":      1,
	} {
		wantIn(t, get(t, h, query), "<responseDate>"+hour(want).Format(time.RFC3339)+"</responseDate>")
	}
}

func TestLine08TheEndOfLists(t *testing.T) {
	// Complete in one: no element. Exactly full: still none.
	wantNot(t, get(t, serve(t, filled(10), oaipmh.Options{PageSize: 10}), records), "resumptionToken")
	pages := walk(t, serve(t, filled(20), oaipmh.Options{PageSize: 10}), records)
	if len(pages) != 2 {
		t.Fatalf("%d pages", len(pages))
	}
	wantIn(t, pages[1], `<resumptionToken cursor="10"/>`)
}

func TestLine08AWalkMeetsWhatMovesDuringIt(t *testing.T) {
	m := filled(20)
	h := serve(t, m, oaipmh.Options{PageSize: 5})
	first := get(t, h, records)
	m.Put(oaitest.Item{Identifier: id(10), Metadata: map[string][]byte{"oai_dc": dc("changed")}})
	m.Put(oaitest.Item{Identifier: id(1), Metadata: map[string][]byte{"oai_dc": dc("changed after it was seen")}})
	rest := walk(t, h, "verb=ListRecords&resumptionToken="+tokenOf(first))
	got := all(strings.Join(rest, ""), "<identifier>", "<")
	if n := len(got); n != 16 || got[n-2] != id(10) || got[n-1] != id(1) {
		t.Errorf("%d %v", n, got)
	}
}

func TestLine08AWindowWhoseRestMovedOnIsEmpty(t *testing.T) {
	m := at("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")
	h := serve(t, m, oaipmh.Options{PageSize: 1})
	token := tokenOf(get(t, h, records+"&until=2024-01-03"))
	m.Delete(id(1))
	wantErrors(t, get(t, h, "verb=ListRecords&resumptionToken="+token), "noRecordsMatch")
}

// sized gives a size.
type sized struct {
	*oaitest.Memory
	size int64
}

func (s *sized) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	l, err := s.Memory.List(ctx, q, offer)
	l.Size = s.size
	return l, err
}

func TestLine09CursorAndCompleteListSize(t *testing.T) {
	s := &sized{filled(25), 25}
	h := serve(t, s, oaipmh.Options{PageSize: 10})
	for i, p := range walk(t, h, records) {
		wantIn(t, p, `completeListSize="25" cursor="`+[]string{"0", "10", "20"}[i]+`"`)
		s.size = 99 // said of a later page, it doesn't count
	}
	s.size = -1
	for _, p := range walk(t, h, records) {
		wantNot(t, p, "completeListSize")
	}
}

func TestLine10TokensWorkAgain(t *testing.T) {
	h := serve(t, filled(25), oaipmh.Options{PageSize: 10})
	token := tokenOf(get(t, h, records))
	var first []string
	for range 3 {
		got := all(get(t, h, "verb=ListRecords&resumptionToken="+token), "<identifier>", "<")
		if first == nil {
			first = got
		}
		if d := cmp.Diff(first, got); d != "" {
			t.Error(d)
		}
	}
}

func TestLine11Tokens(t *testing.T) {
	m := filled(25)
	query := records + "&set=all&from=2024-01-01&until=2030-01-01"
	token := tokenOf(get(t, serve(t, m, oaipmh.Options{PageSize: 10}), query))
	if token == "" || url.QueryEscape(token) != token || strings.ContainsAny(token, "%+ ") {
		t.Fatalf("token %q", token)
	}
	ask := func(token string, o oaipmh.Options) string {
		t.Helper()
		o.PageSize = 10
		return get(t, serve(t, m, o), "verb=ListRecords&resumptionToken="+url.QueryEscape(token))
	}
	other := []byte("another key that is long enough")
	wantErrors(t, ask(token, oaipmh.Options{Keys: [][]byte{other, testKey}})) // rotated
	wantErrors(t, ask(token, oaipmh.Options{Keys: [][]byte{other}}), "badResumptionToken")
	for i := range token {
		for _, c := range []byte("Aa0_") {
			if c != token[i] {
				wantErrorsUnlinted(t, m, token[:i]+string(c)+token[i+1:])
			}
		}
		if i > 0 {
			wantErrorsUnlinted(t, m, token[:i])
		}
	}
	for _, changed := range []string{token + "A", token + "=", token + "\n", " " + token, "é", strings.Repeat("A", 60_000)} {
		wantErrors(t, ask(changed, oaipmh.Options{}), "badResumptionToken")
	}
}

// wantErrorsUnlinted asks with a bad token; there are too many of them to validate each.
func wantErrorsUnlinted(t *testing.T, m *oaitest.Memory, token string) {
	t.Helper()
	w := httptest.NewRecorder()
	serve(t, m, oaipmh.Options{}).ServeHTTP(w, httptest.NewRequest("GET", "/oai?verb=ListRecords&resumptionToken="+token, nil))
	wantErrors(t, w.Body.String(), "badResumptionToken")
}

func TestLine11TokensHoldTheirList(t *testing.T) {
	h := serve(t, filled(25), oaipmh.Options{PageSize: 3})
	pages := walk(t, h, records+"&set=all:odd&until=2024-05-06")
	for _, s := range stampsOf(strings.Join(pages, "")) {
		if !strings.HasPrefix(s, "2024-05-06") {
			t.Errorf("%s is outside the window", s)
		}
	}
	for _, s := range all(strings.Join(pages, ""), "<setSpec>", "<") {
		if s != "all:odd" {
			t.Errorf("%s is outside the set", s)
		}
	}
	if len(pages) < 2 {
		t.Fatalf("%d pages", len(pages))
	}
}

// failing is a repository whose lists fail with an error.
type failing struct {
	*oaitest.Memory
	err error
}

func (f *failing) List(ctx context.Context, q *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	if f.err == nil {
		return f.Memory.List(ctx, q, offer)
	}
	f.Memory.List(ctx, q, offer) // an error may come after some records
	return nil, f.err
}

func TestLine12TokensOfWhatIsGone(t *testing.T) {
	f := &failing{Memory: filled(25)}
	h := serve(t, f, oaipmh.Options{PageSize: 10})
	token := tokenOf(get(t, h, records))
	for _, f.err = range []error{oaipmh.ErrBadPosition, oaipmh.ErrNoSuchFormat, oaipmh.ErrNoSuchSet, errors.Join(oaipmh.ErrNoSuchFormat, oaipmh.ErrNoSuchSet)} {
		wantErrors(t, get(t, h, "verb=ListRecords&resumptionToken="+token), "badResumptionToken")
	}
	f.err = nil
	wantErrors(t, get(t, h, "verb=ListIdentifiers&resumptionToken="+token), "badResumptionToken")
	wantErrors(t, get(t, h, "verb=ListSets&resumptionToken="+token), "badResumptionToken")
}

type temporary struct{}

func (temporary) Error() string             { return "the database is starting" }
func (temporary) Temporary() bool           { return true }
func (temporary) RetryAfter() time.Duration { return 2500 * time.Millisecond }

func TestLine12FailuresAreNeverAShortList(t *testing.T) {
	f := &failing{Memory: filled(25)}
	h := serve(t, f, oaipmh.Options{PageSize: 10})
	for _, c := range []struct {
		err    error
		status int
		retry  string
	}{
		{oaipmh.ErrBehind, 503, "1"},
		{temporary{}, 503, "3"},
		{context.DeadlineExceeded, 503, "10"},
		{errors.New("disk <on> fire"), 500, ""},
		{oaipmh.ErrBadPosition, 500, ""}, // there was no position
	} {
		f.err = c.err
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/oai?"+records, nil))
		if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%v: %d %v", c.err, w.Code, w.Header())
		}
		wantNot(t, w.Body.String(), "fire", "<record>", "<")
	}
}
