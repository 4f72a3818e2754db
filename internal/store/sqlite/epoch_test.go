package sqlite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestNewEpochServesAtOnce: a new epoch is one short transaction, whatever the size of the log, and shows
// every record under its first datestamp from there on. The digest is worked out behind it, also by one
// process after another that is killed, while commits go on.
func TestNewEpochServesAtOnce(t *testing.T) {
	clock := &handClock{}
	dir := t.TempDir()
	s := open(t, dir, clock)
	f := newFeed(t, s, "a")
	const n = 4*digestPage + digestPage/10 // and as many departures
	f.fill(s, n, 0)
	clock.at += time.Second
	f.fill(s, n, 1) // each leaves a departure behind
	if err := f.commit(s, pipeline.Change{Identifier: "oai:a.example:a/3", Deleted: pipeline.SourceDeleted, Fingerprint: pipeline.Hash{9}}); err != nil {
		t.Fatal(err)
	}
	clock.at += time.Second
	before, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, s)
	if err := s.beginEpoch(t.Context(), pipeline.Head{}, "a test says so"); err != nil {
		t.Fatal(err)
	}
	checkAbove(t, s, before)
	pages := 0
	for more := true; more; pages++ {
		t.Run(fmt.Sprint("after page ", pages), func(t *testing.T) {
			o := open(t, leftBehind(t, dir), clock)
			checkAbove(t, o, before)
			checkInvariants(t, o) // when the digest is worked out
			if got := contents(t, o); !maps.Equal(got, want) {
				t.Errorf("%d records, want %d as they were", len(got), len(want))
			}
			if epochs, err := o.Epochs(t.Context()); err != nil || len(epochs) != 2 {
				t.Errorf("epochs %v, %v: want no other one", epochs, err)
			}
		})
		if pages == 1 || pages == 3 { // a harvest goes on meanwhile: records change that are in the digest, and others
			clock.at += time.Second
			for _, c := range []pipeline.Change{change("a", 0, 2), change("a", n-1, 5), change("a", n+pages, 0)} {
				if err := f.commit(s, c); err != nil {
					t.Fatal(err)
				}
				want[c.Identifier] = string(c.DC)
			}
		}
		if more, err = s.digestSome(); err != nil {
			t.Fatal(err)
		}
	}
	if pages < 5 {
		t.Errorf("worked out in %d pages: nothing was between them", pages)
	}
	checkInvariants(t, s)
	checkAbove(t, s, before)
}

// checkAbove checks that everything in the log is stamped above a head of an earlier epoch, and
// comes to a harvester that asks for what has changed since.
func checkAbove(t *testing.T, s *Store, above pipeline.Head) {
	t.Helper()
	repository := &endpoint.Repository{Log: s}
	for _, set := range []string{"", "a", "a:c0", "a:c1"} {
		count := func(from time.Time) (n int) {
			if _, err := repository.List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", Set: set, From: from}, func(r *oaipmh.Record) bool {
				n++
				if !r.Datestamp.After(above.Datestamp) {
					t.Errorf("%s in %q is stamped %v, not above %v", r.Identifier, set, r.Datestamp, above.Datestamp)
				}
				return true
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if all, since := count(time.Time{}), count(above.Datestamp.Add(time.Second)); all != since || all == 0 {
			t.Errorf("%d in %q, of which %d are new", all, set, since)
		}
	}
}

// TestOlderFiles puts older copies of the files in the place of the present ones, as people do.
func TestOlderFiles(t *testing.T) {
	for _, test := range []struct {
		name     string
		running  bool // the copy was made while the log was open: with its write-ahead log
		mark     string
		newEpoch bool
	}{
		{"closed, mark kept", false, "kept", true},
		{"running, mark kept", true, "kept", true},
		{"closed, no mark", false, "none", true},
		{"running, no mark", true, "none", true},
		{"closed, mark of nonsense", false, "nonsense", true},
		{"the same files, mark kept", false, "same", false},
		{"another log, mark kept", false, "another", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := &handClock{}
			dir := t.TempDir()
			s := open(t, dir, clock)
			f := newFeed(t, s, "a")
			f.fill(s, 30, 0)
			f.fill(s, 20, 1)
			older := leftBehind(t, dir)
			if !test.running {
				o := open(t, older, clock)
				if err := o.Close(); err != nil {
					t.Fatal(err)
				}
			}
			want := contents(t, s)
			f.fill(s, 40, 2)
			clock.at += 30 * time.Second
			given, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if test.mark == "same" {
				older, want = leftBehind(t, dir), contents(t, open(t, leftBehind(t, dir), clock))
			}
			if test.mark == "another" {
				older = t.TempDir()
				clock.at += time.Second
				o := open(t, older, clock)
				newFeed(t, o, "a").fill(o, 90, 7)
				want = contents(t, o)
				if err := o.Close(); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"sheaf.db", "sheaf.db-wal", "sheaf.db-shm"} {
				if err := ignoreMissing(os.Remove(filepath.Join(dir, name))); err != nil {
					t.Fatal(err)
				}
			}
			copyTo(t, dir, older, "sheaf.db", "sheaf.db-wal")
			switch mark := filepath.Join(dir, datadir.HighwaterName); test.mark {
			case "none":
				err = os.Remove(mark)
			case "nonsense":
				err = os.WriteFile(mark, []byte("\x00\x00\x00"), 0o640)
			}
			if err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, clock)
			head, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if (head.Epoch > given.Epoch) != test.newEpoch {
				t.Errorf("head %+v; %+v was given out", head, given)
			}
			if test.newEpoch && !head.Datestamp.After(given.Datestamp) && test.mark != "none" && test.mark != "nonsense" {
				t.Errorf("head %+v; %+v was given out", head, given)
			}
			if head.Datestamp.Before(given.Datestamp) {
				t.Errorf("head %v; %v was given out", head.Datestamp, given.Datestamp)
			}
			if got := contents(t, s); !maps.Equal(got, want) {
				t.Errorf("%d records, want %d", len(got), len(want))
			}
			checkInvariants(t, s)
			// Once it has begun, the epoch lasts.
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if again, err := open(t, dir, clock).Head(t.Context()); err != nil || again.Cursor != head.Cursor {
				t.Errorf("head %+v when opened again, want %+v; %v", again, head, err)
			}
		})
	}
}

