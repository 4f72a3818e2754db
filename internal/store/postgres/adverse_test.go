package postgres_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// run does statements in a database.
func run(t *testing.T, exec func(string) error, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// Whatever keeps the server from taking changes while a gateway runs, the page is refused in words that say what to do, also
// by what readiness asks; nothing of it is in the log; and when the fault is gone the same page is taken, once.
func TestServerThatTakesNoChanges(t *testing.T) {
	for _, test := range []struct {
		name        string
		begin, end  string // statements, run in the database
		want        string
		reconnected bool // the fault shows only to new connections
	}{
		// As after a failover, when the primary comes back as a replica.
		{"ReadOnly", "ALTER ROLE %r SET default_transaction_read_only = on", "ALTER ROLE %r RESET default_transaction_read_only", "the DSN must lead to the primary", true},
		{"NoConnectionLeft", "ALTER ROLE %r CONNECTION LIMIT 0", "ALTER ROLE %r CONNECTION LIMIT -1", "raise max_connections", true},
		{"DiskFull", `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
			CREATE TRIGGER full_disk BEFORE INSERT ON record EXECUTE FUNCTION full_disk()`,
			"DROP TRIGGER full_disk ON record", "the disk of the database is full", false},
		{"NoRights", "ALTER TABLE record OWNER TO sheaf", "ALTER TABLE record OWNER TO %r", "let the gateway's role read and write", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			base := pgtest.NewDatabase(t)
			role := "role_" + base.Name
			as := func(s string) string { return strings.ReplaceAll(s, "%r", role) }
			run(t, base.Exec, as("CREATE ROLE %r LOGIN"), as("GRANT CREATE ON SCHEMA public TO %r"))
			t.Cleanup(func() { run(t, base.Exec, as("DROP OWNED BY %r CASCADE"), as("DROP ROLE %r")) })
			s := open(t, base.DSN()+" user="+role)
			r, err := s.Begin(t.Context(), "s", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Commit(t.Context(), page(r, "", 0, 3)); err != nil {
				t.Fatal(err)
			}

			run(t, base.Exec, as(test.begin))
			if test.reconnected {
				if err := base.Disconnect(); err != nil {
					t.Fatal(err)
				}
			}
			said := ""
			for deadline := time.Now().Add(time.Minute); !strings.Contains(said, test.want); {
				// The first try may meet only that its connection was ended.
				_, err := s.Commit(t.Context(), page(r, "1", 1, 3))
				if err == nil {
					t.Fatal("the page was taken")
				}
				if h := s.Health(); h != nil {
					said = h.Error()
				}
				if time.Now().After(deadline) {
					t.Fatalf("what is said is %q (%v); want %q", said, err, test.want)
				}
			}

			run(t, base.Exec, as(test.end))
			if test.reconnected {
				if err := base.Disconnect(); err != nil {
					t.Fatal(err)
				}
			}
			var receipt *pipeline.Receipt
			for deadline := time.Now().Add(time.Minute); ; {
				if receipt, err = s.Commit(t.Context(), page(r, "1", 1, 3)); err == nil {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("the page is not taken when the fault is gone: %v", err)
				}
			}
			var n int64
			until(t, "a reader whose connection was not ended", func() bool { n, err = s.Check(t.Context(), true); return err == nil })
			if n != 6 || receipt.Head.Seq != 6 {
				t.Errorf("%d records, head %v", n, receipt.Head.Cursor)
			}
			// What was asked beside, while the fault was there, may be told of a moment later.
			until(t, "the log to be well", func() bool { return s.Health() == nil })
		})
	}
}

// A gateway whose clock is not that of the database commits nothing until both are right: nobody knows which of them is wrong.
func TestClocksThatDiffer(t *testing.T) {
	base := pgtest.NewDatabase(t)
	s := open(t, base.DSN()+" options='-c search_path=public,pg_catalog'")
	r, err := s.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), page(r, "", 0, 1)); err != nil {
		t.Fatal(err)
	}
	run(t, base.Exec, `CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
		$$ SELECT pg_catalog.clock_timestamp() + interval '10 minutes' $$`)
	if err := base.Disconnect(); err != nil { // so that no plan is left that has the other function
		t.Fatal(err)
	}
	var refused error
	for deadline := time.Now().Add(time.Minute); !errors.Is(refused, pipeline.ErrPaused); {
		if _, refused = s.Commit(t.Context(), page(r, "1", 1, 1)); refused == nil || time.Now().After(deadline) {
			t.Fatalf("with a clock that is ten minutes off: %v", refused)
		}
	}
	if !strings.Contains(refused.Error(), "differ by 10m0s") {
		t.Error(refused)
	}
	run(t, base.Exec, "DROP FUNCTION public.clock_timestamp()")
	if err := base.Disconnect(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err = s.Commit(t.Context(), page(r, "1", 1, 1)); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("when the clocks are right again: %v", err)
		}
	}
	head, err := s.Head(t.Context())
	if err != nil || head.Seq != 2 || head.Datestamp.After(time.Now().Add(time.Minute)) {
		t.Errorf("the head is %v, %v", head, err)
	}
}

// A replica that is given as the primary is refused, and nothing is written there.
func TestReplicaAsPrimary(t *testing.T) {
	server := primary(t)
	dsn := "host=" + server.Dir() + " user=sheaf dbname=postgres"
	if err := open(t, dsn).Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.BecomeReplica(); err != nil {
		t.Fatal(err)
	}
	refused(t, dsn, "a.example", "is a read-only replica; the DSN must lead to the primary")
}

