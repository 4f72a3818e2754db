package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A shelf is an OAI-PMH repository whose content a test exchanges: what it lists is what there is, and its
// lists end as good ones do.
type shelf struct {
	mu      sync.Mutex
	domain  string
	records int // numbered from 0
	size    int // what lists announce; nothing if 0
	broken  int // lists of records end after so many; never if 0
	endless bool
	asked   []string // what lists of records were asked for
}

const shelfPage = 100

func newShelf(t *testing.T, records int) *shelf {
	s := &shelf{domain: "a.example", records: records}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	folder(t, map[string]string{"sheaf.yaml": "gateway: {name: Test, namespace: test.example.org, contact: test@example.org}\n" +
		"events: {kind: none}\nsources: {up: {kind: oai, from: '" + server.URL + "/oai'}}\n"})
	return s
}

func (s *shelf) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	verb := r.FormValue("verb")
	io.WriteString(w, `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-05-01T10:00:00Z</responseDate><request>x</request>`)
	defer io.WriteString(w, "</OAI-PMH>")
	switch verb {
	case "Identify":
		io.WriteString(w, "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>")
	case "ListMetadataFormats":
		io.WriteString(w, "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>")
	case "ListRecords":
		r.Form.Del("verb")
		s.asked = append(s.asked, r.Form.Encode())
		s.list(w, r)
	default:
		io.WriteString(w, `<error code="badVerb"/>`)
	}
}

func (s *shelf) list(w io.Writer, r *http.Request) {
	at, _ := strconv.Atoi(r.FormValue("resumptionToken"))
	if r.FormValue("from") != "" || s.records == 0 && !s.endless {
		io.WriteString(w, `<error code="noRecordsMatch"/>`)
		return
	}
	end := s.records
	if s.broken > 0 {
		end = min(end, s.broken)
	}
	if s.endless {
		end = at + 2*shelfPage
	}
	io.WriteString(w, "<ListRecords>")
	for i := at; i < min(at+shelfPage, end); i++ {
		fmt.Fprintf(w, `<record><header><identifier>oai:%s:%d</identifier><datestamp>2020-01-01T00:00:00Z</datestamp></header><metadata>`+
			`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Paper %d</dc:title></oai_dc:dc></metadata></record>`, s.domain, i, i)
	}
	if next := at + shelfPage; next < end {
		fmt.Fprintf(w, "<resumptionToken>%d</resumptionToken>", next)
	}
	io.WriteString(w, "</ListRecords>")
}

// incomplete checks that a source is told as one that was not harvested completely, and has as many live records.
func incomplete(t *testing.T, why string, live int64) {
	t.Helper()
	r := want(t, exitLook, "status")
	holds(t, "status", r.stdout, "incomplete", why)
	s := status(t)
	if src := s.Sources[0]; src.State != "incomplete" || src.LastRun.Result != "incomplete" || src.Records != live || src.Deleted != 0 {
		t.Errorf("%+v, %+v", src, src.LastRun)
	}
}

// A full pass whose list ends well with far less than there was is not complete: nothing is deleted, it is
// asked for again in full, and a person may say that it is right.
func TestFarFewerRecords(t *testing.T) {
	for left, why := range map[int]string{0: "no records at all, where it had 300", 149: "of the 300 records that the source had, only 149 came again"} {
		t.Run(strconv.Itoa(left), func(t *testing.T) {
			s := newShelf(t, 300)
			want(t, exitDone, "harvest", "up")
			s.set(func() { s.records = left })
			holds(t, "the harvest", want(t, exitLook, "harvest", "up", "--full").stdout, "up: incomplete", why, "--accept")
			incomplete(t, why, 300)
			s.set(func() { s.asked = nil })
			want(t, exitLook, "harvest", "up")
			if strings.Contains(strings.Join(s.asked, " "), "from=") {
				t.Errorf("the next harvest asks for changes only: %q", s.asked)
			}
			incomplete(t, why, 300)

			holds(t, "the person's word", want(t, exitDone, "harvest", "up", "--accept").stdout, "up: complete")
			if left > 0 {
				want(t, exitDone, "harvest", "up", "--full") // that is the measure now
			}
			want(t, exitDone, "status")
		})
	}
	t.Run("it comes back", func(t *testing.T) {
		s := newShelf(t, 300)
		want(t, exitDone, "harvest", "up")
		s.set(func() { s.records = 0 })
		want(t, exitLook, "harvest", "up", "--full")
		s.set(func() { s.records = 300 })
		holds(t, "the harvest", want(t, exitDone, "harvest", "up").stdout, "300 unchanged")
		want(t, exitDone, "status")
	})
}

// A source that loses less than half is complete.
func TestSomewhatFewerRecords(t *testing.T) {
	s := newShelf(t, 300)
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.records = 160 })
	want(t, exitDone, "harvest", "up", "--full")
}

// A repository without records is no complete harvest either: the set or the address may be wrong.
func TestNoRecordsAtAll(t *testing.T) {
	s := newShelf(t, 0)
	holds(t, "the harvest", want(t, exitLook, "harvest", "up").stdout, "up: incomplete", "no records at all")
	s.set(func() { s.records = 10 })
	want(t, exitDone, "harvest", "up")
}

// A list that never ends, with ever new identifiers, stops where a source that is what it was would. The run
// after it stops there too, until a person says that the source is right.
func TestListWithoutEnd(t *testing.T) {
	s := newShelf(t, 300)
	want(t, exitDone, "harvest", "up")
	s.set(func() { s.endless = true })
	why := "more than 1000 records that it had not"
	holds(t, "the harvest", want(t, exitLook, "harvest", "up", "--full").stdout, "up: incomplete", why, "--accept")
	incomplete(t, why, 1300)
	want(t, exitLook, "harvest", "up")
	incomplete(t, why, 1300)
	s.set(func() { s.endless, s.records = false, 5000 })
	holds(t, "the person's word", want(t, exitDone, "harvest", "up", "--accept").stdout, "up: complete: 3700 new")
	want(t, exitDone, "harvest", "up", "--full")
	if st := status(t).Sources[0]; st.Records != 5000 || !slices.Contains([]string{"ok"}, st.State) {
		t.Errorf("%+v", st)
	}
}