// TestRestore restores a backup that was made while pages were written: each page is in it as a
// whole or not at all.
func TestRestore(t *testing.T) {
	clock := &handClock{}
	dir := t.TempDir()
	s := open(t, dir, clock)
	file := filepath.Join(t.TempDir(), "backup")
	f := newFeed(t, s, "a")
	f.fill(s, 200, 0)
	ctx, cancel := context.WithCancel(t.Context())
	backup := make(chan error, 1)
	go func() { backup <- s.Backup(ctx, file); cancel() }()
	for content := 1; ctx.Err() == nil; content++ {
		if err := f.commit(s, change("a", 1, content), change("a", 199, content)); err != nil {
			t.Error(err)
			break
		}
	}
	if err := <-backup; err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), file); !errors.Is(err, os.ErrExist) {
		t.Errorf("a backup over a file that is there: %v", err)
	}
	if err := Restore(t.Context(), dir, file); !errors.Is(err, datadir.ErrInUse) {
		t.Errorf("a restore into a folder in use: %v", err)
	}
	f.fill(s, 200, 3)
	clock.at += 10 * time.Second
	given, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lost := contents(t, s)
	killed := leftBehind(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	for range 2 { // a second restore keeps what the first one made, too
		if err := Restore(t.Context(), killed, file); err != nil {
			t.Fatal(err)
		}
		s = open(t, killed, clock)
		head, err := s.Head(t.Context())
		if err != nil || head.Epoch <= given.Epoch || head.Seq < given.Seq || !head.Datestamp.After(given.Datestamp) {
			t.Errorf("head %+v after a restore, %v; %+v was given out", head, err, given)
		}
		given = head
		checkInvariants(t, s)
		got := contents(t, s)
		first, _, _ := strings.Cut(got["oai:a.example:a/1"], " of ")
		second, _, _ := strings.Cut(got["oai:a.example:a/199"], " of ")
		if len(got) != 200 || first != second || first == "" {
			t.Errorf("%d records; half a page is in the backup: %q, %q", len(got), first, second)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	was := t.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		if err := ignoreMissing(os.Rename(filepath.Join(killed, "sheaf.db.before-restore-1"+suffix), filepath.Join(was, "sheaf.db"+suffix))); err != nil {
			t.Fatal(err)
		}
	}
	if got := contents(t, open(t, was, clock)); !maps.Equal(got, lost) {
		t.Errorf("%d records in the log that was put aside, want %d", len(got), len(lost))
	}
}