// A slow carries connections to a server that is far away.
type slow struct {
	to    string
	delay time.Duration // one way
	turns atomic.Int64  // how often a client has sent something after it had heard something
}

func (s *slow) serve(l net.Listener) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("unix", s.to)
		if err != nil {
			in.Close()
			continue
		}
		var heard atomic.Bool
		heard.Store(true)
		all.Go(func() {
			s.carry(out, in, func() {
				if heard.Swap(false) {
					s.turns.Add(1)
				}
			})
		})
		all.Go(func() { s.carry(in, out, func() { heard.Store(true) }) })
	}
}

// carry carries what one side says to the other, late but in order, however much is on its way.
func (s *slow) carry(to, from net.Conn, said func()) {
	type piece struct {
		due   time.Time
		bytes []byte
	}
	way := make(chan piece, 1<<12)
	var all sync.WaitGroup
	all.Go(func() {
		defer to.Close()
		for p := range way {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.bytes); err != nil {
				from.Close()
			}
		}
	})
	for {
		buf := make([]byte, 1<<14)
		n, err := from.Read(buf)
		if n > 0 {
			said()
			way <- piece{time.Now().Add(s.delay), buf[:n]}
		}
		if err != nil {
			break
		}
	}
	close(way)
	all.Wait()
	from.Close()
}

// The database is 100 ms away: each page costs a few round trips, however many records are in it, and two gateways, one of them
// near, still have one log.
func TestSlowLine(t *testing.T) {
	base := pgtest.NewDatabase(t)
	dir, err := os.MkdirTemp("", "slow") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	line := &slow{to: filepath.Join(base.Server().Dir(), ".s.PGSQL.5432"), delay: 50 * time.Millisecond}
	var serving sync.WaitGroup
	serving.Go(func() { line.serve(l) })
	t.Cleanup(func() { l.Close(); serving.Wait() })

	far := open(t, "host="+dir+" user=sheaf dbname="+base.Name)
	near := open(t, base.DSN())
	stores := []*postgres.Store{far, near}
	runs := make([]*pipeline.Run, len(stores))
	for i, s := range stores {
		if runs[i], err = s.Begin(t.Context(), []string{"s", "t"}[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(i int, at harvest.Cursor, number, records int) *pipeline.Batch {
		b := page(runs[i], at, number, records)
		for j := range b.Changes {
			b.Changes[j].Identifier += "-" + runs[i].Source
		}
		if _, err := stores[i].Commit(t.Context(), b); err != nil {
			t.Fatalf("%s, page %d: %v", runs[i].Source, number, err)
		}
		return b
	}
	at := []harvest.Cursor{"", ""}
	costs := map[int]int64{}
	for n, records := range []int{1, 1, 200, 1} { // the first ones make lists and read what never changes
		before := line.turns.Load()
		at[0] = commit(0, at[0], n, records).Next
		costs[n] = line.turns.Load() - before
		at[1] = commit(1, at[1], n, 5).Next
	}
	t.Logf("turns a page: %v", costs)
	// What the gateway asks beside, such as for what the other one has written, is among them.
	if most := costs[3] + 30; costs[2] > most {
		t.Errorf("a page of 200 records takes %d turns on the line, one of a record %d", costs[2], costs[3])
	}
	// So does the question what the log has of them, before.
	asks := make([]pipeline.Ask, 200)
	for i, c := range page(runs[0], "", 2, len(asks)).Changes {
		asks[i] = pipeline.Ask{Identifier: c.Identifier + "-s", Aliases: []string{"oai:a.example:s/none"}, Input: pipeline.Hash{9}, Memo: true, Sets: true}
	}
	before := line.turns.Load()
	known, err := far.Known(t.Context(), asks)
	if err != nil {
		t.Fatal(err)
	}
	turns := line.turns.Load() - before
	t.Logf("turns to look up: %d", turns)
	if turns > 100 {
		t.Errorf("to look up %d items takes %d turns on the line", len(asks), turns)
	}
	for i := range known {
		if known[i].Identifier != asks[i].Identifier || known[i].Owner == "" {
			t.Fatalf("of %s is known: %+v", asks[i].Identifier, known[i])
		}
	}
	for _, s := range stores {
		if n, err := s.Check(t.Context(), true); err != nil || n != 203+20 || s.Health() != nil {
			t.Errorf("%d records, %v, %v", n, err, s.Health())
		}
	}
}

// The server ends all connections, and readers have several that are idle: what is read next is read all the same.
func TestReadersWhoseConnectionsHaveEnded(t *testing.T) {
	base := pgtest.NewDatabase(t)
	log := open(t, base.DSN())
	for range 3 {
		var all, begun sync.WaitGroup
		begun.Add(4)
		for range 4 {
			all.Go(func() {
				came := sync.OnceFunc(begun.Done)
				defer came()
				if err := log.Snapshot(t.Context(), func(store.View) error {
					came()
					begun.Wait() // each has a connection of its own
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
		if err := base.Disconnect(); err != nil {
			t.Fatal(err)
		}
		if err := log.Snapshot(t.Context(), func(store.View) error { return nil }); err != nil {
			t.Fatalf("a reader after its connection has ended: %v", err)
		}
	}
}
