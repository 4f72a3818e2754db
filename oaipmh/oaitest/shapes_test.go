package oaitest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// shape makes a repository of n records, one an hour, as change leaves them.
func shape(n int, change func(m *oaitest.Memory, i int)) *oaitest.Memory {
	now := time.Date(2024, 1, 1, 0, 30, 0, 0, time.UTC)
	m := &oaitest.Memory{Now: func() time.Time { return now }}
	for i := 1; i <= n; i++ {
		now = now.Add(time.Hour)
		m.Put(oaitest.Item{Identifier: oaitest.SampleIdentifier(i), Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC(fmt.Sprint("Paper ", i))}})
		if change != nil {
			change(m, i)
		}
	}
	m.Now = nil
	return m
}

func deleteIt(m *oaitest.Memory, i int) { m.Delete(oaitest.SampleIdentifier(i)) }

// Good repositories of many shapes have nothing that is found, in whatever legal way they answer.
func TestGoodRepositoriesOfManyShapes(t *testing.T) {
	withSets := func() *oaitest.Memory {
		m := shape(0, nil)
		m.PutSet(oaipmh.Set{Spec: "papers", Name: "Papers"})
		return m
	}
	shapes := map[string]func() *oaitest.Memory{
		"empty":                 func() *oaitest.Memory { return shape(0, nil) },
		"empty, with a set":     withSets,
		"one record":            func() *oaitest.Memory { return shape(1, nil) },
		"one deletion":          func() *oaitest.Memory { return shape(1, deleteIt) },
		"deletions only":        func() *oaitest.Memory { return shape(27, deleteIt) },
		"a page":                func() *oaitest.Memory { return shape(10, nil) },
		"a page and one record": func() *oaitest.Memory { return shape(11, nil) },
		"no sets, no deletions": func() *oaitest.Memory { return shape(25, nil) },
		"sets and deletions":    func() *oaitest.Memory { return oaitest.Sample(45) },
		"one record in sets":    func() *oaitest.Memory { return oaitest.Sample(1) },
		"two records in sets":   func() *oaitest.Memory { return oaitest.Sample(2) },
	}
	ways := []string{"", "prefixed", "days-only", "sets-none", "no-set-spec", "provenance", "byte-order-mark", "no-declaration", "comments", "base-url-slash", "busy"}
	for name, repo := range shapes {
		for _, way := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				inABubble(t, func(t *testing.T) {
					r := checkPlayed(t, repo(), way)
					if got := found(r); len(got) > 0 || r.Stopped != "" || !r.Complete {
						t.Errorf("%q\n%s", got, text(t, r))
					}
				})
			})
		}
	}
}

// checkPlayed checks a repository that plays a fault, or none.
func checkPlayed(t *testing.T, repo oaipmh.Repository, fault string) *oaitest.Report {
	t.Helper()
	h, err := oaitest.NewHostile(repo, sampleURL)
	if err != nil {
		t.Fatal(err)
	}
	if fault != "" {
		if err := h.Play(fault); err != nil {
			t.Fatal(err)
		}
	}
	r, err := oaitest.Check(t.Context(), sampleURL, oaitest.Options{Client: &http.Client{Transport: oaitest.Transport(h)}, Delay: -1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A repository of days in which records change all the time is judged fairly: a record that changes twice on a day has the
// same datestamp again.
func TestAMovingRepositoryOfDaysPasses(t *testing.T) {
	m := oaitest.Sample(60)
	h, err := oaitest.NewHostile(m, sampleURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Play("days-only"); err != nil {
		t.Fatal(err)
	}
	n := 0
	moving := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		n++
		m.Put(oaitest.Item{Identifier: oaitest.SampleIdentifier(1 + n*7%60), Sets: []string{"papers:odd"}, Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC("changed")}})
	})
	r, err := oaitest.Check(t.Context(), sampleURL, oaitest.Options{Client: &http.Client{Transport: oaitest.Transport(moving)}, Delay: -1, MaxPages: 500})
	if err != nil {
		t.Fatal(err)
	}
	if got := found(r); len(got) > 0 || r.Stopped != "" {
		t.Errorf("%q\n%s", got, text(t, r))
	}
}

// Every check has a clause, or says who advises it.
func TestEveryCheckHasASource(t *testing.T) {
	r := checkPlayed(t, oaitest.Sample(3), "")
	for _, x := range r.Results {
		numbered := len(x.Clause) > 0 && x.Clause[0] >= '2' && x.Clause[0] <= '4'
		if x.Clause == "" || !x.Advice && !numbered && x.Check != "oai-dc-elements" && x.Check != "provenance" {
			t.Errorf("%s is a demand of %q", x.Check, x.Clause)
		}
	}
}
