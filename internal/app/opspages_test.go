package app_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// page asks for a page of the ops listener.
func page(t *testing.T, base, path string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(strings.TrimSuffix(base, "/") + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// Every page for operators says what a command says, with what needs a person first.
func TestOpsPages(t *testing.T) {
	cfg, remove, err := app.Demo(app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	cfg.Listen.Public, cfg.Listen.Ops, cfg.Events.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Sources["maps"].From = []string{cfg.Data + "/nothing-here.html"}
	g := start(t, cfg, app.Options{})
	g.harvest(t, "letters", false)
	if _, err := harvest(t.Context(), g.Client, "maps", false); err == nil {
		t.Fatal("a file that is not there was harvested")
	}
	if _, err := g.Quality(t.Context(), "letters"); err != nil {
		t.Fatal(err)
	}
	runs, err := g.Runs(t.Context(), "maps", 1)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	for path, want := range map[string][]string{
		"/":                  {"What needs you", "Maps and plans: failed", "nothing-here.html", ">7</div>"},
		"/sources":           {"Letters and papers", "2 sources.", "s-failed", "s-ok", "r-complete"},
		"/sources?q=MAP":     {"1 of 2 sources.", "Maps and plans"},
		"/sources?state=ok":  {"1 of 2 sources.", "Letters and papers"},
		"/sources?q=<script": {"No source is like that, of 2.", "&lt;script"},
		"/sources/letters":   {"Letters and papers", "letters.txt", "7 new", `class="c-new"`, "Runs that are kept"},
		"/sources/maps":      {"nothing-here.html", "s-failed"},
		"/sources/maps/runs/" + strconv.FormatInt(runs[0].ID, 10): {"s-failed", "nothing-here.html", "Asked for by"},
		"/pending":         {"Nothing waits."},
		"/quarantine":      {"Nothing is in quarantine."},
		"/harvesters":      {"Nobody yet"},
		"/consumers":       {"In the stream"},
		"/quality":         {"letters", "Elements filled"},
		"/quality/letters": {"Have the element", "description", "85.7 %"},
		"/configuration":   {"demo.example.org", "sources.letters", "<code>every</code><dd>1h"},
	} {
		status, body := page(t, g.Addresses().Ops, path)
		if status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s lacks %q:\n%s", path, text, body)
			}
		}
	}
	for _, path := range []string{"/nothing", "/sources/none", "/sources/letters/runs/999", "/sources/maps/runs/x", "/quarantine/1", "/quarantine/x", "/quarantine?after=x", "/pending/7", "/quality/none", "/sources/..%2f..%2fetc"} {
		if status, body := page(t, g.Addresses().Ops, path); status != http.StatusNotFound || !strings.Contains(body, "<h1>") {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
	}
}
