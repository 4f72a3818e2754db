package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// passing are faults that a repository, or something on the way to it, has for a moment.
var passing = []string{
	"truncated", "empty-body", "html-page", "landing", "wall-200", "wall-403", "broken-once", "status-522", "accepted", "conflict",
	"busy", "busy-date", "busy-silent", "too-many", "cut-connection", "cut-chunks", "gzip-cut", "gzip-damaged", "length-short",
	"duplicate", "token-expired", "token-once", "same-token", "wrong-clock", "redirect-loop",
}

// A faultyLine stands before a server, and answers some requests for lists badly, or late.
type faultyLine struct {
	direct  http.Handler
	hostile []*oaitest.Hostile // one for each fault

	mu     sync.Mutex
	random *rand.Rand
	share  float64        // of requests for lists that are answered badly
	played map[string]int // by fault
}

func newFaultyLine(t *testing.T, server string, seed uint64) (line *faultyLine, base string) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	root := *target
	root.Path = ""
	line = &faultyLine{direct: httputil.NewSingleHostReverseProxy(&root), random: rand.New(rand.NewPCG(seed, 1)), played: map[string]int{}}
	for _, fault := range passing {
		h := oaitest.Before(line.direct, server)
		if err := h.Play(fault); err != nil {
			t.Fatal(err)
		}
		line.hostile = append(line.hostile, h)
	}
	s := httptest.NewServer(line)
	t.Cleanup(s.Close)
	return line, s.URL + target.Path
}

// ServeHTTP hands a request on, or plays a fault.
func (l *faultyLine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	handler, wait := l.direct, time.Duration(l.random.IntN(20))*time.Millisecond
	if strings.HasPrefix(r.FormValue("verb"), "List") && r.FormValue("verb") != "ListMetadataFormats" && l.random.Float64() < l.share {
		i := l.random.IntN(len(passing))
		handler = l.hostile[i]
		l.played[passing[i]]++
	}
	l.mu.Unlock()
	time.Sleep(wait)
	handler.ServeHTTP(w, r)
}

func (l *faultyLine) suffer(share float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.share = share
}

// httpOAI starts a provider made of HTTP::OAI with n records on loopback.
func httpOAI(t *testing.T, n int) (base string) {
	t.Helper()
	need(t, []string{"perl"})
	if err := exec.Command("perl", "-MHTTP::OAI", "-e", "1").Run(); err != nil {
		missing(t, "the Perl module HTTP::OAI is not on this machine (Debian: libhttp-oai-perl)")
	}
	script, err := filepath.Abs("testdata/httpoai/provider.pl")
	if err != nil {
		t.Fatal(err)
	}
	perl, err := exec.LookPath("perl")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(&cgi.Handler{Path: perl, Args: []string{script}, Root: "/oai", Env: []string{"RECORDS=" + strconv.Itoa(n)}, Stderr: os.Stderr})
	t.Cleanup(s.Close)
	return s.URL + "/oai"
}

// Two real providers are harvested through a line that fails again and again: what is there in the end is what they have,
// and a harvest without faults finds nothing to change.
func TestHarvestThroughFaults(t *testing.T) {
	n := 5200
	if testing.Short() || raced {
		n = 700
	}
	for name, start := range map[string]func(*testing.T, int) string{"Catmandu": catmandu, "HTTP::OAI": httpOAI} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			harvestThroughFaults(t, start(t, n), n)
		})
	}
}

func harvestThroughFaults(t *testing.T, server string, n int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	line, base := newFaultyLine(t, server, seed)
	g := start(t, configure(t, t.TempDir(), fmt.Sprintf("events: {kind: none}\nsources:\n  faulty: {kind: oai, from: '%s', http: {pause: 0s}}\n  clean: {kind: oai, from: '%s', http: {pause: 0s}}\n", base, server)), app.Options{})
	if got := g.harvest(t, "clean", false); got.Result != pipeline.Complete {
		t.Fatalf("without faults: %+v", got)
	}
	line.suffer(0.25)
	runs := map[string]int{}
	for deadline := time.Now().Add(8 * time.Minute); ; {
		var result string
		if err := g.Harvest(t.Context(), "faulty", pipeline.Order{}, func(l *control.HarvestLine) error { result = l.Result; return nil }); err != nil {
			t.Fatal(err)
		}
		if runs[result]++; result == pipeline.Complete {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no harvest is complete after %v; faults %v", runs, line.played)
		}
	}
	t.Logf("runs %v, faults %v", runs, line.played)
	line.suffer(0)
	want, got := shelfOf(t, g, "clean"), shelfOf(t, g, "faulty")
	if len(want) != n {
		t.Fatalf("the provider has %d records, want %d", len(want), n)
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("through faults (-want +got): %.3000s", d)
	}
	if again := g.harvest(t, "faulty", true); again.Result != pipeline.Complete || again.Counts.Changes() != 0 || again.Counts.Unchanged != int64(n) {
		t.Errorf("a full harvest without faults after that: %+v", again)
	}
}

// shelfOf is what the log has of a source: sets, deletion and Dublin Core of each record, by its local identifier.
func shelfOf(t *testing.T, g *running, source string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for after := int64(0); ; {
		records, _, err := g.Store.Read(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			return out
		}
		for i := range records {
			r := &records[i]
			after = r.Seq
			if r.Source != source {
				continue
			}
			_, local, _ := strings.Cut(r.Identifier, "/")
			sets := strings.ReplaceAll(strings.Join(slices.Sorted(slices.Values(r.Sets)), " "), source, "source")
			out[local] = fmt.Sprintf("%s %s %s", r.Deleted, sets, strings.ReplaceAll(string(r.DC), source+"/", "source/"))
		}
	}
}
