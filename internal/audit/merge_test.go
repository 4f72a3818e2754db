package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// note writes entries with these numbers, one a second.
func note(t *testing.T, l *Log, runs ...int64) {
	t.Helper()
	for _, run := range runs {
		e := Entry{At: time.Unix(1_800_000_000+run, 0).UTC(), What: Pause, Who: "alice", Run: run}
		if err := l.Note(e); err != nil {
			t.Fatal(err)
		}
	}
}

// noted are the numbers of all entries, the first one first.
func noted(t *testing.T, l *Log) string {
	t.Helper()
	all, err := l.Last(100_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range slices.Backward(all) {
		out = append(out, fmt.Sprint(e.Run))
	}
	return strings.Join(out, " ")
}

// What a backup carries and what is there become one: nothing is lost, and nothing doubled when it is merged again.
func TestMerge(t *testing.T) {
	old, now := Open(t.TempDir(), Bounds{Bytes: maxFile}), Open(t.TempDir(), Bounds{Bytes: maxFile})
	note(t, old, 1, 2, 2, 5) // what was done twice within a second is there twice
	note(t, now, 2, 5, 7, 8)
	carried, err := old.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := now.Merge(carried); err != nil {
			t.Fatal(err)
		}
		if got := noted(t, now); got != "1 2 2 5 7 8" {
			t.Errorf("merged: %s", got)
		}
	}
	empty := Open(t.TempDir(), Bounds{Bytes: maxFile})
	if err := empty.Merge(carried); err != nil || noted(t, empty) != "1 2 2 5" {
		t.Errorf("into none: %s, %v", noted(t, empty), err)
	}
	if err := now.Merge(nil); err != nil || noted(t, now) != "1 2 2 5 7 8" {
		t.Errorf("nothing was carried: %s, %v", noted(t, now), err)
	}
}

// What is too much for a file goes from the old end, and never the youngest.
func TestMergeWithinBounds(t *testing.T) {
	old, now := Open(t.TempDir(), Bounds{Bytes: maxFile}), Open(t.TempDir(), Bounds{Bytes: 2000})
	for run := range int64(50) {
		note(t, old, run)
	}
	note(t, now, 100, 101)
	carried, err := old.Lines()
	if err == nil {
		err = now.Merge(carried)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := noted(t, now)
	kept, err := now.Lines()
	if size := len(strings.Join(kept, "\n")) + 1; err != nil || size > 1000 || size < 900 || !strings.HasSuffix(got, " 48 49 100 101") {
		t.Errorf("%d bytes: %s, %v", size, got, err)
	}
}
