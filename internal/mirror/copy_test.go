package mirror

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// TestLastOfABatch: of a record that a batch has more than once, the last state is kept, in every form.
func TestLastOfABatch(t *testing.T) {
	for _, form := range []Form{XML, JSON, SQLite} {
		t.Run(string(form), func(t *testing.T) {
			c, err := Open(filepath.Join(t.TempDir(), "copy"), "https://gateway.example.org/", form)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			b := &follow.Batch{Place: follow.Place{Position: pipeline.At(pipeline.Cursor{Epoch: 1786000000000, Seq: 400}, 0), Pass: 7}}
			var want pipeline.Digest
			for state := range 4 {
				for id := range 100 { // the last state of each second one is that it is deleted
					one := follow.Change{Identifier: fmt.Sprintf("oai:x:y/%d", id), Operation: follow.Upserted, Datestamp: time.Unix(1786000000, 0).UTC(), OAIDC: fmt.Sprintf("<dc>%d</dc>", state)}
					if state%2 == 1 && id%2 == 1 {
						one.Operation = follow.Deleted
					} else if state == 3 {
						want.Add(one.Identifier, one.Datestamp, []byte(one.OAIDC))
					}
					b.Changes = append(b.Changes, one)
				}
			}
			if err := c.Write(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if got, records, err := c.Digest(t.Context()); err != nil || got != want || records != 50 {
				t.Errorf("%d records, digest %x, want %x: %v", records, got, want, err)
			}
		})
	}
}

// TestDeletedFirst: a batch may begin with tombstones of records that the copy never had.
func TestDeletedFirst(t *testing.T) {
	for _, form := range []Form{XML, JSON, SQLite} {
		t.Run(string(form), func(t *testing.T) {
			c, err := Open(filepath.Join(t.TempDir(), "copy"), "https://gateway.example.org/", form)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			b := &follow.Batch{Place: follow.Place{Position: pipeline.At(pipeline.Cursor{Epoch: 1786000000000, Seq: 800}, 0), Pass: 7}}
			for id := range 800 { // so many that tombstones and records share their subfolders
				one := follow.Change{Identifier: fmt.Sprintf("oai:x:y/%d", id), Operation: follow.Deleted, Datestamp: time.Unix(1786000000, 0).UTC()}
				if id >= 400 {
					one.Operation, one.OAIDC = follow.Upserted, "<dc/>"
				}
				b.Changes = append(b.Changes, one)
			}
			if err := c.Write(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if _, records, err := c.Digest(t.Context()); err != nil || records != 400 {
				t.Errorf("%d records, want 400: %v", records, err)
			}
		})
	}
}

// TestFolderIsLocked: a second program can't write a folder until the first one has let go of it.
func TestFolderIsLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	open := func() (*Copy, error) { return Open(dir, "https://gateway.example.org/", XML) }
	first, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("the second one: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	third, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Close(); err != nil {
		t.Error(err)
	}
}
