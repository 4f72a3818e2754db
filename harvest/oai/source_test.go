package oai_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
)

func wantRequests(t *testing.T, r *repository, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.requests()); diff != "" {
		t.Error("requests:", diff)
	}
}

func TestFullThenIncremental(t *testing.T) {
	r, base := newRepository(t, func(q url.Values) string {
		switch {
		case q.Get("resumptionToken") == "a b+/|":
			return strings.Replace(records("", record("oai:x.org:2"), deleted("oai:x.org:3")), "10:00:00Z", "11:00:00Z", 1)
		case q.Has("from"):
			return reported("noRecordsMatch", "")
		}
		return records(" a b+/|\n", record("oai:x.org:1"))
	})
	s := newSource(t, oai.Config{BaseURL: base})
	p := mustRun(t, s, "")
	p.want(t, "oai:x.org:1", "oai:x.org:2", "-oai:x.org:3")
	if !p.full || p.incomplete || p.pages != 3 || len(p.warnings) > 0 { // two of records, one of headers
		t.Errorf("%+v", p)
	}
	first := p.items[0]
	want := harvest.Item{Key: "oai:x.org:1", Identifier: "oai:x.org:1", Datestamp: "2026-04-30T00:00:00Z", Sets: []string{"s"},
		Format: harvest.Format{Prefix: "oai_dc", Namespace: "u"}, Original: []byte(`<dc xmlns="u"><title>oai:x.org:1</title></dc>`)}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	wantRequests(t, r, "metadataPrefix=oai_dc", "resumptionToken=a+b%2B%2F%7C")

	// The next pass goes back to the first answer of this one, less five minutes, and has no end.
	p = mustRun(t, s, p.next)
	wantRequests(t, r, "from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc")
	if p.full || p.incomplete || len(p.items) > 0 {
		t.Errorf("%+v", p)
	}
	mustRun(t, s, p.next)
	wantRequests(t, r, "from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc")
}

// The same cursor gives the same page, by another source with the same configuration too.
func TestPageKeepsNothing(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		if q.Has("resumptionToken") {
			return records("", record("2"))
		}
		return sized(2, records("t", record("1")))
	})
	one, other := newSource(t, oai.Config{BaseURL: base}), newSource(t, oai.Config{BaseURL: base})
	first, err := one.Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*oai.Source{one, other, one} {
		page, err := s.Page(t.Context(), first.Next)
		if err != nil || len(page.Items) != 1 || page.Items[0].Key != "2" || !page.Done {
			t.Errorf("%+v, %v", page, err)
		}
	}
}

