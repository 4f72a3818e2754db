package app_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// peerRecords is how many records the real clients read.
const peerRecords = 5200

// A hook stands before a gateway: it counts the pages of records that a client asks for, and does
// something before a chosen one is answered.
type hook struct {
	*httptest.Server

	mu     sync.Mutex
	gate   http.Handler
	pages  int    // of records, since watch
	at     int    // the page before which then is called; 0: none
	then   func() // once
	began  string // the responseDate of the first page
	tokens map[string]bool
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := new(hook)
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

// before puts the hook before a gateway.
func (h *hook) before(t *testing.T, g *running) {
	t.Helper()
	target, err := url.Parse("http://" + g.Addresses().Bound)
	if err != nil {
		t.Fatal(err)
	}
	h.gate = httputil.NewSingleHostReverseProxy(target)
}

// watch begins to count anew.
func (h *hook) watch(at int, then func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pages, h.at, h.then, h.began, h.tokens = 0, at, then, "", map[string]bool{}
}

var responseDate = regexp.MustCompile(`<responseDate>([^<]+)<`)

// ServeHTTP answers one request after the other.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.FormValue("verb") != "ListRecords" {
		h.gate.ServeHTTP(w, r)
		return
	}
	if h.pages++; h.pages == h.at {
		h.then()
	}
	h.tokens[r.FormValue("resumptionToken")] = true
	if h.began != "" {
		h.gate.ServeHTTP(w, r)
		return
	}
	r.Header.Del("Accept-Encoding") // so that the answer can be read
	answer := httptest.NewRecorder()
	h.gate.ServeHTTP(answer, r)
	if m := responseDate.FindStringSubmatch(answer.Body.String()); m != nil {
		h.began = m[1]
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// Held is what a client has of a record.
type held struct {
	Datestamp string
	Deleted   bool
	Sets      []string
	DC        string // as the JSON of package dublincore
}

// A peer is a client that is none of ours: it reads a list, and gives what it took, the last state of each
// record.
type peer struct {
	name string
	read func(t *testing.T, base, set, from string) map[string]held
}

var peers = []peer{{"HTTP-OAI", readHTTPOAI}, {"Catmandu", readCatmandu}}

// client runs a program of the machine.
func client(t *testing.T, name string, args ...string) string {
	t.Helper()
	need(t, []string{name})
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "PERL_UNICODE=SAD")
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%.2000s", name, args, err, problems.String())
	}
	return string(out)
}

var metadataInside = regexp.MustCompile(`(?s)^<metadata[^>]*>(.*)</metadata>\s*$`)

// readHTTPOAI reads a list with oai_pmh, of HTTP::OAI.
func readHTTPOAI(t *testing.T, base, set, from string) map[string]held {
	t.Helper()
	args := []string{"--request", "ListRecords", "--metadataPrefix", "oai_dc"}
	if set != "" {
		args = append(args, "--set", set)
	}
	if from != "" {
		args = append(args, "--from", from)
	}
	taken := map[string]held{}
	for text := range strings.SplitSeq(client(t, "oai_pmh", append(args, base)...), "\f") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		head, metadata, _ := strings.Cut(text, "\n\n")
		var id string
		var h held
		for line := range strings.Lines(head) {
			switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
			case "identifier":
				id = value
			case "datestamp":
				h.Datestamp = value
			case "status":
				h.Deleted = value == "deleted"
			case "setSpec":
				h.Sets = append(h.Sets, value)
			}
		}
		if m := metadataInside.FindStringSubmatch(metadata); m != nil {
			h.DC = dcJSON(t, m[1])
		}
		keep(t, taken, id, h)
	}
	return taken
}

