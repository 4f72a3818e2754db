package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Three gateways share the hosts that are harvested. No host is asked two things at once by all of them together; when one is
// killed, its harvests go on at the others from the last committed page; and a command at another gateway waits for its turn, or
// says where to go.
func TestHostsAreShared(t *testing.T) {
	if testing.Short() {
		t.Skip("a source is due a minute after the last harvest, at the earliest")
	}
	const sources, items = 9, 300
	_, section := onPostgres(t)
	text := "gateway: {name: Three, namespace: test.example.org, contact: test@example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {kind: none}\n" + section + "sources:\n"
	var all []*provider
	var mu sync.Mutex
	asked, pages := map[int]int{}, map[int]int{}
	// While slow is set a harvest takes longer than the last of them can be late, so that all are under way at once, and a gateway is
	// killed in the middle of its own.
	var slow atomic.Bool
	pace := func() {
		for range 14 {
			if time.Sleep(300 * time.Millisecond); !slow.Load() {
				return
			}
		}
	}
	for i := range sources {
		src := newProvider(t, 5)
		src.put(0, "the first")
		during := func() func() {
			mu.Lock()
			pages[i]++
			if asked[i]++; asked[i] > 1 {
				t.Errorf("source %d is asked %d things at once", i, asked[i])
			}
			mu.Unlock()
			pace()
			return func() {
				mu.Lock()
				defer mu.Unlock()
				asked[i]--
			}
		}
		src.during.Store(&during)
		all = append(all, src)
		text += fmt.Sprintf("  s%d: {kind: oai, from: '%s', every: 1m, overlap: 2s}\n", i, src.url)
	}
	commands := commanded(t, t.TempDir(), text)
	children := map[string]*child{}
	for range 3 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "sheaf.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := spawn(t, filepath.Join(dir, "sheaf.yaml"), childDue+"=1")
		defer func() {
			if c.cmd.ProcessState == nil {
				c.kill(t)
			}
		}()
		children[dir] = c
	}
	live := func(source string) int64 {
		t.Helper()
		infos, err := commands.Sources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range infos {
			if infos[i].Name == source {
				return infos[i].Status.Live
			}
		}
		return 0
	}
	// harvesting are the hosts that each gateway harvests, by its folder.
	harvesting := func() map[string][]string {
		t.Helper()
		info, err := commands.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]string{}
		for _, p := range info.Gateways {
			for dir := range children {
				if !strings.Contains(p.Place, dir+"/") {
					continue
				}
				for _, l := range p.Holds {
					if host, ok := strings.CutPrefix(l.Name, store.HostLease); ok {
						out[dir] = append(out[dir], host)
					}
				}
			}
		}
		return out
	}
	count := func(of map[string][]string) (n int) {
		for _, hosts := range of {
			n += len(hosts)
		}
		return n
	}
	// The first gateway has begun with all sources when the others come, and what is under way stays where it is; the next harvests
	// are divided.
	for i := range all {
		waitFor(t, "the first harvest", func() bool { return live(fmt.Sprint("s", i)) == 1 })
	}
	waitFor(t, "the first harvests to end", func() bool { return count(harvesting()) == 0 })
	slow.Store(true)
	for i, src := range all {
		for n := range items {
			src.put(n, fmt.Sprintf("title %d of %d", n, i))
		}
	}
	for deadline := time.Now().Add(4 * time.Minute); count(harvesting()) < sources; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the gateways don't harvest all sources, but %v", harvesting())
		}
	}
	divided := harvesting()
	if len(divided) < 2 {
		t.Errorf("one gateway harvests everything: %v", divided)
	}
	victim := ""
	for dir, hosts := range divided {
		if victim == "" || len(hosts) > len(divided[victim]) {
			victim = dir
		}
	}
	name := func(host string) string {
		for i, src := range all {
			if strings.Contains(src.url, host) {
				return fmt.Sprint("s", i)
			}
		}
		return ""
	}
	orphan := name(divided[victim][0])
	if _, err := commands.Cancel(t.Context(), orphan, "test", ""); err == nil || !strings.Contains(err.Error(), victim) {
		t.Errorf("a command that another gateway must be given: %v", err)
	}
	waitFor(t, "some pages to be committed", func() bool { return live(orphan) >= 20 })

	children[victim].kill(t)
	slow.Store(false)
	killed, had := time.Now(), live(orphan)
	waitFor(t, "the others to go on with its sources", func() bool { return live(orphan) > had })
	t.Logf("%v after a gateway that harvested %d hosts was killed another one goes on with them", time.Since(killed), len(divided[victim]))

	// A harvest that a person asks for elsewhere waits until the gateway that has the host is done.
	line, err := harvest(t.Context(), commands, orphan, false)
	if err != nil || line.Error != "" || line.Result != pipeline.Complete {
		t.Errorf("a harvest that had to wait: %+v, %v", line, err)
	}
	for i := range sources {
		source := fmt.Sprint("s", i)
		for deadline := time.Now().Add(3 * time.Minute); live(source) < items; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s has %d records", source, live(source))
			}
		}
		runs, err := commands.Runs(t.Context(), source, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			if run.Result != "" && run.Result != pipeline.Complete && run.Err != "another run began" {
				t.Errorf("%s: a run ended as %q: %s", source, run.Result, run.Err)
			}
		}
		mu.Lock()
		if pages[i] > 4*items/5 {
			t.Errorf("%s was asked %d times for %d pages", source, pages[i], items/5)
		}
		mu.Unlock()
	}
}
