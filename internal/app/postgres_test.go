package app_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// onPostgres is the section of a configuration with the log in a database of its own.
func onPostgres(t *testing.T) (*pgtest.Database, string) {
	t.Helper()
	base := pgtest.NewDatabase(t)
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte(base.DSN()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return base, fmt.Sprintf("store: {kind: postgres, dsn_file: '%s', max_connections: 6}\n", file)
}

// A gateway whose log is in PostgreSQL harvests and opens every door, and those who read its doors go on where they were when
// it is started again.
func TestPostgres(t *testing.T) {
	src := newProvider(t, 20)
	for i := range 90 {
		src.put(i, fmt.Sprintf("A harbour, part %d", i), "even"+fmt.Sprint(i%2))
	}
	base, store := onPostgres(t)
	dir := t.TempDir()
	cfg := configure(t, dir, embedded+store+fmt.Sprintf("oai: {page_size: 20}\nsources: {src: {kind: oai, from: '%s', overlap: 2s}}\n", src.url))
	if warning, err := app.CheckStore(t.Context(), cfg); warning != "" || err != nil {
		t.Fatal(warning, err)
	}
	g := start(t, cfg, app.Options{})
	if line := g.harvest(t, "src", true); line.Counts.Added != 90 {
		t.Fatalf("harvested: %+v", line)
	}
	g.published(t)
	before := records(t, g.Client)
	info, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkStream(t, readStream(t, g.Addresses().NATS), before, info.Head.Epoch)

	root := g.Addresses().Public
	first := fetched(t, root+"oai?verb=ListRecords&metadataPrefix=oai_dc")
	_, token, _ := strings.Cut(between(first, "<resumptionToken", "</resumptionToken>"), ">")
	if n := strings.Count(first, "<record>"); n != 20 {
		t.Errorf("the first page has %d records", n)
	}
	for path, want := range map[string]string{
		"changes?limit=5": "test.example.org:src/",
		"feed.atom":       "A harbour, part 89",
		"sitemap.xml":     "/sitemap/",
		"records/src/oai:provider.example.org:89": "A harbour, part 89",
		"api/v1/sources":    `"src"`,
		"oai?verb=ListSets": "src:even1",
	} {
		if body := fetched(t, root+path); !strings.Contains(body, want) {
			t.Errorf("/%s has no %q:\n%s", path, want, body)
		}
	}
	waitFor(t, "the search", func() bool { return strings.Contains(fetched(t, root+"search?q=harbour"), "part 8") })
	if metrics := fetched(t, g.Addresses().Ops+"metrics"); !strings.Contains(metrics, `sheaf_store_size_bytes{file="db"}`) {
		t.Error("the metrics have no size of the log")
	}
	if err := g.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("a backup: %v", err)
	}

	g.stop()
	if err := base.Server().Kill(); err != nil {
		t.Fatal(err)
	}
	if warning, err := app.CheckStore(t.Context(), cfg); !strings.Contains(warning, "can't be reached") || err != nil {
		t.Errorf("without a server: %q, %v", warning, err)
	}
	if err := base.Server().Run(); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg, app.Options{})
	if diff := cmp.Diff(before, records(t, again.Client)); diff != "" {
		t.Errorf("started again:\n%s", diff)
	}
	if rest := fetched(t, again.Addresses().Public+"oai?verb=ListRecords&resumptionToken="+url.QueryEscape(token)); strings.Count(rest, "<record>") != 20 {
		t.Errorf("the token of before gives\n%s", rest)
	}
	src.put(5, "A harbour, enlarged")
	if line := again.harvest(t, "src", false); line.Counts.Updated != 1 {
		t.Errorf("the harvest after: %+v", line)
	}
	again.published(t)
}

// A gateway on PostgreSQL that is killed at random moments loses nothing, and publishes nothing twice.
func TestKilledOnPostgres(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	_, store := onPostgres(t)
	killedAgain(t, rounds, store)
}

// What a database lacks is said before the gateway starts.
func TestPostgresChecked(t *testing.T) {
	base, store := onPostgres(t)
	cfg := configure(t, t.TempDir(), store)
	if err := base.Exec("CREATE TABLE users (name TEXT)"); err != nil {
		t.Fatal(err)
	}
	_, err := app.CheckStore(t.Context(), cfg)
	if _, other := app.NewGateway(t.Context(), cfg, app.Options{Logger: quiet}); err == nil || other == nil || !strings.Contains(other.Error(), "tables of another program") || !strings.Contains(err.Error(), "tables of another program") {
		t.Errorf("%v; and at the start: %v", err, other)
	}
}
