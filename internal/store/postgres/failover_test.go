package postgres_test

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres/pgtest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// rounds is how often a server is killed and its replica promoted; 100 by hand.
var rounds = flag.Int("rounds", 2, "how often servers are killed and promoted")

// A cluster is a primary with a replica.
type cluster struct {
	first, second *pgtest.Server
	dsn           string // of both, for whoever writes
}

func newCluster(t *testing.T, synchronous bool) *cluster {
	t.Helper()
	c := &cluster{first: primary(t)}
	c.second = c.first.Replicate(t, "second")
	c.dsn = fmt.Sprintf("host=%s,%s user=sheaf dbname=postgres target_session_attrs=read-write", c.first.Dir(), c.second.Dir())
	if synchronous {
		run(t, c.first.Exec, "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (second)'", "SELECT pg_reload_conf()")
	}
	return c
}

// A committer commits page after page of a source, and goes on where the source is after each fault.
type committer struct {
	log    *postgres.Store
	source string
	mu     sync.Mutex
	kept   int // pages that were acknowledged
}

func (c *committer) commit(ctx context.Context) {
	var run *pipeline.Run
	for ctx.Err() == nil {
		if run == nil {
			began, err := c.log.Begin(ctx, c.source, nil)
			if err != nil {
				time.Sleep(20 * time.Millisecond)
				continue
			}
			run = began
		}
		number, _ := strconv.Atoi(string(run.Cursor))
		b := page(run, run.Cursor, number, 3)
		for i := range b.Changes {
			b.Changes[i].Identifier = fmt.Sprintf("oai:a.example:%s/%d-%d", c.source, number, i)
		}
		if _, err := c.log.Commit(ctx, b); err != nil {
			run = nil
			continue
		}
		next := *run
		next.Cursor = harvest.Cursor(strconv.Itoa(number + 1))
		run = &next
		c.mu.Lock()
		c.kept = max(c.kept, number+1)
		c.mu.Unlock()
	}
}

func (c *committer) pages() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}

// A follower reads the changes of one epoch, and holds each seq to be given out once.
type follower struct {
	log   *postgres.Store
	at    pipeline.Cursor
	has   map[string]int64
	fault string
}

func (f *follower) read(ctx context.Context) bool {
	got, err := f.log.Changes(ctx, pipeline.Wanted{After: f.at.Seq, Limit: 500, Bytes: 1 << 20})
	if err != nil {
		return false
	}
	switch {
	case f.at.Epoch == 0:
		f.at.Epoch = got.Head.Epoch
	case f.at.Epoch != got.Head.Epoch:
		f.fault = "a new epoch"
		return false
	case got.Head.Seq < f.at.Seq:
		f.fault = fmt.Sprintf("the head is %d, and %d was read", got.Head.Seq, f.at.Seq)
	}
	for _, r := range got.Records {
		if r.Seq <= f.at.Seq {
			f.fault = fmt.Sprintf("%d comes behind %d", r.Seq, f.at.Seq)
		}
		if was, ok := f.has[r.Identifier]; ok {
			f.fault = fmt.Sprintf("%s is at %d and %d", r.Identifier, was, r.Seq)
		}
		f.has[r.Identifier], f.at.Seq = r.Seq, r.Seq
	}
	return len(got.Records) > 0
}

