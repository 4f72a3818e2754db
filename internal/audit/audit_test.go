package audit

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const maxFile = 4 << 20

// What was written down is read again, the last first, also behind a line that a killed process left.
func TestNoted(t *testing.T) {
	l := Open(t.TempDir(), Bounds{Bytes: maxFile * 2})
	if got, err := l.Last(10); err != nil || len(got) != 0 {
		t.Fatalf("of nothing: %v, %v", got, err)
	}
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	first := Entry{At: at, What: Approve, Who: "alice", Via: ByPages, Source: "letters", Run: 7}
	second := Entry{At: at, What: Takedown, Who: "bob", Via: ByCommand, Record: "oai:x:y/1", Reason: "line\nbreak \"quoted\""}
	if err := l.Note(first); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.dir, name)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(`{"at":"2026-11-`)
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = l.Note(second)
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Last(10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Entry{second, first}, got); diff != "" {
		t.Error(diff)
	}
	if got, err := l.Last(1); err != nil || len(got) != 1 || got[0].Who != "bob" {
		t.Errorf("the last one: %v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

// However much is written by however many, the files stay bounded, and nothing of the last is lost.
func TestBounded(t *testing.T) {
	l := Open(t.TempDir(), Bounds{Bytes: maxFile * 2})
	text := strings.Repeat("why? ", maxText)
	var wg sync.WaitGroup
	const writers, each = 4, 400
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := l.Note(Entry{What: Drop, Who: strconv.Itoa(w), Run: int64(i), Reason: text, More: text, File: text, Record: text}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var size int64
	files, err := os.ReadDir(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 2*maxFile || size < maxFile {
		t.Errorf("%d bytes are kept of a bound of two files of %d", size, maxFile)
	}
	got, err := l.Last(100)
	if err != nil || len(got) != 100 {
		t.Fatal(len(got), err)
	}
	last := map[string]int64{}
	for _, e := range got {
		if had, met := last[e.Who]; met && e.Run != had-1 {
			t.Fatalf("the entries of %s jump from %d to %d", e.Who, had, e.Run)
		}
		last[e.Who] = e.Run
	}
}

// What is older than the bound is not shown any more, and leaves the disk when something is written.
func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	l := Open(t.TempDir(), Bounds{Bytes: maxFile, Age: 30 * day})
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return now }
	for i := range 100 { // one a day
		if err := l.Note(Entry{What: Pause, Who: "alice", Run: int64(i + 1)}); err != nil {
			t.Fatal(err)
		}
		got, err := l.Last(1000)
		if want := min(i+1, 31); err != nil || len(got) != want || got[0].Run != int64(i+1) {
			t.Fatalf("on day %d %d entries are shown, want %d: %v", i+1, len(got), want, err)
		}
		stored := &Log{dir: l.dir, now: l.now} // without bounds
		all, err := stored.Last(1000)
		if err != nil || len(all) > 62 {
			t.Fatalf("on day %d %d entries are on the disk: %v", i+1, len(all), err)
		}
		now = now.Add(day)
	}
}
