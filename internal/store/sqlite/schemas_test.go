package sqlite

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// table is what a table holds: its columns, and its rows as text in some order that does not change.
type table struct {
	columns []string
	rows    []string
}

// tables reads all tables of a log, of each the columns that are wanted; all of them where nothing is known of it.
func tables(t *testing.T, dir string, want map[string]table) map[string]table {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	out := map[string]table{}
	var names []string
	err = each(conn, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", nil, func(r *sqlite.Stmt) error {
		names = append(names, r.ColumnText(0))
		return nil
	})
	for _, name := range names {
		of := table{columns: want[name].columns}
		if of.columns == nil {
			err = errors.Join(err, each(conn, "SELECT name FROM pragma_table_info(?)", []any{name}, func(r *sqlite.Stmt) error {
				of.columns = append(of.columns, r.ColumnText(0))
				return nil
			}))
		}
		err = errors.Join(err, each(conn, `SELECT "`+strings.Join(of.columns, `", "`)+`" FROM `+name, nil, func(r *sqlite.Stmt) error {
			var row []string
			for i := range r.ColumnCount() {
				row = append(row, fmt.Sprintf("%s=%q", of.columns[i], columnBytes(r, i)))
			}
			of.rows = append(of.rows, strings.Join(row, " "))
			return nil
		}))
		slices.Sort(of.rows)
		out[name] = of
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lost says which rows of before are gone or changed, or have come. A start of the gateway changes by itself what the log says
// of its form, and has the head leave room for what a lost history may have given out.
func lost(before, after map[string]table) string {
	var all []string
	for name, was := range before {
		want, have := was.rows, after[name].rows
		switch name {
		case "leap", "log_head":
			continue
		case "meta":
			of := func(row string) bool { return strings.HasPrefix(row, `name="schema_`) }
			want = slices.DeleteFunc(slices.Clone(want), of)
			have = slices.DeleteFunc(slices.Clone(have), func(row string) bool { return !slices.Contains(want, row) })
		}
		if d := gocmp.Diff(want, have); d != "" {
			all = append(all, name+" (-before +after):\n"+d)
		}
	}
	return strings.Join(all, "\n")
}

// TestEverySchema opens what programs of before have left (../storetest/testdata/schemas). Every row of every table is there afterwards
// as it was, in tables like those of a new log; the digest is that of the records; and the log goes on.
func TestEverySchema(t *testing.T) {
	fresh := t.TempDir()
	if err := open(t, fresh, &handClock{}).Close(); err != nil {
		t.Fatal(err)
	}
	made := tables(t, fresh, nil)
	known := map[int64]bool{}
	for _, name := range storetest.Schemas(t, "sqlite-*") {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, at := storetest.UnpackSchema(t, name, dir)
			known[number(t, dir, "SELECT value FROM meta WHERE name = 'schema_version'")] = true
			before := tables(t, dir, nil)
			clock := &handClock{}
			clock.at = at.Add(time.Hour).Sub(clock.Wall())
			s, err := Open(t.Context(), dir, Options{Clock: clock, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if d := lost(before, tables(t, dir, before)); d != "" {
				t.Error(d)
			}
			now := tables(t, dir, nil)
			for name, want := range made {
				have := now[name].columns
				if !slices.Equal(slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(want.columns))) {
					t.Errorf("%s has the columns %q, and %q in a new log", name, have, want.columns)
				}
			}
			for name, want := range map[string]int64{"schema_version": schemaVersion, "schema_oldest_reader": oldestReader, "schema_oldest_writer": oldestWriter} {
				if got := number(t, dir, "SELECT value FROM meta WHERE name = '"+name+"'"); got != want {
					t.Errorf("%s is %d, want %d", name, got, want)
				}
			}
			checkInvariants(t, s)
			if n, err := s.Check(t.Context(), true); err != nil || n != 17 {
				t.Errorf("a check of %d records: %v", n, err)
			}
			holdsWhatItHeld(t, s, name)

			head, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			f := newFeed(t, s, "things")
			c := change("things", 7, 1)
			c.Identifier, c.Origin.Identifier = "oai:before.example:things/7", "oai:source.example:7"
			if err := f.commit(s, c, change("things", 100, 0)); err != nil {
				t.Fatal(err)
			}
			if now, err := s.Head(t.Context()); err != nil || now.Seq <= head.Seq || now.Epoch != head.Epoch {
				t.Errorf("after a commit the head is at %v, and was at %v: %v", now.Cursor, head.Cursor, err)
			}
			checkInvariants(t, s)
			clock.at += time.Second
			if err := s.NewEpoch(t.Context(), pipeline.Head{}, "a test says so"); err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, s)
		})
	}
	for v := int64(oldestSchema); v < schemaVersion; v++ {
		if !known[v] {
			t.Errorf("no log of schema version %d is kept: see make.go in internal/store/storetest/testdata/schemas", v)
		}
	}
}

