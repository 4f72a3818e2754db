package oaipmh_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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

func (heads) Head(context.Context) (time.Time, error) { return hour(1), nil }

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

func TestLine13ErrorsAre200AndTheTrailingSlashIsAnswered(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	for _, path := range []string{"/oai", "/oai/"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path+"?verb=Nonsense", nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		wantErrors(t, w.Body.String(), "badVerb")
	}
}

func TestLine14BadArguments(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	for query, codes := range map[string][]string{
		"":                                      {"badVerb"},
		"verb=":                                 {"badVerb"},
		"verb=listrecords":                      {"badVerb"},
		"verb=Identify&verb=Identify":           {"badVerb"},
		"verb=Identify&verb=ListSets":           {"badVerb"},
		"verb=No&colour=red&from=":              {"badArgument", "badArgument", "badVerb"},
		"verb=Identify&colour=red":              {"badArgument"},
		"verb=Identify&set=all":                 {"badArgument"},
		"verb=Identify&":                        nil,
		"&verb=Identify":                        nil,
		"verb=ListRecords":                      {"badArgument"},
		"verb=ListRecords&metadataPrefix=":      {"badArgument", "badArgument"},
		"verb=GetRecord":                        {"badArgument", "badArgument"},
		"verb=GetRecord&metadataPrefix=oai_dc":  {"badArgument"},
		"verb=GetRecord&identifier=" + id(1):    {"badArgument"},
		"verb=ListMetadataFormats&identifier=":  {"badArgument"},
		"verb=ListSets&resumptionToken=":        {"badArgument"},
		records + "&metadataPrefix=oai_dc":      {"badArgument"},
		records + "&set=all&set=all":            {"badArgument"},
		records + "&set=":                       {"badArgument"},
		records + "&set=a%20b":                  {"badArgument"},
		records + "&identifier=" + id(1):        {"badArgument"},
		records + "&from=%ff":                   {"badArgument"},
		records + "&from=%00":                   {"badArgument"},
		records + "&from=%zz":                   {"badArgument"},
		records + "&%zz=1":                      {"badArgument"},
		records + "&%00=1":                      {"badArgument"},
		records + "&from=1&until=2&colour=red":  {"badArgument", "badArgument", "badArgument"},
		"verb=ListRecords&metadataPrefix=a%2Fb": {"badArgument"},
		"verb=Identify&identifier=%EF%BF%BE":    {"badArgument"},
		"verb=ListRecords&metadataPrefix=oai_dc" + strings.Repeat("&x=1", 40): append(slices.Repeat([]string{"badArgument"}, 30), "badArgument"),
	} {
		body := get(t, h, query)
		wantErrors(t, body, codes...)
		if codes != nil {
			wantIn(t, body, "<request>"+base+"</request>")
		}
	}
}

func TestLine14PostIsLikeGet(t *testing.T) {
	h := serve(t, filled(3), oaipmh.Options{})
	post := func(query, form, contentType string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/oai?"+query, strings.NewReader(form))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const form = "application/x-www-form-urlencoded"
	want := get(t, serve(t, filled(3), oaipmh.Options{}), records)
	for _, w := range []*httptest.ResponseRecorder{
		post("", records, form), post("", records, form+"; charset=UTF-8"), post("", records, ""), post(records, "", form), post("", records+"\r\n", form),
	} {
		body := w.Body.String()
		if d := cmp.Diff(between(want, "<request", ""), between(body, "<request", "")); d != "" {
			t.Error(d)
		}
	}
	wantErrors(t, post(records, records, form).Body.String(), "badVerb", "badArgument")
	for want, w := range map[int]*httptest.ResponseRecorder{
		http.StatusUnsupportedMediaType:  post("", "{}", "application/json"),
		http.StatusRequestEntityTooLarge: post("", strings.Repeat("x", 65<<10), form),
		http.StatusRequestURITooLong:     post(strings.Repeat("x", 65<<10), "", form),
	} {
		if w.Code != want || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%d, not %d", w.Code, want)
		}
	}
}

