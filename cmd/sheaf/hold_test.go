package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// configure writes a line below the source of a shelf.
func (s *shelf) configure(t *testing.T, line string) {
	t.Helper()
	replaceIn(t, "sheaf.yaml", "{kind: oai, ", "{kind: oai, "+line+", ")
}

func replaceIn(t *testing.T, file, old, text string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(b), old, text, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// waits gives the number of the run for which a decision is waited.
func waits(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^(\d+) +up `).FindStringSubmatch(want(t, exitLook, "pending").stdout)
	if m == nil {
		t.Fatal("nothing is pending")
	}
	return m[1]
}

// A source that deletes many of its records at once deletes none, until a person has said so of just these.
func TestMassDeletion(t *testing.T) {
	s := newShelf(t, 3000)
	want(t, exitDone, "harvest", "up")
	want(t, exitDone, "pending")
	s.set(func() { s.gone = 100 })
	holds(t, "few", want(t, exitDone, "harvest", "up", "--full").stdout, "up: complete", "100 deleted")
	s.set(func() { s.gone, s.records = 1500, 3100 })
	r := want(t, exitLook, "harvest", "up", "--full")
	holds(t, "the harvest", r.stdout, "up: held: 100 new", "0 deleted", "1400 records would be deleted, of 3000", "sheaf pending 3")
	if src := status(t).Sources[0]; src.Records != 3000 || src.State != "held" || src.Held.Deletions != 1400 {
		t.Errorf("%+v", src)
	}
	holds(t, "the status", want(t, exitLook, "status").stdout, "1400 records would be deleted, of 3000")
	run := waits(t)
	holds(t, "the list", want(t, exitLook, "pending", run).stdout, "be deleted (source-deleted)", "oai:test.example.org:up/", "… and more")
	if n := strings.Count(want(t, exitLook, "pending", run, "--all").stdout, "source-deleted"); n != 1400 {
		t.Errorf("%d records are listed", n)
	}

	// The next harvest says the same, and a number that nobody was shown approves nothing.
	want(t, exitLook, "harvest", "up", "--full")
	if again := waits(t); again != run {
		t.Errorf("run %s waits after the same harvest, was %s", again, run)
	}
	holds(t, "another number", want(t, exitFailed, "approve", "99").stderr, "nothing waits with run 99")
	s.set(func() { s.gone = 1600 })
	want(t, exitLook, "harvest", "up", "--full")
	want(t, exitFailed, "approve", run)
	run = waits(t)
	holds(t, "the decision", want(t, exitDone, "approve", run, "--by", "ada").stdout, "up: 1500 deleted")
	if src := status(t).Sources[0]; src.Records != 1500 || src.Deleted != 1600 || src.State != "ok" {
		t.Errorf("%+v", src)
	}
	holds(t, "the decisions", want(t, exitDone, "pending", "--decided").stdout, "ada", "approved", "1500")
	want(t, exitDone, "harvest", "up", "--full")
	want(t, exitDone, "status")
}

// What a person refuses stays, whatever the source goes on saying, until it is taken as it is.
func TestRefusedDeletion(t *testing.T) {
	s := newShelf(t, 1000)
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.gone = 1000 })
	want(t, exitLook, "harvest", "up", "--full")
	holds(t, "the decision", want(t, exitDone, "refuse", waits(t)).stdout, "up: 1000 records stay as they are")
	want(t, exitDone, "status")
	want(t, exitDone, "harvest", "up", "--full")
	want(t, exitDone, "pending")
	if src := status(t).Sources[0]; src.Records != 1000 {
		t.Errorf("%+v", src)
	}
	holds(t, "the person's word", want(t, exitDone, "harvest", "up", "--full", "--accept").stdout, "up: complete", "1000 deleted")
}

// A share is one of the live records: tombstones that a repository goes on listing are none.
func TestShareOfLiveRecords(t *testing.T) {
	s := newShelf(t, 3000)
	s.configure(t, "hold: {deleted: 10%}")
	s.set(func() { s.gone = 2000 })
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.gone = 2150 })
	holds(t, "the harvest", want(t, exitLook, "harvest", "up", "--full").stdout, "150 records would be deleted, of 1000")
	holds(t, "another number", want(t, exitFailed, "refuse", "99").stderr, "nothing waits with run 99", "sheaf pending shows what waits now\n")
}

// hold: says how many, and of what.
func TestHoldAsConfigured(t *testing.T) {
	s := newShelf(t, 1000)
	s.configure(t, "hold: {deleted: 1%}")
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.gone = 11 })
	holds(t, "the harvest", want(t, exitLook, "harvest", "up", "--full").stdout, "11 records would be deleted")
	replaceIn(t, "sheaf.yaml", "deleted: 1%", "deleted: never")
	holds(t, "never", want(t, exitDone, "harvest", "up", "--full").stdout, "11 deleted")
}

// Records that a source gives no more stay, or are deleted after as many full harvests as it is configured.
func TestAbsentRecords(t *testing.T) {
	s := newShelf(t, 1000)
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.records = 950 })
	for range 3 {
		holds(t, "without absent", want(t, exitDone, "harvest", "up", "--full").stdout, "0 deleted")
	}
	s.configure(t, "absent: {delete_after: 5, ask_above: 40}")
	holds(t, "the fourth time", want(t, exitDone, "harvest", "up", "--full").stdout, "0 deleted")
	holds(t, "the fifth time", want(t, exitLook, "harvest", "up", "--full").stdout, "50 records would be deleted, of 1000")
	holds(t, "the list", want(t, exitLook, "pending", waits(t)).stdout, "be deleted (absent)")
	want(t, exitDone, "approve", waits(t))
	if src := status(t).Sources[0]; src.Records != 950 || src.Deleted != 50 {
		t.Errorf("%+v", src)
	}
	s.set(func() { s.records = 1000 })
	holds(t, "they come again", want(t, exitDone, "harvest", "up", "--full").stdout, "50 changed")
}
