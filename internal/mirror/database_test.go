package mirror

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// TestTwoWriters: a program that is behind another one, which writes the same file, writes nothing.
func TestTwoWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	open := func() *Copy {
		c, err := Open(path, "https://gateway.example.org/", SQLite)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		return c
	}
	batch := func(seq int64) *follow.Batch {
		return &follow.Batch{
			Place:   follow.Place{Position: pipeline.At(pipeline.Cursor{Epoch: 1786000000000, Seq: seq}, 0), Pass: 7},
			Changes: []follow.Change{{Identifier: "oai:x:y/1", Seq: seq, Datestamp: time.Unix(1786000000, 0).UTC(), OAIDC: "<dc>" + strings.Repeat("x", int(seq)) + "</dc>"}},
		}
	}
	first, second := open(), open()
	for _, seq := range []int64{3, 4} {
		if err := first.Write(t.Context(), batch(seq)); err != nil {
			t.Fatal(err)
		}
	}
	was, records, err := first.Digest(t.Context())
	if err != nil || records != 1 {
		t.Fatal(records, err)
	}
	if err := second.Write(t.Context(), batch(2)); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("the second writer: %v", err)
	}
	third := open()
	if is, _, err := third.Digest(t.Context()); err != nil || is != was {
		t.Errorf("the file was changed: %v", err)
	}
	if third.Place().Seq != 4 {
		t.Errorf("it goes on at %s", third.Place())
	}
}