func TestLine15RequestAttributes(t *testing.T) {
	needSchemas(t)
	h := serve(t, filled(3), oaipmh.Options{})
	wantIn(t, get(t, h, records+"&set=all&from=2024-01-01&until=2030-01-01"),
		`<request verb="ListRecords" metadataPrefix="oai_dc" from="2024-01-01" until="2030-01-01" set="all">`+base+`</request>`)
	wantIn(t, get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:%3C%22%26"), `identifier="oai:x:&lt;&#34;&amp;"`, "idDoesNotExist")
	wantIn(t, get(t, h, "verb=ListRecords&resumptionToken=%3C%3E"), `resumptionToken="&lt;&gt;"`, "badResumptionToken")
	for _, odd := range []string{"%0a", "a%25zz", "%23%23", "%20x", "http://[x", "::", "%3Cscript%3E"} {
		body := get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier="+odd)
		wantErrors(t, body, "idDoesNotExist")
		wantNot(t, body, "<script")
	}
}

func TestLine16TheTokenIsExclusive(t *testing.T) {
	h := serve(t, filled(25), oaipmh.Options{PageSize: 10})
	token := tokenOf(get(t, h, records))
	wantErrors(t, get(t, h, records+"&resumptionToken="+token), "badArgument")
	wantErrors(t, get(t, h, records+"&resumptionToken=x"), "badArgument", "badResumptionToken")
	wantErrors(t, get(t, h, "verb=GetRecord&resumptionToken="+token), "badArgument", "badArgument", "badArgument")
}

func TestLine17Formats(t *testing.T) {
	m := filled(3)
	m.Available = []oaipmh.Format{oaitest.OAIDC, {Prefix: "mods", Schema: "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd", Namespace: "http://www.loc.gov/mods/v3"}}
	m.Put(oaitest.Item{Identifier: id(7)})
	h := serve(t, m, oaipmh.Options{})
	for query, code := range map[string]string{
		"verb=ListRecords&metadataPrefix=marc":                     "cannotDisseminateFormat",
		"verb=ListRecords&metadataPrefix=mods":                     "noRecordsMatch",
		"verb=GetRecord&metadataPrefix=mods&identifier=" + id(1):   "cannotDisseminateFormat",
		"verb=GetRecord&metadataPrefix=marc&identifier=" + id(1):   "cannotDisseminateFormat",
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(8): "idDoesNotExist",
		"verb=ListMetadataFormats&identifier=" + id(8):             "idDoesNotExist",
		"verb=ListMetadataFormats&identifier=" + id(7):             "noMetadataFormats",
	} {
		wantErrors(t, get(t, h, query), code)
	}
	wantNot(t, get(t, h, "verb=ListMetadataFormats&identifier="+id(1)), "mods")
	wantIn(t, get(t, h, "verb=ListMetadataFormats"), "mods", "oai_dc")
}

func TestLine17SeveralErrorsOfTheRepository(t *testing.T) {
	h := serve(t, &failing{filled(3), errors.Join(oaipmh.ErrNoSuchFormat, oaipmh.ErrNoSuchSet)}, oaipmh.Options{})
	wantErrors(t, get(t, h, records+"&set=x"), "cannotDisseminateFormat", "noRecordsMatch")
}

func TestLine18IdentifiersDependOnThePrefix(t *testing.T) {
	m := filled(3)
	m.Available = []oaipmh.Format{oaitest.OAIDC, {Prefix: "other", Schema: "http://example.org/s", Namespace: "http://example.org/n"}}
	m.Put(oaitest.Item{Identifier: id(7), Metadata: map[string][]byte{"other": []byte("<x xmlns='http://example.org/n'/>")}})
	h := serve(t, m, oaipmh.Options{})
	got := all(get(t, h, "verb=ListIdentifiers&metadataPrefix=other"), "<identifier>", "<")
	if d := cmp.Diff([]string{id(7)}, got); d != "" {
		t.Error(d)
	}
	wantNot(t, get(t, h, "verb=ListIdentifiers&metadataPrefix=oai_dc"), id(7))
}

func TestLine19DeletedRecordsAreHeadersOnly(t *testing.T) {
	deleted := oaipmh.Record{Identifier: id(1), Datestamp: start, Sets: []string{"a", "b"}, Deleted: true, Metadata: dc("x"), About: [][]byte{dc("y")}}
	h := serve(t, one{deleted}, oaipmh.Options{})
	for _, query := range []string{records, "verb=ListIdentifiers&metadataPrefix=oai_dc", "verb=GetRecord&metadataPrefix=oai_dc&identifier=" + id(1)} {
		body := get(t, h, query)
		wantIn(t, body, `<header status="deleted">`, "<setSpec>a</setSpec><setSpec>b</setSpec>")
		wantNot(t, body, "<metadata", "<about")
	}
	m := filled(20)
	h = serve(t, m, oaipmh.Options{})
	wantIn(t, get(t, h, "verb=Identify"), "<deletedRecord>persistent</deletedRecord>")
	wantIn(t, get(t, h, records+"&set=all:odd"), `<header status="deleted"><identifier>`+id(9))
	// A record that left its format.
	m.Put(oaitest.Item{Identifier: id(2)})
	wantIn(t, get(t, h, "verb=GetRecord&metadataPrefix=oai_dc&identifier="+id(2)), `status="deleted"`)
}

func TestLine19LeavingASetIsDeletedThereOnly(t *testing.T) {
	m := filled(4)
	m.Put(oaitest.Item{Identifier: id(1), Sets: []string{"new"}, Metadata: map[string][]byte{"oai_dc": dc("x")}})
	h := serve(t, m, oaipmh.Options{})
	wantIn(t, get(t, h, records+"&set=all:odd"), `<header status="deleted"><identifier>`+id(1))
	wantNot(t, get(t, h, records+"&set=new"), "deleted")
	wantNot(t, get(t, h, records), "deleted")
}

// one is a repository of one record.
type one struct{ rec oaipmh.Record }

func (o one) Head(context.Context) (time.Time, error) { return start, nil }
func (o one) Identify(context.Context) (*oaipmh.Identity, error) {
	return &oaipmh.Identity{Head: start, Name: "one", AdminEmails: []string{"a@example.org"}, EarliestDatestamp: start}, nil
}
func (o one) Formats(context.Context, string) (*oaipmh.Formats, error) {
	return &oaipmh.Formats{Head: start, Formats: []oaipmh.Format{oaitest.OAIDC}}, nil
}
func (o one) Sets(context.Context, string, func(*oaipmh.Set) bool) (time.Time, error) {
	return start, nil
}
func (o one) Get(context.Context, string, string) (*oaipmh.Record, time.Time, error) {
	return &o.rec, start, nil
}
func (o one) List(_ context.Context, _ *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	offer(&o.rec)
	return &oaipmh.Listing{Head: start}, nil
}

func TestLine20Sets(t *testing.T) {
	m := filled(4)
	for _, s := range []string{"x:y:z", "b", "a"} {
		m.PutSet(oaipmh.Set{Spec: s, Name: "Set " + s})
	}
	h := serve(t, m, oaipmh.Options{PageSize: 3})
	var specs []string
	for _, p := range walk(t, h, "verb=ListSets") {
		specs = append(specs, all(p, "<setSpec>", "<")...)
	}
	if d := cmp.Diff([]string{"a", "all", "all:even", "all:odd", "b", "x", "x:y", "x:y:z"}, specs); d != "" {
		t.Error(d)
	}
	if got := walk(t, h, records+"&set=all"); len(got) != 2 {
		t.Errorf("set=all has %d pages", len(got))
	}
	wantErrors(t, get(t, h, records+"&set=unknown"), "noRecordsMatch")
	wantErrors(t, get(t, h, records+"&set=al"), "noRecordsMatch")
	wantErrors(t, get(t, serve(t, one{}, oaipmh.Options{}), "verb=ListSets"), "noSetHierarchy")
}

func TestLine21EmptyContainersAreLeftOut(t *testing.T) {
	needSchemas(t)
	m := filled(1)
	m.PutSet(oaipmh.Set{Spec: "a", Name: "A", Descriptions: [][]byte{nil, []byte(" ")}})
	m.Identity.Descriptions = [][]byte{nil}
	h := serve(t, m, oaipmh.Options{})
	wantNot(t, get(t, h, "verb=ListSets"), "setDescription")
	wantNot(t, get(t, h, "verb=Identify"), "<description")
}

func TestLine22ForbiddenCodePointsNeverReachTheWire(t *testing.T) {
	needSchemas(t)
	for name, c := range map[string]struct{ in, want string }{
		"control character":  {"a\x03b", "a\uFFFDb"},
		"at a word's end":    {"aaaaaaa\x1f", "aaaaaaa\uFFFD"},
		"U+FFFE":             {"a\uFFFEb", "a\uFFFDb"},
		"surrogate":          {"a\xED\xA0\x80b", "a\uFFFD\uFFFD\uFFFDb"},
		"not UTF-8":          {"a\xFFb", "a\uFFFDb"},
		"reference":          {"a&#x3;b", "a\uFFFDb"},
		"decimal reference":  {"a&#65535;b", "a\uFFFDb"},
		"huge reference":     {"a&#x110000;b", "a\uFFFDb"},
		"good things":        {"a&#xe9;&#10;é東\tb\uFFFD\uFFFC", "a&#xe9;&#10;é東\tb\uFFFD\uFFFC"},
		"nested declaration": {`a<?xml version="1.0"?>b`, "ab"},
	} {
		rec := oaipmh.Record{Identifier: "oai:a\x03:1", Datestamp: start, Metadata: dc(c.in)}
		var seen oaipmh.Observation
		h := serve(t, one{rec}, oaipmh.Options{Observe: func(_ *http.Request, o oaipmh.Observation) { seen = o }})
		wantIn(t, get(t, h, records), ">"+c.want+"<", "oai:a\uFFFD:1")
		if (seen.Repaired == 0) != (name == "good things") {
			t.Errorf("%s: %d repaired", name, seen.Repaired)
		}
	}
	for _, lead := range []string{"\uFEFF", "\n ", `<?xml version="1.0" encoding="UTF-8"?>` + "\n", "\uFEFF<?xml version='1.0'?>"} {
		h := serve(t, one{oaipmh.Record{Identifier: id(1), Datestamp: start, Metadata: append([]byte(lead), dc("x")...)}}, oaipmh.Options{})
		if body := get(t, h, records); strings.Count(body, "<?xml") != 1 || strings.Contains(body, "\uFEFF") {
			t.Errorf("%q: %s", lead, body)
		}
	}
}

func TestLine24BaseURLExactly(t *testing.T) {
	h, err := oaipmh.NewHandler(filled(1), oaipmh.Options{BaseURL: "https://a.example.org:8443/Some%20Where/", Keys: [][]byte{testKey}})
	if err != nil {
		t.Fatal(err)
	}
	wantIn(t, get(t, h, "verb=Identify"), `<request verb="Identify">https://a.example.org:8443/Some%20Where/</request>`,
		"<baseURL>https://a.example.org:8443/Some%20Where/</baseURL>")
}
