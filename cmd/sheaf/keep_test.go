package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What the configuration bounds is forgotten at the end of a harvest: the oldest first, and never without a word.
func TestKeep(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("id,name\n1,Timber\n")
	for i := range 150 {
		fmt.Fprintf(&rows, ",Nameless %d\n", i)
	}
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: test.example.org}\nkeep: {runs: {count: 10}, quarantine: {count: 100}, audit: {bytes: 64KiB}}\n" +
			"sources:\n  books: {kind: files, from: \"*.csv\", key: id, mapping: books.map}\n",
		"books.map": "format csv\ntitle from name\n",
		"1.csv":     rows.String(),
	})
	holds(t, "the summary", want(t, exitLook, "harvest", "books").stdout, "1 new", "150 rejected", "50 of the items in quarantine were forgotten", "keep.quarantine")
	holds(t, "status", want(t, exitLook, "status").stdout, "100 items are in quarantine", "50 of the items in quarantine were forgotten")
	if n := strings.Count(want(t, exitLook, "quarantine", "list", "--json").stdout, `"number"`); n != 100 {
		t.Errorf("%d items are in quarantine, want 100", n)
	}
	for range 10 {
		want(t, exitDone, "harvest", "books")
	}
	if n := strings.Count(want(t, exitDone, "runs", "books", "--limit", "1000", "--json").stdout, `"run"`); n != 10 {
		t.Errorf("%d runs are kept, want 10", n)
	}
	for range 200 {
		want(t, exitDone, "pause", "books", "--reason", strings.Repeat("why ", 200))
	}
	var size int64
	for _, name := range []string{"audit.ndjson", "audit.1.ndjson"} {
		info, err := os.Stat("sheaf-data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 64<<10 || size < 32<<10 {
		t.Errorf("the audit log has %d bytes", size)
	}
}
