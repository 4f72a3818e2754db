package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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

// A reload in the midst of what webhooks send loses no change and sends none twice, and whoever has signed in to the operators'
// pages stays signed in.
func TestReloadKeeps(t *testing.T) {
	const records = 40
	var mu sync.Mutex
	taken := map[string]int{}
	reached, through := make(chan struct{}), make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		defer w.WriteHeader(http.StatusNoContent)
		id := r.Header.Get("webhook-id")
		if !strings.HasPrefix(id, "oai:") { // a notice that everything is sent from the beginning, or was
			return
		}
		mu.Lock()
		taken[id]++
		stop := len(taken) == records/4
		mu.Unlock()
		if stop { // the reload comes now
			close(reached)
			<-through
		}
	}))
	t.Cleanup(receiver.Close)
	delivered := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(taken)
	}
	src, dir := newProvider(t, 10), t.TempDir()
	for n := range records {
		src.put(n, fmt.Sprintf("Letter %d", n))
	}
	hook := webhookTo(t, "catalogue", receiver.URL)
	text := func(footer, second string) string {
		return embedded + "look: {footer: " + footer + "}\nwebhooks:\n" + hook + second + "sources: {src: {kind: oai, from: '" + src.url + "'}}\n"
	}
	g := start(t, configure(t, dir, text("One", "")), app.Options{})
	token, err := os.ReadFile(filepath.Join(g.Config.Data, "ops.token"))
	if err != nil {
		t.Fatal(err)
	}
	v := visit(t, g.Addresses().Ops)
	if status, body := v.signIn("ada", strings.TrimSpace(string(token))); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	g.harvest(t, "src", false)
	<-reached
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(other.Close)
	var reloading sync.WaitGroup
	reloading.Go(func() {
		if _, err := g.Gateway.Reload(t.Context(), configure(t, dir, text("Two", webhookTo(t, "second", other.URL)))); err != nil {
			t.Error(err)
		}
	})
	close(through)
	reloading.Wait()
	waitFor(t, "all changes to be sent", func() bool { return delivered() == records })
	if _, err := g.Gateway.Reload(t.Context(), configure(t, dir, text("Three", ""))); err != nil { // nothing is under way
		t.Fatal(err)
	}
	src.put(records, "One more letter")
	g.harvest(t, "src", false)
	waitFor(t, "the change after that", func() bool { return delivered() == records+1 })
	mu.Lock()
	for id, n := range taken {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	mu.Unlock()

	if status, body := v.see("/actions"); status != http.StatusOK || !strings.Contains(body, "ada") {
		t.Errorf("after the reload the person is not signed in: %d %s", status, body)
	}
	if status, body := v.act("pause", "/sources/src", url.Values{"source": {"src"}}); status != http.StatusOK {
		t.Errorf("and can't act: %d %s", status, body)
	}
}

// Reloads that change how pages look, and titles of sources, leave the pages of lists that are kept.
func TestReloadKeepsPages(t *testing.T) {
	src, dir := newProvider(t, 10), t.TempDir()
	for n := range 25 {
		src.put(n, fmt.Sprintf("Letter %d", n))
	}
	text := func(title string) string {
		return embedded + "look: {footer: " + title + "}\noai: {page_size: 10}\nsources: {src: {kind: oai, title: " + title + ", from: '" + src.url + "'}}\n"
	}
	g := start(t, configure(t, dir, text("One")), app.Options{})
	g.harvest(t, "src", false)
	again := func() (n int) {
		families, err := g.Gateway.Registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "sheaf_oai_pages_served_again_total" {
				n = int(f.Metric[0].Counter.GetValue())
			}
		}
		return n
	}
	first := g.Addresses().Public + "oai?verb=ListRecords&metadataPrefix=oai_dc"
	_, list := get(t, first)
	_, list, _ = strings.Cut(list, "<resumptionToken")
	_, list, _ = strings.Cut(list, ">")
	token, _, _ := strings.Cut(list, "<")
	// asks reports how many of two pages were served from what is kept.
	asks := func() int {
		before := again()
		get(t, first)
		get(t, g.Addresses().Public+"oai?verb=ListRecords&resumptionToken="+token)
		return again() - before
	}
	for range 3 { // what is asked for twice is kept
		asks()
	}
	for _, title := range []string{"Two", "Three", "Four"} {
		if _, err := g.Gateway.Reload(t.Context(), configure(t, dir, text(title))); err != nil {
			t.Fatal(err)
		}
		if _, body := get(t, g.Addresses().Public); !strings.Contains(body, title) {
			t.Errorf("the reload is not in force: %s", body)
		}
		// A page is read again in the moment in which the log's date moves on. Who had lost it would have to be asked three times.
		if n, m := asks(), asks(); n != 2 && m != 2 {
			t.Errorf("after the reload %s, %d and then %d of 2 pages are served from what is kept", title, n, m)
		}
	}
}
