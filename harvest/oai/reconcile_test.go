package oai_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
)

// reconcile goes from the end of a first pass through a reconciliation, of which it gives the requests too.
func reconcile(t *testing.T, s *oai.Source, r *repository, first pass) (pass, []string, error) {
	t.Helper()
	at, ok := s.Reconcile(first.next)
	if !ok {
		t.Fatal("the source can't list what it has")
	}
	r.requests()
	p, err := run(t, s, at)
	return p, r.requests(), err
}

// A reconciliation lists what has changed, all headers of all sets, and what has changed since it began. The next pass
// goes back to the last of these lists.
func TestReconcileStages(t *testing.T) {
	answers := 0
	r, base := newRepository(t, func(q url.Values) string {
		if answers++; q.Has("from") {
			page := reported("noRecordsMatch", "")
			return strings.Replace(page, "10:00:00Z", fmt.Sprintf("10:%02d:00Z", answers), 1)
		}
		return records("", record("1 of "+q.Get("set")), record("2 of "+q.Get("set")))
	})
	s := newSource(t, oai.Config{BaseURL: base, Sets: []string{"a", "b"}})
	first := mustRun(t, s, "")
	p, asked, err := reconcile(t, s, r, first)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc&set=a", "from=2026-05-01T09%3A55%3A00Z&metadataPrefix=oai_dc&set=b",
		"from=2026-05-01T09%3A58%3A00Z&metadataPrefix=oai_dc&set=a", "from=2026-05-01T09%3A58%3A00Z&metadataPrefix=oai_dc&set=b",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	p.want(t, "?1 of a", "?2 of a", "?1 of b", "?2 of b")
	if !p.full || p.incomplete {
		t.Errorf("%+v", p)
	}
	mustRun(t, s, p.next)
	if got := r.requests()[0]; got != "from=2026-05-01T10%3A00%3A00Z&metadataPrefix=oai_dc&set=a" {
		t.Errorf("the next pass asks %q", got)
	}
}

// A repository that never was harvested whole, or that can't list what has changed, is listed in full instead.
func TestReconcileNeedsDates(t *testing.T) {
	_, base := newRepository(t, func(q url.Values) string {
		if q.Has("from") {
			return reported("badArgument", "")
		}
		return records("", record("1"))
	})
	s := newSource(t, oai.Config{BaseURL: base})
	if _, ok := s.Reconcile(""); ok {
		t.Error("nothing was harvested yet")
	}
	first := mustRun(t, s, "")
	at, _ := s.Reconcile(first.next)
	p := mustRun(t, s, at)
	p.want(t, "1")
	if !p.full || p.incomplete {
		t.Errorf("%+v", p)
	}
}

// A repository whose headers can't be listed gives what has changed. Only what may pass is an error, of which three in a
// row are enough.
func TestReconcileWithoutHeaders(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   string
	}{"no such verb": {200, reported("badVerb", "")}, "404": {404, "no"}, "a web page": {200, "<html/>"}, "500": {500, "oops"}} {
		t.Run(name, func(t *testing.T) {
			r, _ := newRepository(t, func(q url.Values) string { return records("", record("1")) })
			headless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
				if hr.FormValue("verb") != "ListIdentifiers" {
					r.ServeHTTP(w, hr)
					return
				}
				w.WriteHeader(answer.status)
				fmt.Fprint(w, answer.body)
			}))
			t.Cleanup(headless.Close)
			s := newSource(t, oai.Config{BaseURL: headless.URL})
			first := mustRun(t, s, "")
			p, _, err := reconcile(t, s, r, first)
			for range 3 {
				if answer.status != 500 || err == nil {
					break
				}
				wantKind(t, err, harvest.HTTP5xx)
				p, err = run(t, s, s.Detour(p.next, err))
			}
			if err != nil || p.full || !p.incomplete {
				t.Errorf("%+v, %v", p, err)
			}
			if len(p.keys) == 0 || slices.ContainsFunc(p.keys, func(k string) bool { return k != "1" }) {
				t.Errorf("items %q", p.keys)
			}
			if mustRun(t, s, p.next).full {
				t.Error("the next pass is a full one")
			}
		})
	}
}
