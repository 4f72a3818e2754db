package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// writing finds the statements in the server's log that write what a page brings.
var writing = regexp.MustCompile(`(?m)execute [^:]*: (INSERT INTO|UPDATE|DELETE FROM) (item|record|content|member|departure|alias|noted|held|quarantine)\b`)

// What a page writes takes as many statements for three hundred records as for one: each costs the server as much as what it does.
func TestStatementsOfAPage(t *testing.T) {
	server := primary(t, "log_statement=all")
	log := open(t, server.NewDatabase(t).DSN())
	run, err := log.Begin(t.Context(), "s", nil)
	if err != nil {
		t.Fatal(err)
	}
	written := func() int {
		said, err := os.ReadFile(filepath.Join(server.Dir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		return len(writing.FindAll(said, -1))
	}
	at := harvest.Cursor("")
	commit := func(records int, each func(i int, c *pipeline.Change)) int {
		t.Helper()
		b := page(run, at, 0, records)
		for i := range b.Changes {
			b.Changes[i].Sets = []string{"s", "s:one"}
			each(i, &b.Changes[i])
			b.Noted = append(b.Noted, pipeline.Noted{Identifier: b.Changes[i].Identifier, Memo: "v"})
		}
		at += "."
		b.Next = at
		before := written()
		if _, err := log.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		return written() - before
	}
	for _, step := range []struct {
		name string
		each func(turn byte) func(i int, c *pipeline.Change)
	}{
		{"new", func(turn byte) func(int, *pipeline.Change) {
			return func(i int, c *pipeline.Change) { c.Aliases = []string{c.Identifier + "/also"} }
		}},
		{"the same", func(turn byte) func(int, *pipeline.Change) { return func(int, *pipeline.Change) {} }},
		{"changed", func(turn byte) func(int, *pipeline.Change) {
			return func(i int, c *pipeline.Change) { c.Fingerprint[1] = turn }
		}},
		{"in another set", func(turn byte) func(int, *pipeline.Change) {
			return func(i int, c *pipeline.Change) { c.Sets, c.Fingerprint[2] = []string{"s", "s:two"}, turn }
		}},
		{"back again", func(turn byte) func(int, *pipeline.Change) {
			return func(i int, c *pipeline.Change) { c.Fingerprint[3] = turn }
		}},
		{"deleted", func(turn byte) func(int, *pipeline.Change) {
			return func(i int, c *pipeline.Change) { c.Deleted, c.Fingerprint[4] = pipeline.SourceDeleted, turn }
		}},
	} {
		one := commit(1, step.each(1))
		many := commit(300, step.each(2))
		if one < 1 || many > one+1 { // whether the one was there already may make a difference
			t.Errorf("%s: a page of one record makes %d statements, one of 300 makes %d", step.name, one, many)
		}
	}
	if n, err := log.Check(t.Context(), true); err != nil || n != 300 {
		t.Errorf("%d records, %v", n, err)
	}
}
