package main

import (
	"slices"
	"strings"
	"testing"
)

// A reconciliation finds records that were added under an old date, and asks for no others; it says which of ours the
// source lists no more, and what it found is shown and kept.
func TestReconcile(t *testing.T) {
	s := newShelf(t, 300)
	s.set(func() { s.size = 300 })
	want(t, exitDone, "harvest", "up")
	holds(t, "before", want(t, exitDone, "status", "up").stdout, "up: the last complete harvest of everything was", "its list is held against the log in 6 d")

	s.set(func() { s.records, s.size, s.asked = 304, 304, nil }) // under the date of all: a list by date does not show them
	holds(t, "a harvest by date", want(t, exitDone, "harvest", "up").stdout, "up: complete: 0 new")
	s.set(func() { s.asked = nil })
	r := want(t, exitDone, "harvest", "up", "--reconcile")
	holds(t, "the reconciliation", r.stdout, "up: complete: 4 new, 0 changed, 0 deleted, 300 unchanged", "up: reconciled: 304 listed, 4 of them were found to lack and fetched, 0 lack still, 0 in the log are not listed")
	if s.gets != 4 {
		t.Errorf("%d records were asked for one by one", s.gets)
	}
	if len(s.asked) != 2 || slices.ContainsFunc(s.asked, func(a string) bool { return !strings.Contains(a, "from=") }) {
		t.Errorf("lists of records that were asked for: %q", s.asked)
	}

	s.set(func() { s.records, s.size = 290, 290 })
	r = want(t, exitDone, "harvest", "up", "--reconcile")
	holds(t, "fewer", r.stdout, "up: complete: 0 new, 0 changed, 0 deleted, 290 unchanged", "290 listed, 0 of them were found to lack and fetched, 0 lack still, 14 in the log are not listed")
	out := want(t, exitDone, "status", "up").stdout
	holds(t, "status", out, "14 in the log are not listed", "4 of them were found to lack", "digest of the identifiers ")
	st := status(t).Sources[0]
	if len(st.Reconciled) != 2 || st.Reconciled[0].Extra != 14 || st.Reconciled[0].Digest == "" || st.Reconciled[0].Digest == st.Reconciled[1].Digest || st.Records != 304 {
		t.Errorf("%+v", st)
	}
	holds(t, "what does not exist", want(t, exitUsage, "status", "down").stderr, `there is no source "down"`)

	// The harvest after it asks for what has changed, and a full one is due when it was.
	s.set(func() { s.asked = nil })
	want(t, exitDone, "harvest", "up")
	if len(s.asked) != 1 || !strings.Contains(s.asked[0], "from=") {
		t.Errorf("the next harvest asks for %q", s.asked)
	}
}

// What is not listed is absent as in any full pass: under the guards of the source.
func TestReconcileFindsAbsent(t *testing.T) {
	s := newShelf(t, 300)
	s.set(func() { s.size = 300 })
	withSource(t, "{kind: oai, absent: {delete_after: 2}")
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.records, s.size = 295, 295 })
	holds(t, "once", want(t, exitDone, "harvest", "up", "--reconcile").stdout, "0 deleted", "5 in the log are not listed")
	holds(t, "twice", want(t, exitDone, "harvest", "up", "--reconcile").stdout, "5 deleted")
	if st := status(t).Sources[0]; st.Records != 295 || st.Deleted != 5 {
		t.Errorf("%+v", st)
	}
	// What comes back is fetched, though its date is old.
	s.set(func() { s.records, s.size, s.gets = 300, 300, 0 })
	holds(t, "back", want(t, exitDone, "harvest", "up", "--reconcile").stdout, "0 new, 5 changed", "5 of them were found to lack")
	if s.gets != 5 {
		t.Errorf("%d records were asked for one by one", s.gets)
	}
}

// What the source lists and does not give is missing, and named; what can't be listed proves nothing, and deletes nothing.
func TestReconcileThatProvesNothing(t *testing.T) {
	s := newShelf(t, 300)
	s.set(func() { s.size = 300 })
	withSource(t, "{kind: oai, absent: {delete_after: 2}")
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.records, s.size, s.ungettable = 302, 302, 301 })
	r := want(t, exitLook, "harvest", "up", "--reconcile")
	holds(t, "one can't be had", r.stdout, "301 listed, 1 of them were found to lack and fetched, 1 lack still")
	holds(t, "its name", want(t, exitLook, "quarantine").stdout, "unfetchable", "301")
	s.set(func() { s.ungettable = 0 })
	holds(t, "it can be had", want(t, exitDone, "harvest", "up", "--reconcile").stdout, "302 listed, 1 of them")
	want(t, exitDone, "status")

	s.set(func() { s.headless = true })
	const alone = "only a full harvest shows what it has"
	for range 3 {
		holds(t, "no headers", want(t, exitDone, "harvest", "up", "--reconcile").stdout, alone, "its list could not be held against the log")
	}
	s.set(func() { s.headless, s.size, s.records = false, 302, 280 }) // the list of headers is cut
	for range 3 {
		holds(t, "cut headers", want(t, exitDone, "harvest", "up", "--reconcile").stdout, "0 deleted", "its list could not be held against the log")
	}
	s.set(func() { s.size, s.records = 0, 20 })
	holds(t, "far fewer", want(t, exitLook, "harvest", "up", "--reconcile").stdout, "up: incomplete", "only 20 came again")
	if st := status(t).Sources[0]; st.Records != 302 || st.Deleted != 0 {
		t.Errorf("%+v", st)
	}
}
