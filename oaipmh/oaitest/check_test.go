package oaitest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// text writes a report for a test's log.
func text(t *testing.T, r *oaitest.Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAGoodRepositoryPasses(t *testing.T) {
	r, err := oaitest.CheckRepository(t.Context(), oaitest.Sample(120), oaipmh.Options{}, oaitest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	demands, advice := r.Failures()
	if len(demands)+len(advice) > 0 || r.Stopped != "" || !r.Complete || r.Records != 120 {
		t.Errorf("%s", text(t, r))
	}
	for _, x := range r.Results {
		if x.Outcome == oaitest.Skipped && !slices.Contains([]string{"list-size", "list-short", "retry-after", "provenance"}, x.Check) {
			t.Errorf("%s was skipped", x.Check)
		}
	}
}

func TestAnEmptyRepositoryPasses(t *testing.T) {
	r, err := oaitest.CheckRepository(t.Context(), new(oaitest.Memory), oaipmh.Options{}, oaitest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if demands, _ := r.Failures(); len(demands) > 0 || r.Stopped != "" {
		t.Errorf("%s", text(t, r))
	}
}

// A repository that changes all the time is judged fairly.
func TestAMovingRepositoryPasses(t *testing.T) {
	m := oaitest.Sample(60)
	h, err := oaipmh.NewHandler(m, oaipmh.Options{BaseURL: "http://sample.example.org/oai", PageSize: 10, Keys: [][]byte{make([]byte, 16)}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	moving := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		n++
		m.Put(oaitest.Item{
			Identifier: oaitest.SampleIdentifier(1 + n*7%80),
			Sets:       []string{"papers:odd"},
			Metadata:   map[string][]byte{"oai_dc": oaitest.SampleDC("changed")},
		})
		if n%5 == 0 {
			m.Delete(oaitest.SampleIdentifier(1 + n*3%80))
		}
	})
	r, err := oaitest.Check(t.Context(), "http://sample.example.org/oai", oaitest.Options{Client: &http.Client{Transport: oaitest.Transport(moving)}, Delay: -1, MaxPages: 500})
	if err != nil {
		t.Fatal(err)
	}
	if demands, advice := r.Failures(); len(demands)+len(advice) > 0 || r.Stopped != "" {
		t.Errorf("%s", text(t, r))
	}
}

const sampleURL = "http://sample.example.org/oai"

// inABubble runs a test where time passes at once, on a day after those of the samples.
func inABubble(t *testing.T, f func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)))
		f(t)
	})
}

