package oai_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest/oai"
)

func TestProbe(t *testing.T) {
	for name, c := range map[string]struct {
		sets  func(token string) string
		most  int
		specs int
		more  bool
		fails bool
	}{
		"none wanted":  {nil, 0, 0, false, false},
		"no hierarchy": {func(string) string { return reported("noSetHierarchy", "") }, 10, 0, false, false},
		"broken":       {func(string) string { return "<html>" }, 10, 0, false, true},
		"two pages":    {setPages(2), 100, 4, false, false},
		"bounded":      {setPages(1000), 5, 5, true, false},
		"just enough":  {setPages(2), 4, 4, false, false},
		"in a circle":  {func(string) string { return setPage("t") }, 100, 4, true, false},
		"empty, onward": {func(string) string {
			return head + "<ListSets><resumptionToken>t</resumptionToken></ListSets></OAI-PMH>"
		}, 100, 0, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newRepository(t, nil)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
				if hr.FormValue("verb") == "ListSets" {
					fmt.Fprint(w, c.sets(hr.FormValue("resumptionToken")))
					return
				}
				r.ServeHTTP(w, hr)
			}))
			t.Cleanup(s.Close)
			repo, err := newSource(t, oai.Config{BaseURL: s.URL}).Probe(t.Context(), c.most)
			if err != nil {
				t.Fatal(err)
			}
			if repo.Identify.Name != "R" || len(repo.Formats) != 1 || len(repo.Sets) != c.specs || repo.MoreSets != c.more || (repo.SetsError != nil) != c.fails {
				t.Errorf("%+v", repo)
			}
		})
	}
}

func TestProbeSaysWhatToKnow(t *testing.T) {
	r, base := newRepository(t, nil)
	r.identify = "<protocolVersion>2.0</protocolVersion><adminEmail>a@example.org</adminEmail><earliestDatestamp>2001-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
	repo, err := newSource(t, oai.Config{BaseURL: base}).Probe(t.Context(), 0)
	if err != nil || len(repo.Warnings) > 0 {
		t.Errorf("a good one: %q %v", repo.Warnings, err)
	}
	r.identify = "<deletedRecord>transient</deletedRecord><earliestDatestamp>aaaa-bb-cc</earliestDatestamp>"
	repo, err = newSource(t, oai.Config{BaseURL: base}).Probe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, about := range []string{"version 2.0", "forgets deletions", "earliestDatestamp", "nobody"} {
		if !strings.Contains(strings.Join(repo.Warnings, " "), about) {
			t.Errorf("nothing about %s in %q", about, repo.Warnings)
		}
	}
}

func setPage(token string) string {
	return head + "<ListSets><set><setSpec>a</setSpec><setName>A</setName></set><set><setSpec>b</setSpec></set><resumptionToken>" + token + "</resumptionToken></ListSets></OAI-PMH>"
}

func setPages(n int) func(string) string {
	return func(token string) string {
		var at int
		fmt.Sscan(token, &at)
		if at+1 >= n {
			return setPage("")
		}
		return setPage(fmt.Sprint(at + 1))
	}
}
