package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// failing answers with what can't be read where a request is one of those that the repository can't answer. (An
// HTTP 500 is asked for again for half a minute.)
func (s *shelf) failing(w http.ResponseWriter, r *http.Request) bool {
	if s.fails == nil || !s.fails(r) {
		return false
	}
	io.WriteString(w, "<OAI-PMH><error></OAI-PMH></OAI-PMH>")
	return true
}

// harvestUntil harvests until the output has the words; the runs before fail.
func harvestUntil(t *testing.T, runs int, words string) result {
	t.Helper()
	for range runs {
		if r := sheaf(t, "harvest", "up"); strings.Contains(r.stdout, words) {
			return r
		}
	}
	t.Fatalf("after %d harvests none said %q", runs, words)
	return result{}
}

// A repository that fails whenever it is asked by date is asked for everything, and that is said.
func TestFailsByDate(t *testing.T) {
	s := newShelf(t, 2)
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.fails = func(r *http.Request) bool { return r.FormValue("from") != "" } })
	holds(t, "the harvest", harvestUntil(t, 5, "complete").stdout, "2 unchanged", "can't be harvested incrementally")
	holds(t, "the next harvest", want(t, exitDone, "harvest", "up").stdout, "2 unchanged", "can't be harvested incrementally")
	holds(t, "status", want(t, exitDone, "status").stdout, "can't be harvested incrementally")
}

// A page that the repository can't make hides nothing but the record that it can't give, which is named.
func TestPageThatCannotBeMade(t *testing.T) {
	s := newShelf(t, 500)
	s.set(func() {
		s.ungettable = 250
		s.fails = func(r *http.Request) bool {
			return r.FormValue("verb") == "ListRecords" && r.FormValue("resumptionToken") == "200"
		}
	})
	want(t, exitFailed, "harvest", "up")
	holds(t, "the harvest", harvestUntil(t, 5, "complete").stdout, "up: complete: 299 new", "1 rejected")
	holds(t, "the quarantine", want(t, exitLook, "quarantine").stdout, "unfetchable", "250")
	if st := status(t).Sources[0]; st.Records != 499 {
		t.Errorf("%+v", st)
	}
	want(t, exitDone, "harvest", "up")
}

// A repository that can't make a page and ignores dates as well lists that page every time. Once the way around it is
// known, no later harvest fails there, and what has changed behind the page comes.
func TestPageThatCannotBeMadeEveryTime(t *testing.T) {
	s := newShelf(t, 500)
	s.set(func() {
		s.changes, s.ungettable = true, 250
		s.fails = func(r *http.Request) bool {
			return r.FormValue("verb") == "ListRecords" && r.FormValue("resumptionToken") == "200"
		}
	})
	holds(t, "the harvest", harvestUntil(t, 5, "complete").stdout, "up: complete: 299 new", "1 rejected")
	s.set(func() { s.records = 510 })
	for _, words := range []string{"10 new, 0 changed, 0 deleted", "0 new, 0 changed, 0 deleted"} {
		holds(t, "a later harvest", want(t, exitLook, "harvest", "up").stdout, "up: complete: "+words, "its headers are listed", "1 rejected")
	}
	s.set(func() { s.fails = nil }) // the page is mended
	want(t, exitDone, "harvest", "up")
	if st := status(t).Sources[0]; st.Records != 510 {
		t.Errorf("%+v", st)
	}
}

// A repository that is down is not gone around: once it is back, its list goes on where it was.
func TestDownIsNoDetour(t *testing.T) {
	s := newShelf(t, 500)
	down := false
	s.set(func() {
		s.fails = func(r *http.Request) bool { return down || r.FormValue("resumptionToken") == "200" }
	})
	want(t, exitFailed, "harvest", "up")
	s.set(func() { down = true })
	for range 6 {
		want(t, exitFailed, "harvest", "up")
	}
	s.set(func() { s.fails = nil })
	want(t, exitDone, "harvest", "up")
	if st := status(t).Sources[0]; st.Records != 500 {
		t.Errorf("%+v", st)
	}
}
