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

// What was written down is read again, the last first, also behind a line that a killed process left.
func TestNoted(t *testing.T) {
	l := Open(t.TempDir())
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
	l := Open(t.TempDir())
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