// number asks a log that is closed for a number.
func number(t *testing.T, dir, query string) (n int64) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "sheaf.db"), sqlite.OpenReadWrite)
	if err == nil {
		err = one(conn, query, nil, func(r *sqlite.Stmt) { n = r.ColumnInt64(0) })
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// holdsWhatItHeld looks at a log of before as the gateway does.
func holdsWhatItHeld(t *testing.T, s *Store, name string) {
	t.Helper()
	persons := name == "sqlite-4"
	for id, want := range map[string]struct {
		title   string
		version int
		deleted pipeline.Reason
		sets    string
	}{
		"0":  {version: 3, deleted: pipeline.SourceDeleted, sets: "things things:maps"},
		"5":  {version: 2, deleted: pipeline.SourceDeleted, sets: "things things:letters"},
		"6":  {title: "Título 6 — 東京", version: 2, sets: "things things:letters"},
		"8":  {title: "Título 8 — 東京", version: 1, sets: "things things:maps"},
		"9":  {title: "Título 9 — 東京", version: 1, sets: "things things:letters"},
		"17": {title: "Título 17 — 東京 &amp; environs, revised", version: 1, sets: "things things:letters"},
	} {
		switch {
		case persons && id == "0": // its deletion waits for a person
			want.title, want.version, want.deleted = "Título 0 — 東京 &amp; environs, revised", 2, pipeline.Live
		case persons && id == "9":
			want.title, want.version, want.deleted = "", 2, pipeline.Takedown
		}
		r, err := s.Record(t.Context(), "oai:before.example:things/"+id)
		if err != nil {
			t.Fatal(err)
		}
		if r.Version != int64(want.version) || r.Deleted != want.deleted || strings.Join(r.Sets, " ") != want.sets {
			t.Errorf("%s: version %d, deleted %q, sets %q; want %+v", id, r.Version, r.Deleted, r.Sets, want)
		}
		if want.title != "" && (!bytes.Contains(r.Original, []byte("<title>"+want.title)) || r.Origin.Format.Prefix != "mods") {
			t.Errorf("%s: of format %q, the original is %s", id, r.Origin.Format.Prefix, r.Original)
		}
	}
	kept, err := s.Quarantine(t.Context(), "things", 0, 10)
	if err != nil || len(kept) != 1 || !bytes.Contains(kept[0].Original, []byte("Título 11")) {
		t.Errorf("in quarantine: %+v, %v", kept, err)
	}
	all, err := s.Status(t.Context())
	if err != nil || len(all) != 1 || all[0].Live != map[bool]int64{false: 12, true: 15}[persons] || all[0].LastComplete.IsZero() {
		t.Errorf("the source stands at %+v, %v", all, err)
	}
	if !persons {
		return
	}
	waiting, err := s.HeldChanges(t.Context(), "things", 0, false, 10)
	if err != nil || len(waiting) != 4 {
		t.Errorf("%d deletions wait: %v", len(waiting), err)
	}
	if len(all) == 1 && (all[0].Stop.Who == "" || all[0].Held.Deletions != 4) {
		t.Errorf("what persons have to do with the source: %+v", all[0])
	}
	if runs, err := s.Runs(t.Context(), "things", 10); err != nil || len(runs) != 4 {
		t.Errorf("%d runs are remembered: %v", len(runs), err)
	}
	f := newFeed(t, s, "things")
	back := change("things", 9, 0)
	back.Identifier, back.Origin.Identifier = "oai:before.example:things/9", "oai:source.example:9"
	if err := f.commit(s, back); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Record(t.Context(), back.Identifier); err != nil || r.Deleted != pipeline.Takedown {
		t.Errorf("what was taken down came back: %+v, %v", r, err)
	}
}

// TestMigrationStopsAnywhere has each step from the oldest schema to the present one go wrong in turn, and the process be
// killed there in turn. Either way the log is still the one of before, or the new one, and the next start ends what was begun.
func TestMigrationStopsAnywhere(t *testing.T) {
	origin := t.TempDir()
	storetest.UnpackSchema(t, fmt.Sprintf("sqlite-%d", oldestSchema), origin)
	before := tables(t, origin, nil)
	steps := 0
	for ; ; steps++ {
		dir := t.TempDir()
		copyTo(t, dir, origin, "sheaf.db", datadir.HighwaterName)
		killed, err := stopAt(t, dir, steps)
		if killed == "" {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if err == nil {
			t.Fatalf("step %d was not done, and nobody is told", steps)
		}
		for i, dir := range []string{dir, killed} {
			what := []string{"failed", "killed"}[i]
			if d := lost(before, tables(t, dir, before)); d != "" {
				t.Fatalf("%s at step %d: %s", what, steps, d)
			}
			if steps%2 != i { // one of them goes on, which is half the time
				continue
			}
			s, err := Open(t.Context(), dir, Options{Clock: &handClock{}, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatalf("%s at step %d: %v", what, steps, err)
			}
			checkInvariants(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if steps < 20 {
		t.Errorf("it was stopped at %d steps", steps)
	}
}

// stopAt brings a log to the present schema, and has the nth statement that changes something fail. killed is what a process
// would leave that ended there; it is empty if there are fewer.
func stopAt(t *testing.T, dir string, n int) (killed string, err error) {
	t.Helper()
	conn, err := openWriter(filepath.Join(dir, "sheaf.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { err = cmp.Or(err, conn.Close()) }()
	seen := 0
	if err := conn.SetAuthorizer(sqlite.AuthorizeFunc(func(a sqlite.Action) sqlite.AuthResult {
		switch a.Type() {
		case sqlite.OpAlterTable, sqlite.OpCreateTable, sqlite.OpCreateIndex, sqlite.OpInsert, sqlite.OpUpdate:
		default:
			return sqlite.AuthResultOK
		}
		if seen++; seen != n+1 {
			return sqlite.AuthResultOK
		}
		killed = leftBehind(t, dir)
		return sqlite.AuthResultDeny
	})); err != nil {
		t.Fatal(err)
	}
	s := &Store{dir: dir, log: slog.New(slog.DiscardHandler), formats: formats.Builtin(), guard: store.NewGuard(&handClock{}, datadir.Anchor{Dir: dir})}
	return killed, s.setUp(conn, Options{})
}
