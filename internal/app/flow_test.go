package app_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
)

// fetch asks as a harvester with a name does.
func fetch(t *testing.T, url, agent string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", agent)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// Budgets of the configuration hold on all of the public side and nowhere else, each for the client
// that a trusted proxy names.
func TestBudgetsOfClients(t *testing.T) {
	cfg := configure(t, t.TempDir(), "events: {kind: none}\nlimits: {requests: 1, burst: 2, allow: []}\n")
	g := start(t, cfg, app.Options{})
	public := g.Addresses().Public
	paths := []string{"oai?verb=Identify", "", "search", "oai?verb=ListSets"}
	over := 0
	for n := 0; over < 3; n++ {
		if n == 10_000 {
			t.Fatal("however fast the requests come, none is refused")
		}
		path := paths[n%len(paths)]
		resp, body := fetch(t, public+path, "test")
		if resp.StatusCode == http.StatusServiceUnavailable {
			over++
			if resp.Header.Get("Retry-After") != "1" || !strings.Contains(body, "ask again in 1 s") {
				t.Errorf("%s: %v %s", path, resp.Header, body)
			}
		}
	}
	g.exposes(t, fmt.Sprintf("sheaf_oai_throttled_total{reason=\"requests\"} %d\n", over), "sheaf_oai_requests_in_flight 0\n")
}

func TestBudgetsBehindAProxy(t *testing.T) {
	cfg := configure(t, t.TempDir(), "events: {kind: none}\nlimits: {requests: 1, burst: 1}\n")
	cfg.Listen.TrustedProxies = cfg.Limits.Allow // this machine
	g := start(t, cfg, app.Options{})
	for n := range 20 { // each its own first request
		if resp, _ := fetch(t, g.Addresses().Public+"oai?verb=Identify", "test", "X-Forwarded-For", fmt.Sprintf("127.0.0.1, 192.0.2.%d", n)); resp.StatusCode != http.StatusOK {
			t.Errorf("client %d: %s", n, resp.Status)
		}
	}
}

var tokenIn = regexp.MustCompile(`<resumptionToken[^>]*>([^<\s]+)<`)

// What is shown of those who harvest us is right, while they do, afterwards, and after a restart.
func TestHarvesters(t *testing.T) {
	p := newProvider(t, 50)
	for i := range 25 {
		p.put(i, fmt.Sprint("Paper ", i))
	}
	dir := t.TempDir()
	configuration := fmt.Sprintf("events: {kind: none}\noai: {page_size: 10}\nsources:\n  up: {kind: oai, from: '%s', every: 1d, http: {pause: 0s}}\n", p.url)
	g := start(t, configure(t, dir, configuration), app.Options{})
	g.harvest(t, "up", false)

	const agent = "walker/1.0 <b>"
	page := func(arguments string) (next string) {
		t.Helper()
		resp, body := fetch(t, g.Addresses().Public+"oai?"+arguments, agent, "From", "walker@example.org")
		if resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status)
		}
		if m := tokenIn.FindStringSubmatch(body); m != nil {
			return "verb=ListRecords&resumptionToken=" + m[1]
		}
		return ""
	}
	want := func(what string, want ...string) {
		t.Helper()
		var all []control.HarvesterInfo
		diff := ""
		defer func() {
			if diff != "" {
				t.Logf("%s (-want +got):\n%s", what, diff)
			}
		}()
		waitFor(t, what, func() bool { // a request is noted after its answer
			var err error
			if all, err = g.Harvesters(t.Context()); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range all {
				got = append(got, fmt.Sprintf("%s: %s, %s, %d requests, %d records", h.Asked(), h.State, h.Place(), h.Requests, h.Records))
			}
			diff = cmp.Diff(want, got)
			return diff == ""
		})
		for _, h := range all {
			if h.Address != "127.0.0.1" || h.Agent != agent || h.Contact != "walker@example.org" || h.Began.IsZero() || h.Last.Before(h.Began) || h.Bytes == 0 || (h.Speed > 0) != (h.Records > 0) {
				t.Errorf("%s: %+v", what, h)
			}
		}
	}
	want("nobody")
	first := "verb=ListRecords&metadataPrefix=oai_dc"
	page("verb=Identify")
	page(first + "&set=none") // an error is no walk
	second := page(first)
	want("a page", "ListRecords oai_dc: walking, 10 of 25, 1 requests, 10 records")
	page(first) // again, since the answer was lost
	third := page(second)
	want("two pages", "ListRecords oai_dc: walking, 20 of 25, 3 requests, 30 records")

	g.stop()
	g = start(t, configure(t, dir, configuration), app.Options{})
	want("after a restart", "ListRecords oai_dc: walking, 20 of 25, 3 requests, 30 records")
	if page(third) != "" {
		t.Fatal("the third page is not the last")
	}
	done := "ListRecords oai_dc: finished, 25 of 25, 4 requests, 35 records"
	want("the end", done)
	page(first + "&from=2020-01-01&set=up")
	page(first)
	page(first + "&from=2100-01-01") // no news, three times
	page(first + "&from=2100-01-02&until=2100-01-05")
	page(first + "&from=2100-01-03")
	want("further walks", "ListRecords oai_dc from 2100-01-03T00:00:00Z: finished, 0, 3 requests, 0 records", "ListRecords oai_dc: walking, 10 of 25, 1 requests, 10 records",
		"ListRecords oai_dc up from 2020-01-01T00:00:00Z: walking, 10, 1 requests, 10 records", done)

	resp, body := fetch(t, g.Addresses().Ops+"harvesters", "test")
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || strings.Count(body, "walker/1.0 &lt;b&gt;") != 4 || !strings.Contains(body, "finished") {
		t.Errorf("the page: %s\n%s", resp.Status, body)
	}
}
