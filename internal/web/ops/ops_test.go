package ops

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
)

func ask(t *testing.T, h http.Handler, path string) (*http.Response, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081"+path, nil))
	return w.Result(), w.Body.String()
}

// The page of harvesters stands in the frame of all pages, with its style; no cache keeps what only operators may
// see, and what a harvester calls itself is never taken for markup.
func TestHarvestersPage(t *testing.T) {
	now := time.Now().UTC()
	h := New(Options{Logger: slog.Default(), Name: "An archive", Listen: &config.Listen{}, Metrics: http.NotFoundHandler(), Harvesters: func() []store.Session {
		return []store.Session{{Address: "192.0.2.1", Agent: "<b>walker", Verb: "ListRecords", Prefix: "oai_dc", Position: 7, Size: 9, Records: 7, Began: now.Add(-time.Second), Last: now}}
	}})
	resp, body := ask(t, h, "/harvesters")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
	for _, want := range []string{"Who harvests An archive", "192.0.2.1", "&lt;b&gt;walker", "ListRecords oai_dc", "walking", "7 of 9"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	_, rest, _ := strings.Cut(body, `rel="stylesheet" href="`)
	style, _, _ := strings.Cut(rest, `"`)
	if resp, _ := ask(t, h, style); resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/css") {
		t.Errorf("the style at %q: %s", style, resp.Status)
	}
}

// A gateway has started when what it starts with was well once, and what comes later changes nothing.
func TestStartup(t *testing.T) {
	opening, late := errors.New("the log is being upgraded"), errors.New("it is full")
	h := New(Options{Listen: &config.Listen{}, Metrics: http.NotFoundHandler(), Checks: []Check{
		{Name: "log", Starts: true, Trouble: func(context.Context) error { return opening }},
		{Name: "disk", Trouble: func(context.Context) error { return late }},
	}})
	if resp, body := ask(t, h, "/startupz"); resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "upgraded") {
		t.Errorf("before: %s %q", resp.Status, body)
	}
	opening = nil
	if resp, _ := ask(t, h, "/startupz"); resp.StatusCode != http.StatusOK {
		t.Errorf("when the log is open: %s", resp.Status)
	}
	opening = errors.New("the log can't be read")
	if resp, _ := ask(t, h, "/startupz"); resp.StatusCode != http.StatusOK {
		t.Errorf("later: %s", resp.Status)
	}
}

// What is only a note is told, and the gateway is ready.
func TestReadyWithANote(t *testing.T) {
	h := New(Options{Listen: &config.Listen{}, Metrics: http.NotFoundHandler(), Checks: []Check{
		{Name: "log", Trouble: func(context.Context) error { return nil }},
		{Name: "self-probe", Note: true, Trouble: func(context.Context) error { return errors.New("a page can't be made") }},
	}})
	if resp, body := ask(t, h, "/readyz"); resp.StatusCode != http.StatusOK || body != "log: ok\nself-probe: a page can't be made\n" {
		t.Errorf("%s %q", resp.Status, body)
	}
}

// One thing that the gateway cannot do is enough for it not to be ready, and the answer says which.
func TestReady(t *testing.T) {
	full := error(nil)
	h := New(Options{Logger: slog.Default(), Listen: &config.Listen{}, Metrics: http.NotFoundHandler(), Checks: []Check{
		{Name: "log", Trouble: func(context.Context) error { return nil }},
		{Name: "disk", Trouble: func(context.Context) error { return full }},
	}})
	for _, test := range []struct {
		full   error
		status int
		want   string
	}{
		{nil, http.StatusOK, "log: ok\ndisk: ok\n"},
		{errors.New("it is full"), http.StatusServiceUnavailable, "log: ok\ndisk: it is full\n"},
	} {
		full = test.full
		if resp, body := ask(t, h, "/readyz"); resp.StatusCode != test.status || body != test.want {
			t.Errorf("with %v: %s %q, want %d %q", test.full, resp.Status, body, test.status, test.want)
		}
	}
}
