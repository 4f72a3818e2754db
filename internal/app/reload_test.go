package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// Fifty reloads under load leave neither goroutines nor open files behind, and turn nobody away.
func TestManyReloads(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.txt", "b.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("1 - 1 of 1\n\n1958\n\nA letter\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := func(n int) string {
		sources := "  a: {kind: listing, from: a.txt, mapping: listing}\n"
		if n%2 == 1 {
			sources += "  b: {kind: listing, from: b.txt, mapping: listing}\n"
		}
		return fmt.Sprintf("%slimits: {requests: %d}\nlook: {footer: Line %d}\ndump: {every: %dh}\nsources:\n%s", embedded, 1000+n, n, 24+n%3, sources)
	}
	g := start(t, configure(t, dir, text(0)), app.Options{})
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	clients.Go(func() {
		for ctx.Err() == nil {
			resp, err := http.Get(g.Addresses().Public + "oai?verb=Identify")
			if err != nil {
				t.Errorf("a client is turned away: %v", err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("a client is answered with %s", resp.Status)
			}
		}
	})
	reload := func(n int) {
		if _, err := g.Gateway.Reload(t.Context(), configure(t, dir, text(n))); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 5 { // what is there from then on is there for good
		reload(n + 1)
	}
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for n := range 50 {
		reload(n + 6)
	}
	stop()
	clients.Wait()
	waitFor(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines+5 })
	waitFor(t, "files to be closed", func() bool { return openFiles(t) <= files+5 })
	if line := g.harvest(t, "b", false); line.Result != "complete" {
		t.Errorf("a source of the last configuration: %+v", line)
	}
}

// openFiles is how many files this process has open, where the system says it.
func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}