func TestSetsOneAfterAnother(t *testing.T) {
	r, base := newRepository(t, func(q url.Values) string {
		if q.Get("set") == "b" && q.Has("from") {
			return reported("noRecordsMatch", "")
		}
		return records("", strings.Replace(record("in "+q.Get("set")), "<setSpec>s</setSpec>", "", 1))
	})
	s := newSource(t, oai.Config{BaseURL: base, Sets: []string{"a", "b", "c:d"}})
	p := mustRun(t, s, "")
	p.want(t, "in a", "in b", "in c:d")
	for i, set := range []string{"a", "b", "c:d"} {
		if sets := p.items[i].Sets; len(sets) != 1 || sets[0] != set {
			t.Errorf("what was asked for in %s, and names no set, is in %q", set, sets)
		}
	}
	if !p.full || p.incomplete {
		t.Errorf("%+v", p)
	}
	wantRequests(t, r, "metadataPrefix=oai_dc&set=a", "metadataPrefix=oai_dc&set=b", "metadataPrefix=oai_dc&set=c%3Ad")
	p = mustRun(t, s, p.next)
	p.want(t, "in a", "in c:d")
	if p.full || p.incomplete {
		t.Errorf("%+v", p)
	}
	// Other sets are another pass, in full.
	s = newSource(t, oai.Config{BaseURL: base, Sets: []string{"a"}})
	if p = mustRun(t, s, p.next); !p.full || len(p.items) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestFormats(t *testing.T) {
	for name, c := range map[string]struct {
		want, offered []string
		prefix        string
	}{
		"first offered":      {[]string{"mods", "qdc", "oai_dc"}, []string{"oai_dc", "qdc"}, "qdc"},
		"other case":         {[]string{"mods"}, []string{"oai_dc", "MODS"}, "MODS"},
		"by namespace":       {[]string{"http://www.loc.gov/mods/v3"}, []string{"x http://www.loc.gov/mods/v3"}, "x"},
		"other prefix":       {[]string{"marc21"}, []string{"oai_dc", "marc http://www.loc.gov/MARC21/slim"}, "marc"},
		"default":            {nil, []string{"qdc", "oai_dc"}, "oai_dc"},
		"said to have none":  {[]string{"qdc"}, nil, "qdc"},
		"none of the wanted": {[]string{"mods"}, []string{"oai_dc"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, base := newRepository(t, func(q url.Values) string { return records("", record("1")) })
			r.formats = c.offered
			p, err := run(t, newSource(t, oai.Config{BaseURL: base, Formats: c.want}), "")
			if c.prefix == "" {
				if e := wantKind(t, err, harvest.Config); !strings.Contains(e.Detail, "oai_dc") || e.Resumable() {
					t.Error(e)
				}
				return
			}
			if err != nil || p.items[0].Format.Prefix != c.prefix {
				t.Errorf("%+v %v", p, err)
			}
			wantRequests(t, r, "metadataPrefix="+c.prefix)
		})
	}
}

func TestKeysGoWithoutTheDomain(t *testing.T) {
	r, base := newRepository(t, func(q url.Values) string {
		return records("", record("oai:x.org:a/1"), record("oai:y.org:2"), record("http://x.org/3"), record("oai:x.org:"))
	})
	r.identify = `<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier"><repositoryIdentifier>x.org</repositoryIdentifier></oai-identifier></description>`
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	p.want(t, "a/1", "oai:y.org:2", "http://x.org/3", "oai:x.org:")
	if p.items[0].Identifier != "oai:x.org:a/1" {
		t.Errorf("%+v", p.items[0])
	}
	// What was found once stays, when the description goes away and the formats change.
	r.identify = ""
	p = mustRun(t, newSource(t, oai.Config{BaseURL: base, Formats: []string{"oai_dc", "x"}}), p.next)
	p.want(t, "a/1", "oai:y.org:2", "http://x.org/3", "oai:x.org:")
	p = mustRun(t, newSource(t, oai.Config{BaseURL: base, Domain: "y.org"}), "")
	p.want(t, "oai:x.org:a/1", "2", "http://x.org/3", "oai:x.org:")
	p = mustRun(t, newSource(t, oai.Config{BaseURL: base, Domain: "-"}), "")
	p.want(t, "oai:x.org:a/1", "oai:y.org:2", "http://x.org/3", "oai:x.org:")
}

// Two records whose keys are the same are both given: which is meant, the flow has to say.
func TestKeysThatCollide(t *testing.T) {
	r, base := newRepository(t, func(q url.Values) string {
		return records("", record("oai:x.org:1"), record("1"), record("oai:x.org:1"))
	})
	r.identify = `<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier"><repositoryIdentifier>x.org</repositoryIdentifier></oai-identifier></description>`
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	p.want(t, "1", "1")
	if a, b := p.items[0].Identifier, p.items[1].Identifier; a != "oai:x.org:1" || b != "1" {
		t.Errorf("%q and %q", a, b)
	}
}

func TestBaseURLs(t *testing.T) {
	var got *http.Request
	r, _ := newRepository(t, func(q url.Values) string { return records("", record("1")) })
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		hr.ParseForm()
		got = hr
		r.ServeHTTP(w, hr)
	}))
	t.Cleanup(s.Close)
	for in, path := range map[string]string{
		"/oai": "/oai", "/oai/": "/oai/", "": "", "/oai?key=k&x=1": "/oai", "/oai?verb=Identify": "/oai", "/oai?verb=ListRecords&metadataPrefix=y#z": "/oai",
	} {
		for _, post := range []bool{false, true} {
			mustRun(t, newSource(t, oai.Config{BaseURL: " " + s.URL + in, POST: post}), "")
			if got.URL.Path != path && path != "" || got.Form.Get("metadataPrefix") != "oai_dc" || len(got.Form["metadataPrefix"]) != 1 {
				t.Errorf("%s: %v %v", in, got.URL, got.Form)
			}
			if strings.Contains(in, "key") && got.URL.Query().Get("key") != "k" {
				t.Errorf("%s: the key is lost: %v", in, got.URL)
			}
			if post != (got.Method == "POST") || post && got.URL.Query().Has("verb") {
				t.Errorf("%s, POST %v: %s %v", in, post, got.Method, got.URL)
			}
		}
	}
	for _, bad := range []oai.Config{{}, {BaseURL: "example.org/oai"}, {BaseURL: "file:///x"}, {BaseURL: s.URL, Granularity: "hour"}, {BaseURL: s.URL, Overlap: -1}} {
		if _, err := oai.New(bad, nil); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

func TestGranularity(t *testing.T) {
	refuses := func(long bool) func(q url.Values) string {
		return func(q url.Values) string {
			if from := q.Get("from"); from != "" && (long || len(from) > 10) {
				return reported("badArgument", "from")
			}
			return records("", record("1"))
		}
	}
	accepts := func(q url.Values) string { return records("", record("1")) }
	for name, c := range map[string]struct {
		cfg  oai.Config
		gran string
		list func(q url.Values) string
		want []string // of the incremental pass and the one behind it
		full bool
	}{
		"days":             {oai.Config{}, "YYYY-MM-DD", accepts, []string{"2026-04-30", "2026-04-30"}, false},
		"odd case":         {oai.Config{}, "yyyy-mm-ddTHH:MM:SSz", accepts, []string{"2026-05-01T09:55:00Z", "2026-05-01T09:55:00Z"}, false},
		"missing":          {oai.Config{}, "", accepts, []string{"2026-05-01T09:55:00Z", "2026-05-01T09:55:00Z"}, false},
		"says seconds":     {oai.Config{}, "YYYY-MM-DDThh:mm:ssZ", refuses(false), []string{"2026-05-01T09:55:00Z", "2026-04-30", "2026-04-30"}, false},
		"no dates at all":  {oai.Config{}, "YYYY-MM-DDThh:mm:ssZ", refuses(true), []string{"2026-05-01T09:55:00Z", "2026-04-30", "", "2026-04-30", ""}, true},
		"configured day":   {oai.Config{Granularity: "day"}, "YYYY-MM-DDThh:mm:ssZ", accepts, []string{"2026-04-30", "2026-04-30"}, false},
		"configured":       {oai.Config{Granularity: "second"}, "YYYY-MM-DD", accepts, []string{"2026-05-01T09:55:00Z", "2026-05-01T09:55:00Z"}, false},
		"auto, overlap":    {oai.Config{Granularity: "auto", Overlap: 2 * time.Hour}, "YYYY-MM-DDThh:mm:ssZ", accepts, []string{"2026-05-01T08:00:00Z", "2026-05-01T08:00:00Z"}, false},
		"days and overlap": {oai.Config{Overlap: time.Hour}, "YYYY-MM-DD", accepts, []string{"2026-05-01", "2026-05-01"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, base := newRepository(t, c.list)
			r.gran = c.gran
			c.cfg.BaseURL = base
			s := newSource(t, c.cfg)
			p := mustRun(t, s, "")
			r.requests()
			p = mustRun(t, s, p.next)
			if p.full != c.full {
				t.Errorf("full is %v", p.full)
			}
			mustRun(t, s, p.next)
			var got []string
			for _, q := range r.requests() {
				v, _ := url.ParseQuery(q)
				got = append(got, v.Get("from"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("from %q, want %q", got, c.want)
			}
		})
	}
}

func TestResponseDates(t *testing.T) {
	for name, c := range map[string]struct{ date, from, warned string }{
		"missing":   {"", "2026-05-01T23:55:00Z", "no responseDate"},
		"nonsense":  {"<responseDate>yesterday</responseDate>", "2026-05-01T23:55:00Z", "no responseDate"},
		"ahead":     {"<responseDate>2026-05-02T02:00:00Z</responseDate>", "2026-05-01T23:55:00Z", ""},
		"fractions": {"<responseDate>2026-05-01T10:00:00.999Z</responseDate>", "2026-05-01T09:55:00Z", ""},
		"line ends": {"<responseDate>\n2026-05-01T10:00:00Z\n</responseDate>", "2026-05-01T09:55:00Z", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, base := newRepository(t, func(q url.Values) string {
				return strings.Replace(records("", record("1")), "<responseDate>2026-05-01T10:00:00Z</responseDate>", c.date, 1)
			})
			s := newSource(t, oai.Config{BaseURL: base})
			p := mustRun(t, s, "")
			p.warned(t, c.warned)
			r.requests()
			mustRun(t, s, p.next)
			wantRequests(t, r, "from="+url.QueryEscape(c.from)+"&metadataPrefix=oai_dc")
		})
	}
}

func TestCursorOfAnotherKind(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string { return records("", record("1")) })
	_, err := newSource(t, oai.Config{BaseURL: base}).Page(t.Context(), "no JSON")
	wantKind(t, err, harvest.Config)
}

// Cursors stay within 64 KiB, however many sets there are and however odd the tokens.
func TestCursorIsBounded(t *testing.T) {
	n := 0
	_, base := newRepository(t, func(q url.Values) string {
		n++
		return records(strings.Repeat("&lt;", 8000)+fmt.Sprint(n), record(fmt.Sprint(n)))
	})
	var sets []string
	for i := range 3000 {
		sets = append(sets, fmt.Sprintf("a-set-with-a-rather-long-name-%d", i))
	}
	s := newSource(t, oai.Config{BaseURL: base, Sets: sets, POST: true})
	var at harvest.Cursor
	for range 40 {
		page, err := s.Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if at = page.Next; len(at) > 64<<10 {
			t.Fatalf("a cursor of %d bytes", len(at))
		}
	}
}

func TestProvenanceIsPassedOn(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		rec := strings.Replace(record("1"), "</record>", `<about><rights xmlns="r"/></about><about><p:provenance xmlns:p="http://www.openarchives.org/OAI/2.0/provenance"><p:x/></p:provenance></about></record>`, 1)
		return records("", rec)
	})
	p := mustRun(t, newSource(t, oai.Config{BaseURL: base}), "")
	if got := string(p.items[0].Provenance); got != `<p:provenance xmlns:p="http://www.openarchives.org/OAI/2.0/provenance"><p:x/></p:provenance>` {
		t.Error(got)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(`{"token":"x","format":{"Prefix":"oai_dc"}}`)
	f.Add(`{"format":{"Prefix":"oai_dc"},"wanted":"4d7dd9bd9ed3a3a6","set":1,"since":"2026-01-01","token":"x"}`)
	f.Add(`{"format":{"Prefix":"oai_dc"},"set":-1,"restarts":-5,"seen":-1,"tokens":["a"]}`)
	f.Add("")
	f.Add(base64.StdEncoding.EncodeToString([]byte("x")))
	src, err := oai.New(oai.Config{BaseURL: "http://example.invalid/"}, harvest.NewFetcher(harvest.Options{
		Attempts: 1, Transport: unreachable{}, Clock: &restless{}, Hosts: harvest.NewHosts(harvest.HostLimits{Rate: -1})}))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		_, err := src.Page(t.Context(), harvest.Cursor(cursor))
		if k := harvest.KindOf(err); k != harvest.Config && k != harvest.Unreachable {
			t.Errorf("%v", err)
		}
	})
}

type unreachable struct{}

func (unreachable) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }

// A full harvest that a person asks for keeps the domain that the items' keys were made with: a
// repository that declares another one by now would have every record come again under a new identifier.
func TestRestartKeepsTheDomain(t *testing.T) {
	for at, want := range map[harvest.Cursor]harvest.Cursor{
		"":                                    "",
		"not a cursor":                        "",
		`{"domain":"-","since":"2026-01-01"}`: `{"domain":"-"}`,
		`{"domain":"a.example","granularity":"day","token":"x","seen":7}`: `{"domain":"a.example"}`,
	} {
		if got := (&oai.Source{}).Restart(at); got != want {
			t.Errorf("Restart(%s) = %s, want %s", at, got, want)
		}
	}
}
