package oai_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// missing skips a test, or fails it where everything has to be there.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// startCatmandu starts a real provider with n records on loopback, and gives its base URL.
func startCatmandu(t *testing.T, n int) string {
	t.Helper()
	const script = "../../../shared/peers/catmandu/provider.pl"
	if _, err := os.Stat(script); err != nil {
		missing(t, "the provider is missing: %v", err)
	}
	if out, err := exec.Command("perl", "-MDancer::Plugin::Catmandu::OAI", "-e", "1").CombinedOutput(); err != nil {
		missing(t, "perl with Dancer::Plugin::Catmandu::OAI is missing (Debian: libdancer-plugin-catmandu-oai-perl): %v %s", err, out)
	}
	port := freeport.Port(t)
	var said strings.Builder
	cmd := exec.Command("perl", script, strconv.Itoa(port), strconv.Itoa(n))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	base := fmt.Sprintf("http://127.0.0.1:%d/oai", port)
	for deadline := time.Now().Add(time.Minute); ; {
		if resp, err := http.Get(base + "?verb=Identify"); err == nil {
			resp.Body.Close()
			return base
		}
		select {
		case <-ended:
			t.Fatalf("the provider ended: %s", said.String())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the provider does not answer")
		}
	}
}

func TestInteropCatmandu(t *testing.T) {
	const n = 1200
	base := startCatmandu(t, n)
	s, err := oai.New(oai.Config{BaseURL: base}, harvest.NewFetcher(harvest.Options{Reach: here, Contact: "test@example.org"}))
	if err != nil {
		t.Fatal(err)
	}
	repo, err := s.Probe(t.Context(), 100)
	if err != nil || repo.Identify.Door.RepositoryIdentifier != "catmandu.example.org" || len(repo.Formats) != 1 || len(repo.Sets) != 2 || repo.SetsError != nil {
		t.Errorf("%+v, %v", repo, err)
	}

	full := mustRun(t, s, "")
	if !full.full || full.incomplete || len(full.warnings) > 0 {
		t.Errorf("full %v, incomplete %v, warnings %q", full.full, full.incomplete, full.warnings)
	}
	got := map[string]harvest.Item{}
	for _, item := range full.items {
		got[item.Key] = item
	}
	if len(got) != n || len(full.items) != n {
		t.Fatalf("%d items of %d records", len(full.items), len(got))
	}
	for i := 1; i <= n; i++ {
		item, ok := got[strconv.Itoa(i)]
		set := []string{"even", "odd"}[i%2]
		switch {
		case !ok:
			t.Fatalf("record %d is missing", i)
		case item.Identifier != fmt.Sprintf("oai:catmandu.example.org:%d", i), item.Rejected != nil,
			item.Deleted != (i%50 == 0), len(item.Sets) != 1 || item.Sets[0] != set:
			t.Fatalf("record %d: %+v", i, item)
		case !item.Deleted && !strings.Contains(string(item.Original), fmt.Sprintf("<dc:title>Título %d — 東京 &amp; &lt;b&gt;bold&lt;/b&gt;</dc:title>", i)):
			t.Fatalf("record %d: %s", i, item.Original)
		}
	}

	if p := mustRun(t, s, full.next); p.full || len(p.items) > 0 {
		t.Errorf("incremental, with nothing new: full %v, %d items", p.full, len(p.items))
	}

	// The newest record is of hour 1200 of 2024. A pass that goes back to hour 1190 meets eleven.
	s, err = oai.New(oai.Config{BaseURL: base, Overlap: time.Minute, Sets: []string{"even", "odd"},
		Now: func() time.Time { return time.Unix(1704067200+3600*1190, 0).Add(time.Minute) }}, harvest.NewFetcher(harvest.Options{Reach: here}))
	if err != nil {
		t.Fatal(err)
	}
	sets := mustRun(t, s, "")
	if len(sets.items) != n || !sets.full || sets.incomplete {
		t.Errorf("by sets: %d items, full %v, incomplete %v", len(sets.items), sets.full, sets.incomplete)
	}
	sets = mustRun(t, s, sets.next)
	if len(sets.items) != 11 || sets.full {
		t.Errorf("incremental by sets: %q, want 1190 to 1200", sets.keys)
	}
	s, err = oai.New(oai.Config{BaseURL: base, POST: true, Formats: []string{"mods", "oai_dc"}, Sets: []string{"odd"}}, harvest.NewFetcher(harvest.Options{Reach: here}))
	if err != nil {
		t.Fatal(err)
	}
	if odd := mustRun(t, s, ""); len(odd.items) != n/2 {
		t.Errorf("posted, one set: %d items", len(odd.items))
	}
}
