package main

import (
	"regexp"
	"strings"
	"testing"
)

// A source that was paused is not harvested until it is resumed, also by the next process.
func TestPause(t *testing.T) {
	newShelf(t, 20)
	want(t, exitDone, "harvest", "up")
	holds(t, "the pause", want(t, exitDone, "pause", "up", "--reason", "it moves", "--by", "Ada").stdout, "up is paused by Ada at ", "it moves", "sheaf resume up")
	holds(t, "a harvest", want(t, exitFailed, "harvest", "up").stderr, "up was paused by Ada", "sheaf resume up")
	holds(t, "the status", want(t, exitDone, "status").stdout, "paused by Ada")
	if src := status(t).Sources[0]; src.State != "paused" || src.Stopped.Reason != "it moves" || src.Records != 20 {
		t.Errorf("%+v", src)
	}
	holds(t, "a source that is not there", want(t, exitFailed, "pause", "down").stderr, "down")
	holds(t, "the end", want(t, exitDone, "resume", "up").stdout, "up may be harvested again; it was paused by Ada")
	holds(t, "another end", want(t, exitFailed, "resume", "up").stderr, "neither paused nor retired")
	want(t, exitDone, "harvest", "up")
}

// The records of a source that is retired are deletions everywhere, and come back under their identifiers if that was a
// mistake.
func TestRetire(t *testing.T) {
	s := newShelf(t, 1200)
	want(t, exitDone, "harvest", "up")
	before := records(t, want(t, exitDone, "export").stdout)
	r := sheafWith(t, "yes\n", "retire", "up")
	if r.code != exitUsage || !strings.Contains(r.stderr, "1200 records of up will be deleted") || !strings.Contains(r.stderr, "nothing was done") {
		t.Errorf("%+v", r)
	}
	if src := status(t).Sources[0]; src.Records != 1200 || src.Stopped != nil {
		t.Fatalf("%+v", src)
	}
	r = sheafWith(t, "up\n", "retire", "up", "--by", "Ada", "--rate", "0")
	if r.code != exitDone || !strings.Contains(r.stdout, "up is retired: 1200 records deleted, of 1200") {
		t.Errorf("%+v", r)
	}
	if src := status(t).Sources[0]; src.Records != 0 || src.Deleted != 1200 || src.State != "retired" {
		t.Errorf("%+v", src)
	}
	want(t, exitDone, "status")
	holds(t, "the record", want(t, exitDone, "show", before[0].Identifier).stdout, "source-retired")
	holds(t, "a harvest", want(t, exitFailed, "harvest", "up", "--full").stderr, "up was retired by Ada")
	want(t, exitDone, "resume", "up")
	s.set(func() { s.records = 1201 })
	holds(t, "the harvest after that", want(t, exitDone, "harvest", "up").stdout, "1 new", "1200 changed")
	after := records(t, want(t, exitDone, "export").stdout)
	if len(after) != 1201 || after[0].Identifier != before[0].Identifier {
		t.Errorf("%d records, the first is %s", len(after), after[0].Identifier)
	}
}

// A source that is not configured any more is a state, and can be retired.
func TestGone(t *testing.T) {
	newShelf(t, 20)
	want(t, exitDone, "harvest", "up")
	rewrite(t, "sheaf.yaml", "gateway: {namespace: test.example.org}\n")
	holds(t, "the status", want(t, exitDone, "status").stdout, "gone", "20 records are served", "sheaf retire up")
	want(t, exitDone, "retire", "up", "--yes")
	holds(t, "the status after that", want(t, exitDone, "status").stdout, "retired")
	holds(t, "a name that was never there", want(t, exitUsage, "retire", "upp", "--yes").stderr, `no source "upp"`)
}

// A source that is renamed keeps its identifiers, its sets, and where it stands; a configuration that would make others is
// refused with what to write.
func TestRenamedSource(t *testing.T) {
	s := newShelf(t, 20)
	want(t, exitDone, "harvest", "up")
	before := want(t, exitDone, "export").stdout
	replaceIn(t, "sheaf.yaml", "up: {kind: oai,", "shelf: {was: up, kind: oai,")
	want(t, exitDone, "config", "check")
	holds(t, "a dry run", want(t, exitDone, "harvest", "shelf", "--dry-run", "--full").stdout, "oai:test.example.org:up/")
	s.set(func() { s.records = 21 })
	holds(t, "the harvest", want(t, exitDone, "harvest", "shelf", "--full").stdout, "1 new, 0 changed", "20 unchanged")
	after := want(t, exitDone, "export").stdout
	first, _, _ := strings.Cut(before, "\n")
	for _, same := range []string{"oai:test.example.org:up/", `"up"`} {
		if !strings.Contains(first, same) || strings.Count(after, same) < 21 {
			t.Errorf("%s is not in what is exported:\n%s", same, after)
		}
	}
	if src := status(t).Sources; len(src) != 1 || src[0].Name != "shelf" || src[0].Records != 21 {
		t.Errorf("%+v", src)
	}
	local := regexp.MustCompile(`oai:test\.example\.org:up/([^"]+)`).FindStringSubmatch(first)[1]
	for _, name := range []string{"shelf/" + local, "oai:test.example.org:shelf/" + local, "up/" + local} {
		holds(t, name, want(t, exitDone, "show", name).stdout, "oai:test.example.org:up/"+local, "shelf")
	}
	replaceIn(t, "sheaf.yaml", "was: up, ", "")
	holds(t, "without was", want(t, exitUsage, "harvest", "shelf").stderr, "called up in their identifiers", "was: [up]")
	replaceIn(t, "sheaf.yaml", "shelf: {", "new: {was: [shelf], ")
	holds(t, "with the last name alone", want(t, exitUsage, "harvest", "new").stderr, "was: [up, shelf]")
	replaceIn(t, "sheaf.yaml", "was: [shelf]", "was: [up, shelf]")
	holds(t, "with both names", want(t, exitDone, "harvest", "new", "--full").stdout, "0 new, 0 changed")
	replaceIn(t, "sheaf.yaml", "new: {was: [up, shelf], ", "up: {")
	holds(t, "another source of that name", want(t, exitUsage, "harvest", "up").stderr, "is in the identifiers of the records of new")
	replaceIn(t, "sheaf.yaml", "up: {", "up: {was: [up, new], ")
	holds(t, "called as it was first", want(t, exitDone, "harvest", "up", "--full").stdout, "0 new, 0 changed")
}
