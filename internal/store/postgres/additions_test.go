package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
)

// beforePeers makes of a log what the first program made: it had no columns that say who is there, since when who works, and nothing of webhooks.
const beforePeers = `ALTER TABLE gateway DROP COLUMN place, DROP COLUMN beat, DROP COLUMN harvests; ALTER TABLE lease DROP COLUMN since, DROP COLUMN rest; DROP TABLE hook, letter;
	UPDATE meta SET value = '1' WHERE name = 'schema_version'`

// Two programs have the log open at once: the newer one adds what it needs, and the older one goes on with the statements that it has.
func TestVersionsSideBySide(t *testing.T) {
	base := pgtest.NewDatabase(t)
	older := open(t, base.DSN())
	run, err := older.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := older.Commit(t.Context(), page(run, "", 0, 3)); err != nil {
		t.Fatal(err)
	}
	if err := base.Exec(beforePeers); err != nil {
		t.Fatal(err)
	}
	var newer [2]*postgres.Store
	var both sync.WaitGroup
	for i := range newer { // they start at the same moment
		both.Go(func() {
			log, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Error(err)
				return
			}
			newer[i] = log
		})
	}
	both.Wait()
	for _, log := range newer {
		if log == nil {
			t.FailNow()
		}
		t.Cleanup(func() { log.Close() })
		if n, err := log.Check(t.Context(), true); err != nil || n != 3 {
			t.Errorf("%d records, %v", n, err)
		}
	}
	// What the older program says, word for word.
	if err := base.Exec(`INSERT INTO gateway (name, began) VALUES ('older', 1);
		INSERT INTO lease AS l (name, holder, until) VALUES ('work', 'older', (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 15000)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE l.holder = excluded.holder OR l.until < (extract(epoch FROM clock_timestamp()) * 1000)::bigint`); err != nil {
		t.Errorf("the older program can't work: %v", err)
	}
	if _, err := older.Commit(t.Context(), page(run, "1", 1, 3)); err != nil {
		t.Errorf("the older program can't write: %v", err)
	}
}

// A log that a newer program has added to is opened, and left as it is, as long as that program says that this one may write it.
func TestNewerTables(t *testing.T) {
	base := pgtest.NewDatabase(t)
	first := open(t, base.DSN())
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := base.Exec("UPDATE meta SET value = '99' WHERE name = 'schema_version'; ALTER TABLE source ADD COLUMN later TEXT NOT NULL DEFAULT ''"); err != nil {
		t.Fatal(err)
	}
	again := open(t, base.DSN())
	run, err := again.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Commit(t.Context(), page(run, "", 0, 3)); err != nil {
		t.Error(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := base.Exec("DO $$ BEGIN ASSERT (SELECT value FROM meta WHERE name = 'schema_version') = '99'; END $$"); err != nil {
		t.Errorf("the version of the tables was set back: %v", err)
	}
	if err := base.Exec("UPDATE meta SET value = '99' WHERE name = 'schema_oldest_writer'"); err != nil {
		t.Fatal(err)
	}
	if log, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: base.DSN(), Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("a log that this program may not write: %v, %v", log, err)
	}
}

// A gateway is known to the others while it is heard of, whatever its clock says, and a command that has opened the log is none.
func TestPeers(t *testing.T) {
	base := pgtest.NewDatabase(t)
	one, other, command := open(t, base.DSN()), open(t, base.DSN()), open(t, base.DSN())
	for _, log := range []*postgres.Store{one, other} {
		go func() { _ = log.Work(t.Context(), func(ctx context.Context) error { <-ctx.Done(); return nil }) }()
	}
	peers := func(want int) (all []store.Peer) {
		t.Helper()
		until(t, fmt.Sprint(want, " gateways to be heard of, and one of them to hold what it leads by"), func() bool {
			var err error
			if all, err = command.Peers(t.Context()); err != nil {
				t.Fatal(err)
			}
			holds := 0
			for _, p := range all {
				holds += len(p.Holds)
			}
			return len(all) == want && holds == 1 // it is heard of a moment before
		})
		return all
	}
	all := peers(2)
	if all[0].Self || all[1].Self || all[0].Place == "" {
		t.Errorf("%+v", all)
	}
	if err := base.Exec("UPDATE gateway SET beat = beat - 3600000, began = began + 3600 WHERE name NOT IN (SELECT holder FROM lease)"); err != nil {
		t.Fatal(err)
	}
	peers(2) // it says again that it is there
	until(t, "the one that leads to know it", func() bool { return one.Leads() || other.Leads() })
	if one.Leads() && other.Leads() {
		t.Error("both lead")
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	peers(1)
}