// readCatmandu reads a list with catmandu convert OAI.
func readCatmandu(t *testing.T, base, set, from string) map[string]held {
	t.Helper()
	args := []string{"convert", "OAI", "--url", base, "--metadataPrefix", "oai_dc", "--handler", "raw"}
	if set != "" {
		args = append(args, "--set", set)
	}
	if from != "" {
		args = append(args, "--from", from)
	}
	taken := map[string]held{}
	for line := range strings.Lines(client(t, "catmandu", append(args, "to", "JSON", "--line_delimited", "1")...)) {
		var r struct {
			ID        string   `json:"_id"`
			Datestamp string   `json:"_datestamp"`
			Status    string   `json:"_status"`
			Sets      []string `json:"_setSpec"`
			Metadata  string   `json:"_metadata"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %.500s", err, line)
		}
		h := held{Datestamp: r.Datestamp, Deleted: r.Status == "deleted", Sets: r.Sets}
		if r.Metadata != "" {
			h.DC = dcJSON(t, r.Metadata)
		}
		keep(t, taken, r.ID, h)
	}
	return taken
}

// keep takes a record into a copy, as a harvester does: what comes later counts.
func keep(t *testing.T, taken map[string]held, id string, h held) {
	t.Helper()
	if id == "" || h.Deleted != (h.DC == "") {
		t.Fatalf("a record %q: deleted %v, metadata %q", id, h.Deleted, h.DC)
	}
	slices.Sort(h.Sets)
	taken[id] = h
}

// dcJSON is oai_dc in a form in which it can be compared, however a client wrote it.
func dcJSON(t *testing.T, xml string) string {
	t.Helper()
	r, err := dublincore.ParseOAIDC([]byte(xml))
	if err != nil {
		t.Fatalf("%v in %.500s", err, xml)
	}
	return string(r.AppendJSON(nil))
}

// inTheLog is what a client of a set (of everything, if empty) should have, by the log itself. A record that it
// has and that left the set is deleted there.
func inTheLog(t *testing.T, log map[string]pipeline.Record, set string, has map[string]held) map[string]held {
	t.Helper()
	out := map[string]held{}
	for id, r := range log {
		in := set == "" || slices.ContainsFunc(r.Sets, func(s string) bool { return s == set || strings.HasPrefix(s, set+":") })
		_, had := has[id]
		switch {
		case in && r.Deleted == pipeline.Live:
			var dc dublincore.Record
			if err := dc.UnmarshalJSON(r.DC); err != nil {
				t.Fatal(err)
			}
			out[id] = held{Datestamp: r.Datestamp.UTC().Format("2006-01-02T15:04:05Z"), Sets: slices.Sorted(slices.Values(r.Sets)), DC: dcJSON(t, string(dc.AppendOAIDC(nil)))}
		case in || had:
			out[id] = held{Deleted: true}
		}
	}
	return out
}

// compare holds a client's copy against the log.
func compare(t *testing.T, what string, g *running, set string, copy map[string]held) {
	t.Helper()
	got := map[string]held{}
	for id, h := range copy {
		if h.Deleted { // of a tombstone the header counts alone, and its sets depend on the list
			h = held{Deleted: true}
		}
		got[id] = h
	}
	if d := gocmp.Diff(inTheLog(t, records(t, g.Client), set, copy), got); d != "" {
		t.Errorf("%s (-log +copy):\n%.4000s", what, d)
	}
}

// papers fills a provider: every fiftieth is deleted, each in one of two sets below a third, some in one more.
func papers(p *provider) {
	for i := range peerRecords {
		p.put(i, fmt.Sprintf("Título %d — 東京 &amp; &lt;b&gt;bold&lt;/b&gt;", i), paperSets(i)...)
		if i%50 == 0 {
			p.Delete(identifier(i))
		}
	}
}

func paperSets(i int) []string {
	sets := []string{[]string{"papers:even", "papers:odd"}[i%2]}
	if i%7 == 0 {
		sets = append(sets, "maps")
	}
	return sets
}

// change changes records all over the list: other titles, deletions, other sets, back to life, and new ones.
func change(p *provider, round int) {
	for k := range 40 {
		at := (k*131 + round*17) % peerRecords
		p.put(at, fmt.Sprintf("Changed in round %d", round), paperSets(at)...)
		p.Delete(identifier((at + 1) % peerRecords))
		moved := (at + 2) % peerRecords
		p.put(moved, fmt.Sprintf("Moved in round %d", round), paperSets(moved + 1)[0], "maps:old")
		p.put((at+3)%peerRecords, fmt.Sprintf("In no set in round %d", round))
		back := at / 50 * 50
		p.put(back, fmt.Sprintf("Back in round %d", round), paperSets(back)...)
		p.put(peerRecords+1000*round+k, fmt.Sprintf("New in round %d", round), paperSets(k)...)
	}
}

// clockOf is the responseDate of a gateway.
func clockOf(t *testing.T, g *running) string {
	t.Helper()
	m := responseDate.FindStringSubmatch(g.ask(t, "verb", "Identify"))
	if m == nil {
		t.Fatal("there is no responseDate")
	}
	return m[1]
}

// Real clients read a gateway of thousands of records in full while it changes: what they have at the end of
// that one walk, and after one more from its first responseDate, is what the log has. So it is with a set.
func TestRealClientsWhileTheGatewayMoves(t *testing.T) {
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			front := newHook(t)
			src := newProvider(t, 1000)
			papers(src)
			cfg := configure(t, t.TempDir(), "events: {kind: none}\noai: {page_size: 250}\n"+
				fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 1h, domain: provider.example.org}}\n", src.url))
			cfg.Gateway.URL = front.URL
			g := start(t, cfg, app.Options{})
			front.before(t, g)
			g.harvest(t, "src", false)
			// Datestamps are whole seconds: what is asked from a second on has all that was committed in it.
			harvested := clockOf(t, g)
			waitFor(t, "the next second", func() bool { return clockOf(t, g) > harvested })
			for round, set := range []string{"", "src:papers:odd"} {
				moved := false
				front.watch(3, func() {
					change(src, 2*round)
					moved = g.harvest(t, "src", false).Counts.Changes() >= 150
				})
				copy := p.read(t, front.URL+"/oai", set, "")
				what := cmp.Or(set, "everything")
				if full := (peerRecords + 40) / 250 / (round + 1); !moved || front.pages < full || len(front.tokens) != front.pages {
					t.Fatalf("%s: %d pages, %d different ones; changed in between: %v", what, front.pages, len(front.tokens), moved)
				}
				compare(t, what+", one walk", g, set, copy)

				change(src, 2*round+1)
				g.harvest(t, "src", false)
				from := front.began
				front.watch(0, nil)
				more := p.read(t, front.URL+"/oai", set, from)
				if len(more) == 0 || len(more) > len(copy)/2 {
					t.Errorf("%s: %d records since %s", what, len(more), from)
				}
				for id, h := range more {
					copy[id] = h
				}
				compare(t, what+", and what changed since", g, set, copy)
			}
		})
	}
}
