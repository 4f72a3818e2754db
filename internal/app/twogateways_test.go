package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Two gateways on one database serve the same through every door, with what has just been harvested; one of them harvests, and
// when that is killed the other one does. A record that is taken down at one of them is gone from the other.
func TestTwoGateways(t *testing.T) {
	if testing.Short() {
		t.Skip("a source is due a minute after the last harvest, at the earliest")
	}
	src := newProvider(t, 20)
	for i := range 30 {
		src.put(i, fmt.Sprintf("title %d", i), "even"+fmt.Sprint(i%2))
	}
	base, store := onPostgres(t)
	text := fmt.Sprintf("gateway: {name: Two, namespace: test.example.org, contact: test@example.org}\nlisten: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {kind: none}\n"+
		"%ssources: {src: {kind: oai, from: '%s', overlap: 2s, every: 1m, hold: {deleted: never}}}\n", store, src.url)
	gateway := func() (c *child, file string) {
		t.Helper()
		file = filepath.Join(t.TempDir(), "sheaf.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return spawn(t, file, childDue+"=1"), file
	}
	first, file := gateway()
	gone := false
	defer func() {
		if !gone {
			first.kill(t)
		}
	}()
	has := func(c *child, title string) func() bool {
		return func() bool {
			return strings.Contains(fetched(t, c.public+"oai?verb=ListRecords&metadataPrefix=oai_dc"), title)
		}
	}
	waitFor(t, "the first gateway to harvest", has(first, "title 29"))
	second, _ := gateway()
	defer second.kill(t)
	waitFor(t, "the second gateway to serve", has(second, "title 29"))
	for _, path := range []string{"oai?verb=ListRecords&metadataPrefix=oai_dc", "oai?verb=ListSets", "changes?limit=100", "records/src/oai:provider.example.org:7"} {
		a, b := fetched(t, first.public+path), fetched(t, second.public+path)
		clean := func(s string, c *child) string {
			return fleeting.ReplaceAllString(strings.ReplaceAll(s, strings.TrimSuffix(c.public, "/"), ""), "")
		}
		if clean(a, first) != clean(b, second) {
			t.Errorf("/%s: the first gateway says\n%s\nand the second\n%s", path, a, b)
		}
	}

	// A takedown at the first one; the second has kept the page.
	cfg, err := config.Load(file, app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	commands, err := app.Connect(t.Context(), cfg, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := commands.Remove(t.Context(), pipeline.Removal{Identifier: recordOf(7), Final: true, Reason: "asked for", Who: "test"}); err != nil {
		t.Fatal(err)
	}
	runs, err := commands.Runs(t.Context(), "src", 100)
	if err != nil || len(runs) == 0 {
		t.Fatal(runs, err)
	}
	if err := commands.Close(); err != nil {
		t.Fatal(err)
	}
	gonePage := func() bool { return !has(second, "title 7<")() }
	waitFor(t, "the record to be gone from the second gateway", gonePage)

	first.kill(t)
	gone = true
	killed := time.Now()
	waitFor(t, "the second gateway to take over", func() bool {
		err := base.Exec("DO $$ BEGIN ASSERT (SELECT count(*) FROM lease l JOIN gateway g ON g.name = l.holder WHERE l.name = 'work' AND EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'sheaf-' || g.name)) = 1; END $$")
		return err == nil
	})
	t.Logf("the second gateway has taken over after %v", time.Since(killed))
	src.put(40, "since the kill")
	for deadline := time.Now().Add(4 * time.Minute); !has(second, "since the kill")(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the second gateway does not harvest")
		}
	}
}
