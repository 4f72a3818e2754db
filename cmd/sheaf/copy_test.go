package main

import (
	"os"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// TestCopyCommand: a log goes to PostgreSQL, where every command works on it, and those that are for files say what to do.
func TestCopyCommand(t *testing.T) {
	base := pgtest.NewDatabase(t)
	folder(t, map[string]string{"sheaf.yaml": lettersYAML, "letters.csv": lettersCSV(50), "letters.map": "format csv\ntitle from title\n", "dsn": base.DSN()})
	if err := os.Chmod("dsn", 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, exitDone, "harvest", "letters")
	exported := want(t, exitDone, "export").stdout
	holds(t, "from a file to a file", want(t, exitUsage, "copy", "--from", "sqlite", "--to", "postgres").stderr, "store.kind sqlite")
	replaceIn(t, "sheaf.yaml", "sources:", "store: {kind: postgres, dsn_file: dsn}\nsources:")
	holds(t, "before", want(t, exitUsage, "harvest", "letters").stderr, "sheaf copy --from sqlite --to postgres")
	holds(t, "the copy", want(t, exitDone, "copy", "--from", "sqlite", "--to", "postgres").stdout, "50 records", "sheaf.db.copied")
	if again := want(t, exitDone, "export").stdout; again != exported {
		t.Errorf("exported before:\n%s\nand after:\n%s", exported, again)
	}
	holds(t, "status", want(t, exitDone, "status").stdout, "letters")
	holds(t, "doctor", want(t, exitLook, "doctor").stdout, "ok   log: it is whole", "ok   database: PostgreSQL", "LOOK durability: fsync is off")
	holds(t, "backup", want(t, exitFailed, "backup", "copy.db").stderr, "pg_dump")
	holds(t, "restore", want(t, exitUsage, "restore", "sheaf.yaml").stderr, "its own tools")
	if r := sheaf(t, "copy", "--from", "sqlite", "--to", "postgres"); r.code != exitFailed || !strings.Contains(r.stderr, "no log in SQLite") {
		t.Errorf("again: %d %s", r.code, r.stderr)
	}
}
