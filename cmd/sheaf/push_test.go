package main

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// TestPushedSource: the commands know a source that sends by itself: what its configuration needs, that it is never due, and
// what would become of a file of it.
func TestPushedSource(t *testing.T) {
	ops := freeport.Address(t)
	head := "gateway: {namespace: test.example.org, contact: a@example.org}\nlisten: {public: '127.0.0.1:0', ops: '" + ops + "'}\nevents: {kind: none}\ndefaults: {every: 1d, window: '20:00-06:00'}\nsources:\n"
	folder(t, map[string]string{
		"sheaf.yaml": head + "  letters: {kind: push, from: x, at: '02:00'}\n  maps: {kind: push, token_file: short, key: id, delimiter: xx}\n  books: {kind: marc, from: x, token_file: short}\n",
		"short":      "a token of sixteen bytes or more\nshort\n", "token": strings.Repeat("x", 32) + "\n",
		"row.map": "format csv\ntitle from title\n", "rows.csv": "id,title\n1,A letter\n,No number\n",
		"one.xml": `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>A map</title></titleInfo></mods>`,
	})
	r := want(t, exitUsage, "config", "check")
	holds(t, "the check", r.stdout+r.stderr, "letters.from: is not used by kind push", "letters.at: is not used by kind push", "letters.token_file: is needed",
		"maps.token_file: holds 5 bytes in line 2", "maps.delimiter:", "books.token_file: is not used by kind marc")
	write(t, "sheaf.yaml", head+"  letters: {kind: push, token_file: token, key: id, mapping: row.map}\n  maps: {kind: push, token_file: token, every: 1h}\n")
	if err := os.Chmod("token", 0o644); err != nil {
		t.Fatal(err)
	}
	r = want(t, exitLook, "config", "check")
	holds(t, "the check", r.stdout+r.stderr, "can be read by everyone")

	holds(t, "a harvest", want(t, exitUsage, "harvest", "letters").stderr, "curl", "-T FILE http://"+ops+"/push/letters")
	holds(t, "a preview", want(t, exitUsage, "harvest", "letters", "--dry-run").stderr, "sheaf map letters FILE")
	r = want(t, exitLook, "map", "letters", "rows.csv", "--limit", "5")
	holds(t, "the map", r.stdout, "A letter", "no identifier")
	holds(t, "the map of one record", want(t, exitDone, "map", "maps", "one.xml").stdout, "A map")

	p := begin(t, "serve")
	base := p.line(t, "ops")
	waitFor(t, "the gateway", p, func() bool { return sheaf(t, "sources").code == exitDone })
	req, err := http.NewRequestWithContext(t.Context(), "PUT", base+"push/letters", strings.NewReader("id,title\n1,A letter\n"))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("push", strings.Repeat("x", 32))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("a push: %s", resp.Status)
	}
	r = want(t, exitDone, "sources")
	holds(t, "the sources", r.stdout, "is sent to /push/letters", "1h")
	r = want(t, exitDone, "status")
	for line := range strings.Lines(r.stdout) {
		switch fields := strings.Fields(line); {
		case len(fields) < 2 || fields[0] != "letters" && fields[0] != "maps":
		case fields[0] == "letters" && (fields[1] != "ok" || !strings.Contains(line, "+1 ~0 -0") || fields[len(fields)-1] != "-"),
			fields[0] == "maps" && fields[1] != "never":
			t.Errorf("status: %s", line)
		}
	}
	metrics := page(t, base+"metrics")
	if strings.Contains(metrics, `sheaf_harvest_interval_seconds{source="letters"}`) {
		t.Error("the metrics expect a source to send that sends when it likes")
	}
	holds(t, "the metrics", metrics, `sheaf_harvest_interval_seconds{source="maps"} 3600`, `sheaf_records{source="letters",status="live"} 1`)
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
}
