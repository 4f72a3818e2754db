package main

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How harvests went is kept, and since when a source fails is said until it is well again.
func TestRuns(t *testing.T) {
	s := newShelf(t, 20)
	holds(t, "before the first", want(t, exitFailed, "runs").stderr, "there is no log")
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.fails = func(*http.Request) bool { return true } })
	want(t, exitFailed, "harvest", "up")
	want(t, exitFailed, "harvest", "up")
	holds(t, "status", want(t, exitLook, "status").stdout, "up: failing since ", "(2 runs)", "sheaf runs up")
	holds(t, "status of one", want(t, exitLook, "status", "up").stdout, "up: failing since ")
	holds(t, "status of none", want(t, exitUsage, "status", "down").stderr, `no source "down"`)
	if src := status(t).Sources[0]; src.Failures != 2 || src.FailingSince.IsZero() {
		t.Errorf("%+v", src)
	}
	holds(t, "the runs", want(t, exitDone, "runs", "up").stdout, "RESULT", "failed", "complete", "person", "run 3: ")
	var runs []pastRunJSON
	if err := json.Unmarshal([]byte(want(t, exitDone, "runs", "--json").stdout), &runs); err != nil || len(runs) != 3 {
		t.Fatalf("%+v, %v", runs, err)
	}
	if last := runs[0]; last.Result != pipeline.Failed || last.By != pipeline.ByPerson || last.Error == "" || last.Advice == "" {
		t.Errorf("the last run: %+v", last)
	}
	if first := runs[2]; first.New != 20 || !first.Full || first.Requests["ok"] < 2 || first.Bytes == 0 {
		t.Errorf("the first run: %+v", first)
	}
	if n := len(strings.Split(strings.TrimSpace(want(t, exitDone, "runs", "up", "--limit", "1").stdout), "\n")); n > 4 {
		t.Errorf("one run in %d lines", n)
	}
	s.set(func() { s.fails = nil })
	want(t, exitDone, "harvest", "up")
	if out := want(t, exitDone, "status").stdout; strings.Contains(out, "failing") {
		t.Errorf("a source that is well: %s", out)
	}
}

// The words for how a harvest ends and how a source stands are one set: the guide explains each, and the help names it.
func TestWordsOfRuns(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operators.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range append(slices.Clone(pipeline.Results), store.States...) {
		if !strings.Contains(string(guide), "| `"+word+"` |") {
			t.Errorf("docs/operators.md does not explain %s", word)
		}
		if !strings.Contains(statusCmd{}.Help(), word) && word != pipeline.Complete {
			t.Errorf("the help of sheaf status does not name %s", word)
		}
	}
}
