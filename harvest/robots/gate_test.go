package robots_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
)

// A site answers with its present robots.txt, and counts who asks.
type site struct {
	mu     sync.Mutex
	status int
	file   string
	asked  int
}

func (s *site) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	w.WriteHeader(s.status)
	_, _ = w.Write([]byte(s.file))
}

func (s *site) serve(t *testing.T, agent string) (g *robots.Gate, hosts *harvest.Hosts, base string) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	hosts = harvest.NewHosts(harvest.HostLimits{})
	fetcher := harvest.NewFetcher(harvest.Options{Attempts: 1, Hosts: hosts, Reach: harvest.Reach{From: []string{server.URL}}})
	header := http.Header{}
	if agent != "" {
		header.Set("User-Agent", agent)
	}
	return robots.NewGate(fetcher, func(*url.URL) harvest.Access { return harvest.Access{Header: header} }), hosts, server.URL
}

func at(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestGate: a site is asked once, until the gate forgets, and its rules are those for the program that asks.
func TestGate(t *testing.T) {
	s := &site{status: 200, file: "User-agent: *\nDisallow: /\nUser-agent: sheaf\nDisallow: /private\nSitemap: https://example.org/s.xml"}
	g, _, base := s.serve(t, "")
	for path, allowed := range map[string]bool{"/a": true, "/private/a": false, "/": true} {
		err := g.Check(t.Context(), at(t, base+path))
		if (err == nil) != allowed || robots.IsForbidden(err) == allowed {
			t.Errorf("%s: %v", path, err)
		}
	}
	file, err := g.File(t.Context(), at(t, base))
	if err != nil || len(file.Sitemaps) != 1 || s.asked != 1 {
		t.Errorf("%v, %v; asked %d times", file, err, s.asked)
	}
	s.file = "User-agent: *\nDisallow: /"
	g.Forget()
	if err := g.Check(t.Context(), at(t, base+"/a")); !robots.IsForbidden(err) || s.asked != 2 {
		t.Errorf("after a change: %v; asked %d times", err, s.asked)
	}
	if g, _, base := s.serve(t, "OtherBot/1.0"); robots.IsForbidden(g.Check(t.Context(), at(t, base+"/a"))) == false {
		t.Error("the rules for everybody don't count for a program of another name")
	}
}

// TestGateClosed: where the robots.txt can't be had, nothing may be fetched; where there is none, everything.
func TestGateClosed(t *testing.T) {
	s := &site{status: 500}
	g, _, base := s.serve(t, "")
	err := g.Check(t.Context(), at(t, base+"/a"))
	if err == nil || robots.IsForbidden(err) || harvest.KindOf(err) != harvest.HTTP5xx || !strings.Contains(err.Error(), "nothing of the site may be fetched") {
		t.Errorf("a broken site: %v", err)
	}
	s.mu.Lock()
	s.status = 404
	s.mu.Unlock()
	if err := g.Check(t.Context(), at(t, base+"/a")); err != nil {
		t.Errorf("no robots.txt: %v", err)
	}
}

// TestCrawlDelay: the pause that a site asks for is given to it, whoever asks, and never makes a longer one shorter.
func TestCrawlDelay(t *testing.T) {
	const asked = 150 * time.Millisecond
	s := &site{status: 200, file: "User-agent: *\nCrawl-delay: 0.15"}
	g, hosts, base := s.serve(t, "")
	began := time.Now()
	if err := g.Check(t.Context(), at(t, base+"/a")); err != nil {
		t.Fatal(err)
	}
	if pause := g.Pause(t.Context(), at(t, base)); pause != asked {
		t.Errorf("the pause is %s", pause)
	}
	other := harvest.NewFetcher(harvest.Options{Hosts: hosts, Reach: harvest.Reach{From: []string{base}}})
	for range 2 {
		if _, err := other.Fetch(t.Context(), harvest.Request{URL: base + "/b"}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 2*asked {
		t.Errorf("two requests after the robots.txt took %s, less than two pauses", took)
	}
}
