package sqlite

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// limit lets the database grow to n pages more; without limit if n is negative.
func limit(t *testing.T, s *Store, n int64) {
	t.Helper()
	pages := int64(1 << 30)
	if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
		if n >= 0 {
			if err := one(conn, "PRAGMA page_count", nil, func(r *sqlite.Stmt) { pages = r.ColumnInt64(0) + n }); err != nil {
				return err
			}
		}
		return exec(conn, fmt.Sprint("PRAGMA max_page_count = ", pages))
	}); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull: a commit that finds no room gives an error, nothing of it is left, nothing before it
// is lost, readers read on, and with room again everything goes on from there.
func TestDiskFull(t *testing.T) {
	for _, room := range []int64{0, 1, 3, 8} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			clock := &handClock{}
			dir := t.TempDir()
			s := open(t, dir, clock)
			f := newFeed(t, s, "a")
			f.fill(s, 150, 0)
			limit(t, s, room)
			var err error
			want := contents(t, s)
			for content := 1; err == nil; content++ {
				if content > 1000 {
					t.Fatal("the disk was never full")
				}
				page := []pipeline.Change{change("a", content%150, content), change("a", 150+2*content, 0), change("a", 151+2*content, 0)}
				if err = f.commit(s, page...); err == nil {
					for _, c := range page {
						want[c.Identifier] = string(c.DC)
					}
				}
			}
			if sqlite.ErrCode(err) != sqlite.ResultFull {
				t.Fatalf("says %v", err)
			}
			clock.at += 5 * time.Second
			if got := contents(t, s); !maps.Equal(got, want) {
				t.Errorf("%d records on a full disk, want %d", len(got), len(want))
			}
			checkInvariants(t, s)
			checkInvariants(t, open(t, leftBehind(t, dir), clock))
			limit(t, s, -1)
			f.fill(s, 300, 7)
			checkInvariants(t, s)
			if got := contents(t, s); len(got) < 300 {
				t.Errorf("%d records with room again", len(got))
			}
		})
	}
}

// TestDiskFullAtOneStep: where a step in the middle of a write finds no room, SQLite ends the transaction. What the
// write would have done after that step is not done either, on its own.
func TestDiskFullAtOneStep(t *testing.T) {
	long := strings.Repeat("it takes pages of its own ", 10_000)
	for name, write := range map[string]func(*Store, *pipeline.Run, string) error{
		"a new epoch": func(s *Store, _ *pipeline.Run, text string) error {
			return s.beginEpoch(t.Context(), pipeline.Head{}, text)
		},
		"a new epoch above what was given out": func(s *Store, _ *pipeline.Run, text string) error {
			head, err := s.Head(t.Context())
			if err != nil {
				return err
			}
			head.Epoch, head.Seq = head.Epoch+1, head.Seq+1000
			return s.beginEpoch(t.Context(), head, text)
		},
		"a pass that a person accepts": func(s *Store, run *pipeline.Run, text string) error {
			return s.Accept(t.Context(), run, func(harvest.Cursor) harvest.Cursor { return harvest.Cursor(text) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &handClock{}
			dir := t.TempDir()
			s := open(t, dir, clock)
			f := newFeed(t, s, "a")
			f.fill(s, 150, 0)
			limit(t, s, 0)
			before := everything(t, s)
			at := f.run.Cursor
			if err := write(s, f.run, long); sqlite.ErrCode(err) != sqlite.ResultFull {
				t.Fatalf("says %v", err)
			}
			if f.run.Cursor != at {
				t.Error("the run goes on from a cursor that the log has not")
			}
			if d := cmp.Diff(before, everything(t, s)); d != "" {
				t.Errorf("what is stored (-before +after):\n%s", d)
			}
			checkInvariants(t, s)
			limit(t, s, -1)
			if err := write(s, f.run, "short"); err != nil {
				t.Errorf("with room again: %v", err)
			}
		})
	}
}

// everything is what the tables hold that are not as large as the log.
func everything(t *testing.T, s *Store) (rows []string) {
	t.Helper()
	if err := s.writer.do(t.Context(), func(conn *sqlite.Conn) error {
		for _, table := range []string{"log_head", "epoch", "meta", "second", "source", "run", "measure"} {
			if err := each(conn, "SELECT * FROM "+table, nil, func(r *sqlite.Stmt) error {
				row := table
				for i := range r.ColumnCount() {
					row += fmt.Sprintf(" %q", columnBytes(r, i))
				}
				rows = append(rows, row)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestDiskFullInGroups: of the pages that are put into one transaction, those that were acknowledged
// are there as a whole, and the others not at all.
func TestDiskFullInGroups(t *testing.T) {
	s := open(t, t.TempDir(), &handClock{})
	newFeed(t, s, "a").fill(s, 50, 0)
	limit(t, s, 40)
	want := contents(t, s)
	var mu sync.Mutex
	var wg sync.WaitGroup
	full := 0
	for i := range 10 {
		f := newFeed(t, s, fmt.Sprint("s", i))
		wg.Go(func() {
			for p := range 30 {
				page := []pipeline.Change{change(f.run.Source, 2*p, 0), change(f.run.Source, 2*p+1, 0)}
				err := f.commit(s, page...)
				mu.Lock()
				if err != nil {
					full++
				} else {
					for _, c := range page {
						want[c.Identifier] = string(c.DC)
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if full == 0 {
		t.Error("the disk was never full")
	}
	if got := contents(t, s); !maps.Equal(got, want) {
		t.Errorf("%d records, want the %d that were acknowledged", len(got), len(want))
	}
	checkInvariants(t, s)
	limit(t, s, -1)
	newFeed(t, s, "a").fill(s, 60, 1)
	checkInvariants(t, s)
}