// Two gateways with four committers, while the primary is killed and its synchronous replica promoted: whatever was acknowledged
// is there, once, for each follower, in the same epoch.
func TestPromoted(t *testing.T) {
	for round := range *rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			c := newCluster(t, true)
			stores := []*postgres.Store{open(t, c.dsn), open(t, c.dsn)}
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			t.Cleanup(func() { stop(); all.Wait() })
			var committers []*committer
			var followers []*follower
			for i, s := range stores {
				for j := range 2 {
					k := &committer{log: s, source: fmt.Sprintf("s%d%d", i, j)}
					committers = append(committers, k)
					all.Go(func() { k.commit(ctx) })
				}
				f := &follower{log: s, has: map[string]int64{}}
				followers = append(followers, f)
				all.Go(func() {
					for ctx.Err() == nil && f.fault == "" {
						if !f.read(ctx) {
							time.Sleep(5 * time.Millisecond)
						}
					}
				})
			}
			reach := func(pages int) {
				t.Helper()
				for _, k := range committers {
					for deadline, want := time.Now().Add(2*time.Minute), k.pages()+pages; k.pages() < want; time.Sleep(10 * time.Millisecond) {
						if time.Now().After(deadline) {
							t.Fatalf("%s stays at %d pages", k.source, k.pages())
						}
					}
				}
			}
			reach(3 + round%5)
			if err := c.first.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := c.second.Promote(); err != nil {
				t.Fatal(err)
			}
			reach(3)
			stop()
			all.Wait()
			for i, f := range followers {
				f.log = stores[i]
				for f.read(t.Context()) {
				}
				if f.fault != "" {
					t.Fatalf("follower %d: %s", i, f.fault)
				}
				for _, k := range committers {
					for n := range k.pages() {
						for j := range 3 {
							if id := fmt.Sprintf("oai:a.example:%s/%d-%d", k.source, n, j); f.has[id] == 0 {
								t.Errorf("follower %d lacks %s, which was acknowledged", i, id)
							}
						}
					}
				}
				if n, err := stores[i].Check(t.Context(), true); err != nil || n != int64(len(f.has)) || stores[i].Health() != nil {
					t.Errorf("gateway %d: %d records, %d of them followed, %v, %v", i, n, len(f.has), err, stores[i].Health())
				}
			}
			if epochs, err := stores[0].Epochs(t.Context()); err != nil || len(epochs) != 1 {
				t.Errorf("epochs: %v, %v", epochs, err)
			}
		})
	}
}

// A replica for which no commit waits was held back and is promoted: what it lacks was handed out, so a new epoch begins before
// any seq is given out again; whoever of the gateways comes first, and also where the one that knows what is lost is gone.
func TestPromotedBehind(t *testing.T) {
	for round := range *rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			c := newCluster(t, false)
			knows, unaware := open(t, c.dsn), open(t, c.dsn)
			run, err := knows.Begin(t.Context(), "s", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := knows.Commit(t.Context(), page(run, "", 0, 3)); err != nil {
				t.Fatal(err)
			}
			caughtUp(t, c)
			if err := c.second.Kill(); err != nil {
				t.Fatal(err)
			}
			receipt, err := knows.Commit(t.Context(), page(run, "1", 1, 3))
			if err != nil {
				t.Fatal(err)
			}
			lost := receipt.Head
			if err := c.first.Kill(); err != nil {
				t.Fatal(err)
			}
			if round%2 == 1 {
				if err := knows.Close(); err != nil {
					t.Log(err) // it can't say good-bye to the database
				}
			}
			if err := c.second.Run(); err != nil {
				t.Fatal(err)
			}
			if err := c.second.Promote(); err != nil {
				t.Fatal(err)
			}
			writes := []*postgres.Store{unaware, knows}[:2-round%2]
			for i, s := range writes {
				var run *pipeline.Run
				for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
					if run, err = s.Begin(t.Context(), fmt.Sprint("t", i), nil); err == nil {
						break
					} else if time.Now().After(deadline) {
						t.Fatal(err)
					}
				}
				b := page(run, "", 0, 3)
				for j := range b.Changes {
					b.Changes[j].Identifier = fmt.Sprintf("oai:a.example:t/%d-%d", i, j)
				}
				receipt, err := s.Commit(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				if h := receipt.Head; h.Epoch <= lost.Epoch || h.Datestamp.Before(lost.Datestamp) {
					t.Errorf("gateway %d stores at %v of %v; what is lost was at %v of %v", i, h.Cursor, h.Datestamp, lost.Cursor, lost.Datestamp)
				}
			}
			for _, s := range writes {
				if n, err := s.Check(t.Context(), true); err != nil || n != 3+3*int64(len(writes)) {
					t.Errorf("%d records, %v", n, err)
				}
			}
			if epochs, err := unaware.Epochs(t.Context()); err != nil || len(epochs) != 2 {
				t.Errorf("epochs: %v, %v", epochs, err)
			}
		})
	}
}

// caughtUp waits until the replica has all that the primary has written.
func caughtUp(t *testing.T, c *cluster) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		err := c.first.Exec("DO $$ BEGIN ASSERT (SELECT count(*) = 1 AND bool_and(replay_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication); END $$")
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
