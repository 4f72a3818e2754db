package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func openPooled(t *testing.T, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), t.TempDir(), postgres.Options{DSN: dsn, Pooled: true, Namespace: "a.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Two gateways behind a pooler have more clients than it has connections: these change hands after each transaction. A third
// gateway stands before the database itself. They have one log all the same.
func TestPooled(t *testing.T) {
	base := pgtest.NewDatabase(t)
	pooler := base.Server().Pool(t, 3)
	dsn := pooler.DSN(base)
	if err := postgres.Ask(t.Context(), postgres.Options{DSN: dsn, Pooled: true, Namespace: "a.example"}); err != nil {
		t.Fatal(err)
	}
	stores := []*postgres.Store{openPooled(t, dsn)}
	run, err := stores[0].Begin(t.Context(), "s0", nil)
	if err != nil {
		t.Fatal(err)
	}
	runs := []*pipeline.Run{run}
	if _, err := stores[0].Commit(t.Context(), page(run, "", 0, 1)); err != nil { // so that the log is not empty
		t.Fatal(err)
	}
	working, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	t.Cleanup(func() { stop(); all.Wait() })
	all.Go(func() { _ = stores[0].Work(working, func(ctx context.Context) error { <-ctx.Done(); return nil }) })

	stores = append(stores, openPooled(t, dsn), open(t, base.DSN()))
	for i, s := range stores {
		if epochs, err := s.Epochs(t.Context()); err != nil || len(epochs) != 1 {
			t.Fatalf("gateway %d, which joins another one, has begun an epoch: %v, %v", i, epochs, err)
		}
		if i == 0 {
			continue
		}
		run, err := s.Begin(t.Context(), fmt.Sprint("s", i), nil)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	const pages, records = 20, 7
	var committing sync.WaitGroup
	for i, s := range stores {
		committing.Go(func() {
			at := harvest.Cursor("")
			if i == 0 {
				at = "1"
			}
			for n := range pages {
				b := page(runs[i], at, 1+n, records)
				for j := range b.Changes {
					b.Changes[j].Identifier = fmt.Sprintf("oai:a.example:s%d/%d-%d", i, n, j)
					b.Changes[j].Sets = []string{fmt.Sprint("set", n)}
				}
				if _, err := s.Commit(t.Context(), b); err != nil {
					t.Errorf("gateway %d, page %d: %v", i, n, err)
					return
				}
				at = b.Next
			}
		})
		for range 4 {
			committing.Go(func() {
				for at := int64(0); at < pages*records*int64(len(stores)); {
					got, head, err := s.Read(t.Context(), at, 50)
					if err != nil {
						t.Errorf("gateway %d reads behind %d: %v", i, at, err)
						return
					}
					for _, r := range got {
						if r.Seq <= at || r.Seq > head.Seq {
							t.Errorf("gateway %d: %d behind %d, with the head at %d", i, r.Seq, at, head.Seq)
						}
						at = r.Seq
					}
				}
			})
		}
	}
	committing.Wait()
	for i, s := range stores {
		if n, err := s.Check(t.Context(), true); err != nil || n != 1+pages*records*int64(len(stores)) || s.Health() != nil {
			t.Errorf("gateway %d: %d records, %v, %v", i, n, err, s.Health())
		}
	}
	until(t, "the one that works to be seen", func() bool {
		peers, err := stores[1].Peers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(peers, func(p store.Peer) bool { return len(p.Holds) > 0 })
	})
}

// What a gateway has left behind in a database does not vouch for it, although the pooler still has its connection.
func TestPooledCopy(t *testing.T) {
	base := pgtest.NewDatabase(t)
	dsn := base.Server().Pool(t, 3).DSN(base)
	s := openPooled(t, dsn)
	run, err := s.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), page(run, "", 0, 1)); err != nil {
		t.Fatal(err)
	}
	if err := base.Exec("CREATE TABLE left_behind AS TABLE gateway"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := base.Exec("INSERT INTO gateway TABLE left_behind; DROP TABLE left_behind; UPDATE gateway SET beat = (extract(epoch FROM clock_timestamp()) * 1000)::bigint"); err != nil {
		t.Fatal(err)
	}
	if epochs, err := openPooled(t, dsn).Epochs(t.Context()); err != nil || len(epochs) != 2 {
		t.Errorf("a gateway that knows nothing of the log takes it for the present one: %v, %v", epochs, err)
	}
}

// A connection that is lost during COMMIT leaves no doubt behind a pooler either.
func TestPooledCommitCut(t *testing.T) {
	base := pgtest.NewDatabase(t)
	pooler := base.Server().Pool(t, 3)
	c := &cutter{to: pooler.Socket()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { c.serve(l) })
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	host, port, _ := net.SplitHostPort(l.Addr().String())
	commitsCut(t, c, openPooled(t, fmt.Sprintf("host=%s port=%s user=sheaf dbname=%s sslmode=disable", host, port, base.Name)))
}

// A gateway that is told of no pooler says so, and what to do.
func TestPoolerUntold(t *testing.T) {
	base := pgtest.NewDatabase(t)
	dsn := base.Server().Pool(t, 3).DSN(base)
	began := time.Now()
	err := postgres.Ask(t.Context(), postgres.Options{DSN: dsn, Namespace: "a.example"})
	if err == nil || !strings.Contains(err.Error(), "set store.pool_mode to transaction") {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
}

// A log is put into a database through a pooler too.
func TestPooledFill(t *testing.T) {
	base := pgtest.NewDatabase(t)
	f, err := postgres.Fill(t.Context(), postgres.Options{DSN: base.Server().Pool(t, 3).DSN(base), Pooled: true}, "a state")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := range 3 {
		if err := f.Add("meta", []string{"name", "value"}, [][]any{{fmt.Sprint("a", i), "1"}, {fmt.Sprint("b", i), "2"}}, int64(2*i+2), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if rows, place, err := f.Place("meta"); err != nil || rows != 6 || place != "2" {
		t.Errorf("%d rows, to %q: %v", rows, place, err)
	}
	if err := f.Finish(); err != nil {
		t.Error(err)
	}
}
