package search

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What is asked of the index for each record and each value is planned once: planning took longer than all else that writing a
// record takes.
func TestPlannedOnce(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "index"))
	planned := map[string]int{}
	if err := w.writer.SetAuthorizer(sqlite.AuthorizeFunc(func(a sqlite.Action) sqlite.AuthResult {
		planned[a.String()]++
		return sqlite.AuthResultOK
	})); err != nil {
		t.Fatal(err)
	}
	batch := func(revision int) {
		var changes []pipeline.Change
		for i := range 20 {
			changes = append(changes, record(fmt.Sprint(i),
				value(dublincore.Title, fmt.Sprintf("Letter %d, revision %d", i, revision)),
				value(dublincore.Creator, fmt.Sprintf("Author %d of %d", i, revision))))
		}
		w.commit(changes...)
		w.catchUp()
	}
	batch(1)
	batch(2) // the first that forgets something
	for a := range planned {
		delete(planned, a)
	}
	batch(3)
	for action, n := range planned {
		t.Errorf("planned again, %d times: %s", n, action)
	}
}

// Rows of the table has are written without a block of memory for each: blocks of 8 KB were most of what the index left to be
// collected as garbage.
func TestRowsShareABlock(t *testing.T) {
	const rows, most = 500, 4 << 10 // bytes a row
	w := newWorld(t, filepath.Join(t.TempDir(), "index"))
	has := shift{}
	for i := range int64(rows) {
		has.note([]int64{1 + i}, i, true)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	grown, err := has.write(w.writer)
	runtime.ReadMemStats(&after)
	if err != nil || len(grown) != rows || grown[1] != 1 {
		t.Fatalf("%d rows have grown, the first by %d, %v", len(grown), grown[1], err)
	}
	if a := (after.TotalAlloc - before.TotalAlloc) / rows; a > most {
		t.Errorf("a row takes %d bytes of memory, more than %d", a, most)
	}
	for value := range int64(rows) { // what was in the block before is in no other row
		have := set{}
		if err := have.read(w.writer, 1+value, 1+value); err != nil || have.size() != 1 || !have.has(value) {
			t.Errorf("value %d: %d records, %v", value, have.size(), err)
		}
	}
}
