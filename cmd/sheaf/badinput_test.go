package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
)

// good is a configuration with two sources that work, on addresses of its own.
const good = `gateway: {namespace: test.example.org, contact: test@example.org}
listen: {public: "127.0.0.1:0", ops: "127.0.0.1:0"}
events: {listen: "127.0.0.1:0"}
sources:
  letters: {title: Letters, kind: listing, from: letters.txt, mapping: listing, context: {publisher: Archive}}
  short: {kind: listing, from: short.txt, mapping: listing}
`

// letters is a saved page with two rows; short is one that says three and has two.
const (
	letters = "Skip to content\n\n1 - 2 of 2\n\nMarch 3, 1921\n\nLetter on the Mole\n\nThe timber is rotten.\n\nApril 1921\n\nMinutes of the Board\n"
	short   = "1 - 3 of 3\n\nMarch 3, 1921\n\nLetter on the Mole\n\nApril 1921\n\nMinutes of the Board\n"
)

// files are those of a folder that works, and more: name, text, name, text.
func files(more ...string) map[string]string {
	all := map[string]string{"sheaf.yaml": good, "letters.txt": letters, "short.txt": short}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// refused runs a command that must fail with one message that holds all words, and touch nothing.
func refused(t *testing.T, dir string, code int, words []string, args ...string) {
	t.Helper()
	before := contents(t, dir)
	r := want(t, code, args...)
	if r.stdout != "" {
		t.Errorf("the standard output holds %q", r.stdout)
	}
	message := strings.TrimSpace(r.stderr)
	if message == "" || strings.Contains(message, "\n") {
		t.Errorf("not one message of one line: %q", r.stderr)
	}
	for _, word := range words {
		if !strings.Contains(message, word) {
			t.Errorf("the message lacks %q: %s", word, message)
		}
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("files were touched:\n%s", diff)
	}
}

func TestBadUsage(t *testing.T) {
	dir := folder(t, files())
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"command":        {[]string{"serv"}, []string{"serv", "sheaf --help"}},
		"flag":           {[]string{"harvest", "letters", "--ful"}, []string{"--ful", "sheaf harvest --help"}},
		"no argument":    {[]string{"harvest"}, []string{"<source>", "sheaf harvest --help"}},
		"format":         {[]string{"export", "--format", "csv"}, []string{"csv", "ndjson", "oai_dc"}},
		"source":         {[]string{"harvest", "leters"}, []string{`"leters"`, "letters, short"}},
		"limit":          {[]string{"harvest", "letters", "--dry-run", "--limit", "0"}, []string{"--limit 0"}},
		"cursor":         {[]string{"watch", "--after", "12"}, []string{"--after 12", "1786000000000.1200"}},
		"the beginning":  {[]string{"watch", "--after", "0"}, []string{"--from URL", "sheaf export"}},
		"address":        {[]string{"serve", "--listen", "8080"}, []string{"--listen 8080", "HOST:PORT"}},
		"demo, config":   {[]string{"serve", "--demo", "--config", "sheaf.yaml"}, []string{"leave out --config"}},
		"demo, data":     {[]string{"serve", "--demo", "--data", "d"}, []string{"leave out --data"}},
		"no such config": {[]string{"status", "--config", "nowhere.yaml"}, []string{"nowhere.yaml", "does not exist"}},
		"probe of FTP":   {[]string{"probe", "ftp://example.org"}, []string{"https://"}},
		"probe, secrets": {[]string{"probe", "https://me:secret@example.org/oai"}, []string{"password_file"}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, dir, exitUsage, c.words, c.args...) })
	}
}

func TestBadConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		yaml  string
		words []string
	}{
		"unknown key":          {strings.Replace(good, "gateway: {", "gateway: {nmae: x, ", 1), []string{"sheaf.yaml:1:", "gateway.nmae", "unknown key", "name"}},
		"wrong type":           {good + "oai: {page_size: many}\n", []string{"sheaf.yaml:7:", "oai.page_size", "many"}},
		"impossible namespace": {strings.Replace(good, "test.example.org", "archive", 1), []string{"sheaf.yaml:1:", "gateway.namespace", "archive"}},
		"no namespace":         {strings.Replace(good, "namespace: test.example.org, ", "", 1), []string{"gateway.namespace", "for ever"}},
		"unknown kind":         {strings.Replace(good, "kind: listing", "kind: lisitng", 1), []string{"sheaf.yaml:5:", "listing"}},
		"not YAML":             {"gateway: [", []string{"sheaf.yaml:1:"}},
	} {
		for _, args := range [][]string{{"serve"}, {"config", "check"}, {"status"}, {"harvest", "letters"}} {
			t.Run(name+"/"+args[0], func(t *testing.T) {
				dir := folder(t, files("sheaf.yaml", c.yaml))
				refused(t, dir, exitUsage, c.words, args...)
			})
		}
	}
}

// What only trying can find is found before anything is touched, too.
func TestBadMapping(t *testing.T) {
	yaml := strings.Replace(good, "mapping: listing, context", "mapping: my.map, context", 1)
	dir := folder(t, files("sheaf.yaml", yaml, "my.map", "format listing\ntitel from title\n"))
	refused(t, dir, exitUsage, []string{"sheaf.yaml", "letters", "my.map:2"}, "config", "check")
	refused(t, dir, exitUsage, []string{"letters", "my.map:2"}, "serve")
}

func TestPortInUse(t *testing.T) {
	address := taken(t)
	for _, flag := range []string{"--listen", "--ops-listen", "--nats-listen"} {
		t.Run(flag, func(t *testing.T) {
			dir := folder(t, files())
			refused(t, dir, exitFailed, []string{address, "in use", flag}, "serve", flag, address)
		})
	}
}

func TestBadDataFolder(t *testing.T) {
	t.Run("a file in its place", func(t *testing.T) {
		dir := folder(t, files("data", "not a folder"))
		for _, args := range [][]string{{"serve"}, {"harvest", "letters"}} {
			refused(t, dir, exitFailed, []string{"data", "not a directory", "--data"}, append(args, "--data", "data")...)
			refused(t, dir, exitFailed, []string{"data", "not a directory", "--data"}, append(args, "--data", "data/below")...)
		}
	})
	t.Run("not writable", func(t *testing.T) {
		dir := folder(t, files("data/kept", ""))
		if os.Geteuid() == 0 { // for whom all is writable but what the kernel keeps
			refused(t, dir, exitFailed, []string{"/sys/kernel", "--data"}, "serve", "--data", "/sys/kernel")
			return
		}
		if err := os.Chmod("data", 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "data"), 0o755) })
		refused(t, dir, exitFailed, []string{"data", "permission denied", "--data"}, "serve", "--data", "data")
	})
	t.Run("in use by another process", func(t *testing.T) {
		dir := folder(t, files())
		st, err := sqlite.Open(t.Context(), "data", sqlite.Options{Namespace: "test.example.org"})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		for _, args := range [][]string{{"serve"}, {"harvest", "letters"}, {"status"}, {"restore", "letters.txt"}} {
			refused(t, dir, exitFailed, []string{"in use by another process"}, append(args, "--data", "data")...)
		}
	})
	t.Run("of a newer program", func(t *testing.T) {
		dir := folder(t, files())
		want(t, exitDone, "harvest", "letters", "--data", "data")
		change(t, "data/sheaf.db", "UPDATE meta SET value = 1000 WHERE name = 'schema_oldest_writer'")
		for _, args := range [][]string{{"serve"}, {"harvest", "letters"}, {"export"}} {
			refused(t, dir, exitFailed, []string{"newer"}, append(args, "--data", "data")...)
		}
	})
	t.Run("of another gateway", func(t *testing.T) {
		dir := folder(t, files("other.yaml", strings.Replace(good, "test.example.org", "other.example.org", 1)))
		want(t, exitDone, "harvest", "letters", "--data", "data")
		refused(t, dir, exitFailed, []string{"test.example.org", "other.example.org"}, "status", "--config", "other.yaml", "--data", "data")
	})
}

