package main

import (
	"os"
	"testing"
)

// What the mapping rejected is tried again with a mended mapping, without the source, which may be gone.
func TestQuarantineRetry(t *testing.T) {
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: test.example.org}\nsources:\n  rows: {kind: files, from: rows.jsonl, key: id, mapping: own.map}\n",
		"own.map":    "format json\ntitle from title\n",
		"rows.jsonl": `{"id":"1","title":"Brief"}` + "\n" + `{"id":"2","titel":"Karte"}` + "\n" + `{"id":"3","nix":1}` + "\n",
	})
	holds(t, "the harvest", want(t, exitLook, "harvest", "rows").stdout, "1 new", "2 rejected")
	holds(t, "the first try", want(t, exitLook, "quarantine", "retry", "--source", "rows").stdout, "2 items were tried again: 0 in the log now, 2 still rejected")
	if err := os.Remove("rows.jsonl"); err != nil {
		t.Fatal(err)
	}
	replaceIn(t, "own.map", "title from title", "title from title titel")
	holds(t, "the second try", want(t, exitLook, "quarantine", "retry", "--source", "rows").stdout, "2 items were tried again: 1 in the log now, 1 still rejected")
	holds(t, "the list", want(t, exitLook, "quarantine").stdout, "mapping")
	if n := len(records(t, want(t, exitDone, "export").stdout)); n != 2 {
		t.Errorf("%d records", n)
	}
	holds(t, "no numbers", want(t, exitUsage, "quarantine", "retry").stderr, "--source S")
	holds(t, "a number that is not there", want(t, exitFailed, "quarantine", "retry", "99").stderr, "no item 99")
}

// Where changes are held, a retry says so instead of claiming that the record has changed.
func TestQuarantineRetryIsHeld(t *testing.T) {
	folder(t, map[string]string{
		"sheaf.yaml": "gateway: {namespace: test.example.org}\nsources:\n  rows: {kind: files, from: rows.jsonl, key: id, mapping: own.map, hold: {changed: 0}}\n",
		"own.map":    "format json\ntitle from title\n",
		"rows.jsonl": `{"id":"1","title":"Brief"}` + "\n",
	})
	want(t, exitDone, "harvest", "rows")
	rewrite(t, "rows.jsonl", `{"id":"1","titel":"Karte"}`+"\n")
	want(t, exitLook, "harvest", "rows")
	replaceIn(t, "own.map", "title from title", "title from title titel")
	holds(t, "the retry", want(t, exitDone, "quarantine", "retry", "--source", "rows").stdout, "0 in the log now, 0 still rejected", "1 item is kept apart")
	holds(t, "the record", want(t, exitDone, "export").stdout, "Brief")
}

// What is dropped asks for nobody's attention, until it comes in another way.
func TestQuarantineDrop(t *testing.T) {
	folder(t, files())
	want(t, exitLook, "harvest", "short")
	want(t, exitLook, "status")
	holds(t, "a retry", want(t, exitLook, "quarantine", "retry", "1").stdout, "could not be read", "--full")
	holds(t, "the drop", want(t, exitDone, "quarantine", "drop", "1", "--by", "Ada").stdout, "1 item is dropped")
	holds(t, "the list", want(t, exitDone, "quarantine").stdout, "Nothing is in quarantine.")
	holds(t, "the whole list", want(t, exitDone, "quarantine", "list", "--dropped").stdout, "count_mismatch")
	holds(t, "the item", want(t, exitDone, "quarantine", "show", "1").stdout, "dropped", "by Ada")
	if s := status(t).Sources[1]; s.Quarantined != 0 || s.Dropped != 1 {
		t.Errorf("%+v", s)
	}
	want(t, exitLook, "harvest", "short") // the pass is incomplete all the same
	want(t, exitDone, "quarantine")
}
