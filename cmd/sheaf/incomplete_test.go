package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A shelf is an OAI-PMH repository whose content a test exchanges: what it lists is what there is, and its
// lists end as good ones do.
type shelf struct {
	mu      sync.Mutex
	domain  string
	about   string // more of Identify
	records int    // numbered from 0
	size    int    // what lists announce; nothing if 0
	broken  int    // lists of records end after so many; never if 0
	endless bool
	asked   []string // what lists of records were asked for
	gets    int      // how many records were asked for one by one

	headless   bool                       // ListIdentifiers is not implemented
	fails      func(r *http.Request) bool // what it can't answer
	changes    bool                       // everything is listed by date too
	ungettable int                        // what GetRecord does not give; none if 0
	gone       int                        // the first so many are deleted
	what, more string                     // what its records are, Papers if empty, and what else they say
	cap        int                        // every list ends after so many; its records are of a minute each, unless step says otherwise
	step       time.Duration              // from the datestamp of a capped record to that of the next
	days       bool                       // datestamps are in days
	setSpec    string                     // that all records are in
	over       int                        // such lists announce so many too many, unless they are asked for by date
	everywhere bool                       // and then too
}

const shelfPage = 100

// withSource changes how the configuration of the shelf begins.
func withSource(t *testing.T, begins string) {
	t.Helper()
	b, err := os.ReadFile("sheaf.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("sheaf.yaml", []byte(strings.Replace(string(b), "{kind: oai", begins, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

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
	if s.failing(w, r) {
		return
	}
	io.WriteString(w, `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-05-01T10:00:00Z</responseDate><request>x</request>`)
	defer io.WriteString(w, "</OAI-PMH>")
	switch verb {
	case "Identify":
		io.WriteString(w, "<Identify><granularity>"+s.granularity()+"</granularity>"+s.about+"</Identify>")
	case "ListMetadataFormats":
		io.WriteString(w, "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>")
	case "ListRecords":
		r.Form.Del("verb")
		s.asked = append(s.asked, r.Form.Encode())
		s.list(w, r, verb, s.record)
	case "ListIdentifiers":
		if s.headless {
			io.WriteString(w, `<error code="badVerb"/>`)
			return
		}
		s.list(w, r, verb, s.header)
	case "GetRecord":
		i, _ := strconv.Atoi(r.FormValue("identifier")[len("oai:"+s.domain+":"):])
		if s.gets++; i == s.ungettable {
			io.WriteString(w, `<error code="idDoesNotExist"/>`)
			return
		}
		io.WriteString(w, "<GetRecord>"+s.record(i)+"</GetRecord>")
	default:
		io.WriteString(w, `<error code="badVerb"/>`)
	}
}

func (s *shelf) header(i int) string {
	in := ""
	if s.setSpec != "" {
		in = "<setSpec>" + s.setSpec + "</setSpec>"
	}
	return fmt.Sprintf(`<header><identifier>oai:%s:%d</identifier><datestamp>%s</datestamp>%s</header>`, s.domain, i, s.stamp(i), in)
}

// stamp is the datestamp of a record.
func (s *shelf) stamp(i int) string {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if s.cap > 0 {
		at = at.Add(time.Duration(i) * cmp.Or(s.step, time.Minute))
	}
	if s.days {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.RFC3339)
}

func (s *shelf) granularity() string {
	if s.days {
		return "YYYY-MM-DD"
	}
	return "YYYY-MM-DDThh:mm:ssZ"
}

// capped answers as a repository does that gives no more than so many records of any list, and counts rightly.
func (s *shelf) capped(w io.Writer, r *http.Request, verb string, element func(int) string) {
	from, until, at := r.FormValue("from"), r.FormValue("until"), 0
	if token := r.FormValue("resumptionToken"); token != "" {
		fmt.Sscanf(strings.NewReplacer("/", " ").Replace(token), "%d %s %s", &at, &from, &until)
	}
	var in []int
	for i := range s.records {
		if stamp := s.stamp(i); (from == "" || from == "-" || stamp >= from) && (until == "" || until == "-" || stamp <= until) {
			in = append(in, i)
		}
	}
	if until != "" && until < from {
		io.WriteString(w, `<error code="badArgument"/>`)
		return
	}
	if len(in) == 0 {
		io.WriteString(w, `<error code="noRecordsMatch"/>`)
		return
	}
	io.WriteString(w, "<"+verb+">")
	end := min(len(in), s.cap)
	for _, i := range in[at:min(at+shelfPage, end)] {
		io.WriteString(w, element(i))
	}
	next := ""
	if at+shelfPage < end {
		next = fmt.Sprintf("%d/%s/%s", at+shelfPage, cmp.Or(from, "-"), cmp.Or(until, "-"))
	}
	size := len(in)
	if s.everywhere || (from == "" || from == "-") && (until == "" || until == "-") {
		size += s.over
	}
	fmt.Fprintf(w, `<resumptionToken completeListSize="%d">%s</resumptionToken></%s>`, size, next, verb)
}

func (s *shelf) record(i int) string {
	if i < s.gone {
		return "<record>" + strings.Replace(s.header(i), "<header>", `<header status="deleted">`, 1) + "</record>"
	}
	return fmt.Sprintf(`<record>%s<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">`+
		`<dc:title>%s %d</dc:title>%s</oai_dc:dc></metadata></record>`, s.header(i), cmp.Or(s.what, "Paper"), i, s.more)
}

func (s *shelf) list(w io.Writer, r *http.Request, verb string, element func(int) string) {
	if s.cap > 0 {
		s.capped(w, r, verb, element)
		return
	}
	at, _ := strconv.Atoi(r.FormValue("resumptionToken"))
	if r.FormValue("from") > s.stamp(0) && !s.changes || s.records == 0 && !s.endless {
		io.WriteString(w, `<error code="noRecordsMatch"/>`)
		return
	}
	end := s.records
	if s.broken > 0 && verb == "ListRecords" {
		end = min(end, s.broken)
	}
	if s.endless {
		end = at + 2*shelfPage
	}
	io.WriteString(w, "<"+verb+">")
	for i := at; i < min(at+shelfPage, end); i++ {
		io.WriteString(w, element(i))
	}
	size, next := "", ""
	if s.size > 0 {
		size = fmt.Sprintf(` completeListSize="%d"`, s.size)
	}
	if at+shelfPage < end {
		next = strconv.Itoa(at + shelfPage)
	}
	fmt.Fprintf(w, "<resumptionToken%s>%s</resumptionToken>", size, next)
	io.WriteString(w, "</"+verb+">")
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

// A list that ends before the size that it announced: what lacks is found by its headers and asked for one by
// one, and only that; what can't be had is named.
func TestListEndsShort(t *testing.T) {
	s := newShelf(t, 3000)
	s.set(func() { s.size, s.broken, s.ungettable = 3000, 1700, 2222 })
	r := want(t, exitLook, "harvest", "up")
	holds(t, "the harvest", r.stdout, "up: complete: 2999 new", "1 rejected", "ended before the size that it announced")
	holds(t, "the quarantine", want(t, exitLook, "quarantine").stdout, "unfetchable", "2222")
	if s.gets != 1300 {
		t.Errorf("%d records were asked for one by one", s.gets)
	}
	s.set(func() { s.broken, s.ungettable = 0, 0 })
	want(t, exitDone, "harvest", "up", "--full")
	want(t, exitDone, "status")
}

// A list that announces no size and was cut looks like one that is whole. The list of headers tells, at once after the
// first harvest, and what lacks is asked for one by one; the harvests after it trust the list until the next
// reconciliation.
func TestListWithoutSizeIsCut(t *testing.T) {
	s := newShelf(t, 1400)
	s.set(func() { s.broken = 200 })
	r := want(t, exitDone, "harvest", "up")
	holds(t, "the harvest", r.stdout, "up: complete: 1400 new", "A list lacked records that its headers have")
	if s.gets != 1200 {
		t.Errorf("%d records were asked for one by one", s.gets)
	}
	want(t, exitDone, "status")
}

// A list that is whole is confirmed by its headers, once, and nothing is asked for one by one. A repository that lists
// no headers leaves its list without a second opinion, which status says.
func TestListWithoutSizeIsWhole(t *testing.T) {
	for _, headless := range []bool{false, true} {
		s := newShelf(t, 300)
		s.set(func() { s.headless = headless })
		r := want(t, exitDone, "harvest", "up")
		holds(t, "the harvest", r.stdout, "up: complete: 300 new")
		if s.gets != 0 {
			t.Errorf("%d records were asked for one by one", s.gets)
		}
		const alone = "Nothing but the list itself says that it is whole"
		if said := strings.Contains(want(t, exitDone, "status").stdout, alone); said != headless {
			t.Errorf("%q is said: %v", alone, said)
		}
	}
}

// Where headers can't be listed, the harvest is incomplete, and the next one asks from the same date.
func TestListEndsShortWithoutHeaders(t *testing.T) {
	s := newShelf(t, 3000)
	s.set(func() { s.size, s.broken, s.headless = 3000, 1700, true })
	why := "a list announced 3000 records; 1700 came, and by its headers and windows of time there are 0, so that 1300 are missing"
	holds(t, "the harvest", want(t, exitLook, "harvest", "up").stdout, "up: incomplete: 1700 new", why)
	incomplete(t, why, 1700)
	s.set(func() { s.asked, s.broken = nil, 0 })
	holds(t, "the harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 1300 new")
	if s.asked[0] != "metadataPrefix=oai_dc" {
		t.Errorf("the next harvest asks for %q", s.asked[0])
	}
	want(t, exitDone, "status")
}

// A repository that gives no more than so many records of any list, of headers neither, is listed in windows of
// time: nothing lacks, in one run, also when changes are asked for.
func TestEveryListIsCut(t *testing.T) {
	for _, headless := range []bool{false, true} {
		s := newShelf(t, 3000)
		s.set(func() { s.cap, s.headless = 700, headless })
		r := want(t, exitDone, "harvest", "up")
		holds(t, "the harvest", r.stdout, "up: complete: 3000 new", "listed in windows")
		if n := len(s.asked); n > 200 || s.gets > 0 {
			t.Errorf("%d lists and %d records were asked for", n, s.gets)
		}
		want(t, exitDone, "status")
		holds(t, "the next harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 0 new")
	}
}

// Much may be loaded at once: windows are halved down to the second, or to the day if datestamps are days, and no window is
// asked for that ends before it begins.
func TestEveryListIsCutAndMuchCameAtOnce(t *testing.T) {
	for name, change := range map[string]func(*shelf){
		"in a minute":              func(s *shelf) { s.step = 20 * time.Millisecond },
		"in a week, dated in days": func(s *shelf) { s.step, s.days = 3*time.Minute, true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t, 3000)
			s.set(func() { s.cap = 700; change(s) })
			holds(t, "the harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 3000 new", "listed in windows")
			if n := len(s.asked); n > 400 {
				t.Errorf("%d lists were asked for", n)
			}
			for _, asked := range s.asked {
				if v, _ := url.ParseQuery(asked); v.Has("until") && v.Get("until") < v.Get("from") {
					t.Errorf("a window was asked for that can't be: %s", asked)
				}
			}
		})
	}
}

// A repository that announces some records too many, by all its lists, may have cut them all at the same place: the harvest is
// incomplete and says how many are missing, until a person says, once, that the count is wrong.
func TestCountThatIsWrong(t *testing.T) {
	s := newShelf(t, 3000)
	s.set(func() { s.size = 3010 })
	why := "a list announced 3010 records; 3000 came, and by its headers and windows of time there are 3000, so that 10 are missing. If the count is wrong, harvest with --accept"
	holds(t, "the harvest", want(t, exitLook, "harvest", "up").stdout, "up: incomplete: 3000 new", why)
	incomplete(t, why, 3000)
	s.set(func() { s.asked = nil })
	holds(t, "once more", want(t, exitLook, "harvest", "up").stdout, "up: incomplete: 0 new", why)
	if n := len(s.asked); n != 3000/shelfPage {
		t.Errorf("what windows did not find was looked for in windows again: %d pages", n)
	}
	holds(t, "the person's word", want(t, exitDone, "harvest", "up", "--accept").stdout, "up: complete: 0 new")
	want(t, exitDone, "harvest", "up", "--full")
	want(t, exitDone, "status")
	if s.gets != 0 {
		t.Errorf("%d records were asked for one by one", s.gets)
	}
}

// Where every window of time holds as many records as it announces, the count of the whole is wrong: that is said, and the
// harvest is complete. Where windows announce too many as well, they are not halved without end.
func TestCountThatWindowsCorrect(t *testing.T) {
	for _, everywhere := range []bool{false, true} {
		s := newShelf(t, 3000)
		s.set(func() { s.cap, s.over, s.everywhere = 5000, 10, everywhere })
		if everywhere {
			holds(t, "the harvest", want(t, exitLook, "harvest", "up").stdout, "up: incomplete: 3000 new", "10 are missing")
		} else {
			holds(t, "the harvest", want(t, exitDone, "harvest", "up").stdout, "up: complete: 3000 new", "its count is wrong")
			holds(t, "status", want(t, exitDone, "status").stdout, "its count is wrong")
			want(t, exitDone, "harvest", "up", "--full")
		}
		if n := len(s.asked); n > 600 || s.gets != 0 {
			t.Errorf("%d pages and %d records were asked for", n, s.gets)
		}
	}
}

// A repository whose identifiers have another domain than before would give every record a second time: it is
// stopped before the first, and domain: in the configuration keeps the records as they are.
func TestIdentifiersOfAnotherDomain(t *testing.T) {
	const declared = `<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier"><repositoryIdentifier>a.example</repositoryIdentifier></oai-identifier></description>`
	for _, order := range [][]string{{"harvest", "up", "--full"}, {"harvest", "up"}} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			s := newShelf(t, 300)
			s.set(func() { s.about = declared })
			want(t, exitDone, "harvest", "up")
			s.set(func() { s.domain, s.changes = "b.example", true })
			why := "the identifiers were oai:a.example:… and are oai:b.example:… now"
			for _, again := range [][]string{order, {"harvest", "up"}} {
				holds(t, "the harvest", want(t, exitLook, again...).stdout, "up: incomplete: 0 new", why, "domain: b.example", "--accept")
				incomplete(t, why, 300)
			}
			withSource(t, "{domain: b.example, kind: oai")
			holds(t, "with the domain", want(t, exitDone, "harvest", "up", "--full").stdout, "up: complete: 0 new, 0 changed, 0 deleted, 300 unchanged")
		})
	}
	t.Run("taken as new", func(t *testing.T) {
		s := newShelf(t, 300)
		want(t, exitDone, "harvest", "up")
		s.set(func() { s.domain = "b.example" })
		r := want(t, exitLook, "harvest", "up", "--full")
		holds(t, "the harvest", r.stdout, "up: incomplete: 0 new", "--accept")
		if strings.Contains(r.stdout, "domain: b.example") {
			t.Errorf("no domain was left out, so none helps:\n%s", r.stdout)
		}
		holds(t, "the person's word", want(t, exitDone, "harvest", "up", "--accept").stdout, "up: complete: 300 new")
		want(t, exitDone, "harvest", "up", "--full")
	})
}