// checkHostile checks a server that plays faults, over connections in memory.
func checkHostile(t *testing.T, faults []string, o oaitest.Options) (r *oaitest.Report, took time.Duration) {
	t.Helper()
	h, err := oaitest.NewHostile(oaitest.Sample(35), sampleURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Play(faults...); err != nil {
		t.Fatal(err)
	}
	transport, stop := oaitest.Pipe(h)
	defer stop()
	o.Client = &http.Client{Transport: transport, Timeout: time.Minute}
	begin := time.Now()
	r, err = oaitest.Check(t.Context(), sampleURL, o)
	if err != nil {
		t.Fatal(err)
	}
	return r, time.Since(begin)
}

// found gives the names of the checks that found something of their own.
func found(r *oaitest.Report) (names []string) {
	demands, advice := r.Failures()
	for _, x := range slices.Concat(demands, advice) {
		names = append(names, x.Check)
	}
	return names
}

// Every fault is found, by the check that it names and by no other, because one cause is one finding; what is allowed is no
// fault. Whatever a server plays, the checks end soon, after a bounded number of requests and bytes.
func TestEveryFaultIsFound(t *testing.T) {
	faults := oaitest.Faults()
	if len(faults) < 150 {
		t.Errorf("%d faults", len(faults))
	}
	for i, f := range faults {
		if i > 0 && faults[i-1].Name == f.Name {
			t.Errorf("two faults are called %s", f.Name)
		}
		t.Run(f.Name, func(t *testing.T) {
			inABubble(t, func(t *testing.T) {
				r, took := checkHostile(t, []string{f.Name}, oaitest.Options{})
				got := found(r)
				if x, _ := r.Result(f.Check); f.Check == "" && (len(got) > 0 || r.Stopped != "") {
					t.Errorf("%s, and that is allowed:\n%s", f.What, text(t, r))
				} else if f.Check != "" && (!slices.Equal(got, []string{f.Check}) || x.Request == "" || x.Found == "") {
					t.Errorf("%s: found by %q, not by %s alone:\n%s", f.What, got, f.Check, text(t, r))
				}
				// A pause of a second before each request, and patience of a minute with those that take long.
				if r.Requests > 400 || r.Bytes > 1<<30 || took > 30*time.Minute {
					t.Errorf("%d requests and %d bytes in %v", r.Requests, r.Bytes, took)
				}
			})
		})
	}
}

// TestTwoCauses: a fault in every answer explains no other one that stands in the same answers.
func TestTwoCauses(t *testing.T) {
	for _, two := range [][]string{{"set-ignored", "no-response-date"}, {"from-ignored", "no-response-date"}, {"set-ignored", "no-email"}} {
		t.Run(strings.Join(two, " "), func(t *testing.T) {
			inABubble(t, func(t *testing.T) {
				r, _ := checkHostile(t, two, oaitest.Options{})
				got := found(r)
				for _, f := range oaitest.Faults() {
					if slices.Contains(two, f.Name) && !slices.Contains(got, f.Check) {
						t.Errorf("%s is not found by %s:\n%s", f.Name, f.Check, text(t, r))
					}
				}
				if len(got) != 2 {
					t.Errorf("two faults are found by %q", got)
				}
			})
		})
	}
}

func TestAHostileServerWithoutFaultsIsGood(t *testing.T) {
	h, err := oaitest.NewHostile(oaitest.Sample(35), sampleURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Play("truncated"); err != nil {
		t.Fatal(err)
	}
	if err := h.Play(); err != nil {
		t.Fatal(err)
	}
	if err := h.Play("no such fault"); err == nil {
		t.Error("a fault that there is not")
	}
	r, err := oaitest.Check(t.Context(), sampleURL, oaitest.Options{Client: &http.Client{Transport: oaitest.Transport(h)}, Delay: -1})
	if err != nil {
		t.Fatal(err)
	}
	if demands, advice := r.Failures(); len(demands)+len(advice) > 0 {
		t.Errorf("the good server fails:\n%s", text(t, r))
	}
}

func TestCheckOverTheNetwork(t *testing.T) {
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaipmh.NewHandler(oaitest.Sample(25), oaipmh.Options{BaseURL: base, PageSize: 10, Keys: [][]byte{make([]byte, 16)}})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = h
	srv.Start()
	defer srv.Close()
	r, err := oaitest.Check(t.Context(), base, oaitest.Options{Delay: -1})
	if err != nil {
		t.Fatal(err)
	}
	if demands, advice := r.Failures(); len(demands)+len(advice) > 0 || !r.Complete {
		t.Errorf("%s", text(t, r))
	}
}

func TestWhatCannotBeChecked(t *testing.T) {
	if _, err := oaitest.Check(t.Context(), "archive.example.org", oaitest.Options{}); err == nil {
		t.Error("a URL without http")
	}
	gone := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) })
	r, err := oaitest.Check(t.Context(), "http://a.example.org/oai", oaitest.Options{Client: &http.Client{Transport: oaitest.Transport(gone)}, Delay: -1})
	if err != nil || r.Stopped == "" {
		t.Errorf("%v %s", err, text(t, r))
	}
}

// The walk of a list ends where the options bound it, and the report does not claim more.
func TestBounds(t *testing.T) {
	for name, c := range map[string]struct {
		o    oaitest.Options
		want int
	}{
		"pages":   {oaitest.Options{MaxPages: 3}, 30},
		"records": {oaitest.Options{MaxRecords: 41}, 50}, // the page that comes to 41 is read whole
	} {
		t.Run(name, func(t *testing.T) {
			r, err := oaitest.CheckRepository(t.Context(), oaitest.Sample(120), oaipmh.Options{}, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if demands, _ := r.Failures(); len(demands) > 0 || r.Complete || r.Records != c.want {
				t.Errorf("%d records, want %d; complete: %v\n%s", r.Records, c.want, r.Complete, text(t, r))
			}
		})
	}
}