// change changes a database behind the back of the program.
func change(t *testing.T, path, query string) {
	t.Helper()
	conn, err := driver.OpenConn(path, driver.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlitex.ExecuteTransient(conn, query, nil); err != nil {
		t.Fatal(err)
	}
	if conn.Changes() != 1 {
		t.Fatalf("%s: %d rows", query, conn.Changes())
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// A command that only reads makes no log where there is none.
func TestNoLog(t *testing.T) {
	dir := folder(t, files())
	for _, args := range [][]string{
		{"show", "oai:test.example.org:letters/1"}, {"export"}, {"quarantine"}, {"quarantine", "show", "1"}, {"backup", "copy.db"},
	} {
		refused(t, dir, exitFailed, []string{"no log", "sheaf-data", "--data"}, args...)
	}
	before := contents(t, dir)
	for _, args := range [][]string{{"status"}, {"sources"}, {"status", "--json"}, {"sources", "--json"}, {"harvest", "letters", "--dry-run"}} {
		if r := want(t, exitDone, args...); !strings.Contains(r.stdout, "letters") {
			t.Errorf("sheaf %v: %s", args, r.stdout)
		}
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("files were touched:\n%s", diff)
	}
}

// Without a configuration nothing is harvested, and nothing is made.
func TestNoConfiguration(t *testing.T) {
	dir := folder(t, nil)
	refused(t, dir, exitUsage, []string{`"letters"`}, "harvest", "letters")
	refused(t, dir, exitUsage, []string{"sheaf.yaml", "sheaf config check FILE"}, "config", "check")
}

func TestNotABackup(t *testing.T) {
	dir := folder(t, files("empty.db", ""))
	want(t, exitDone, "harvest", "letters")
	before := want(t, exitDone, "export").stdout
	for file, words := range map[string][]string{
		"nowhere.db": {"nowhere.db", "sheaf backup"}, ".": {"not a file"}, "letters.txt": {"not a backup"}, "empty.db": {"not a backup"},
	} {
		refused(t, dir, exitFailed, words, "restore", file)
	}
	if after := want(t, exitDone, "export").stdout; after != before {
		t.Errorf("the log was %s\nand is %s", before, after)
	}
}

func TestNoEventServer(t *testing.T) {
	dir := folder(t, files())
	refused(t, dir, exitFailed, []string{"nats://127.0.0.1:1", "sheaf serve", "--server"}, "watch", "--server", "nats://127.0.0.1:1")
	dir = folder(t, files("sheaf.yaml", strings.Replace(good, `events: {listen: "127.0.0.1:0"}`, "events: {kind: none}", 1)))
	refused(t, dir, exitUsage, []string{"events.kind is none"}, "watch")
	refused(t, dir, exitUsage, []string{"--nats-listen", "events.kind is none"}, "serve", "--nats-listen", "127.0.0.1:0")
}

// A folder may be called as it likes.
func TestOddDataFolder(t *testing.T) {
	folder(t, files())
	for _, name := range []string{"what? 100%#1", "données & co", "a:b"} {
		want(t, exitDone, "harvest", "letters", "--data", name)
		if n := len(records(t, want(t, exitDone, "export", "--data", name).stdout)); n != 2 {
			t.Errorf("%d records in %q", n, name)
		}
		want(t, exitDone, "backup", "copy?.db", "--data", name)
		want(t, exitDone, "restore", "copy?.db", "--data", name)
		if err := os.Remove("copy?.db"); err != nil {
			t.Error(err)
		}
	}
}
