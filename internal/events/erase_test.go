package events

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Of a record that was taken down its tombstone alone is left in the stream, and none of its bytes in the broker's files.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	s := embedded(t, dir, nil)
	c := inside(t, s)
	all := changes(1, 2000)
	const id = "oai:gateway.example.org:cold-war/secret"
	for _, i := range []int{49, 99, 1400} {
		all[i].Identifier, all[i].DC = id, []byte(`{"title":[{"value":"SECRET-TITLE"}]}`)
	}
	tomb := &all[1999]
	tomb.Identifier, tomb.Deleted, tomb.DC = id, pipeline.Takedown, nil
	last := publish(t, c, tail(t, c), all)
	if !inFiles(t, dir, "SECRET-TITLE") {
		t.Fatal("what was published is in no file of the broker")
	}
	tombstone := pipeline.Cursor{Epoch: tomb.Epoch, Seq: tomb.Seq}
	for range 2 { // again is nothing
		if err := c.Erase(t.Context(), tomb.Source, tomb.Identifier, tombstone); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.DeleteFunc(seqs(1, 2000), func(n int64) bool { return n == 50 || n == 100 || n == 1401 })
	if got := stored(t, s); !slices.Equal(got, want) {
		t.Errorf("the stream holds %d messages, want %d", len(got), len(want))
	}
	if inFiles(t, dir, "SECRET-TITLE") {
		t.Error("the broker's files still have what was taken down")
	}
	if got := tail(t, c); got != last {
		t.Errorf("the stream ends with %+v, want %+v", got, last)
	}
	publish(t, c, last, changes(2001, 2003))
}

// inFiles says whether a text is in a file below a folder.
func inFiles(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, []byte(text))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}
