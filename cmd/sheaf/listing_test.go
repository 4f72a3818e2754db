package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// A cabinet is a web site that lists letters, two a page, each with a page of its own.
type cabinet struct {
	mu      sync.Mutex
	letters int
	page    map[string]http.HandlerFunc // pages that are not as they should be
	asked   map[string]int              // paths
	sent    map[string]int              // pages that were sent whole
}

func (c *cabinet) serve(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	return srv.URL
}

func (c *cabinet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == nil {
		c.asked, c.sent = map[string]int{}, map[string]int{}
	}
	c.asked[r.URL.Path]++
	if h := c.page[r.URL.Path]; h != nil {
		h(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var n int
	switch {
	case r.URL.Path == "/list":
		fmt.Sscan(r.FormValue("page"), &n)
		first, last := 2*n-1, min(2*n, c.letters)
		fmt.Fprintf(w, "<!doctype html><title>Letters</title><p>%d - %d of %d</p>", first, last, c.letters)
		for i := first; i <= last; i++ {
			fmt.Fprintf(w, `<div class="letter"><h3><a href="letter/%d">Letter %d</a></h3><i class="date">April 19%d</i></div>`, i, i, 20+i)
		}
	case strings.HasPrefix(r.URL.Path, "/letter/"):
		tag := `"` + r.URL.Path + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		c.sent[r.URL.Path]++
		fmt.Fprint(w, letterPage(strings.TrimPrefix(r.URL.Path, "/letter/")))
	default:
		http.NotFound(w, r)
	}
}

func letterPage(n string) string {
	return `<!doctype html><title>Letter ` + n + `</title><script>var noise = 1</script><main><dl><dt>Writer</dt><dd>Writer of ` + n + `</dd>
		<dt>Subjects</dt><dd class="subject">Timber</dd><dd class="subject">The Mole</dd></dl></main>`
}

// set changes the site.
func (c *cabinet) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func letterSource(from string) string {
	return `gateway: {namespace: test.example.org, contact: test@example.org}
sources:
  letters:
    kind: listing
    from: '` + from + `'
    pages: {first: 1}
    select: {row: .letter, title: h3, date: .date, link: a}
    detail:
      within: main
      select: {creator: 'dt:contains("Writer") + dd', subject: .subject}
    http: {pause: 1ms}
`
}

// TestListingDetails: the page of each record is followed, what it has is mapped, and a page that is missing or another one
// costs its record alone.
func TestListingDetails(t *testing.T) {
	c := &cabinet{letters: 5, page: map[string]http.HandlerFunc{
		"/letter/2": http.NotFound,
		"/letter/3": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login?next=3", http.StatusFound) },
		"/login": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `<html><title>Sign in</title><main><dd class="subject">Sign in</dd><input type="password"></main>`)
		},
		"/letter/4": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html><main><h1>Not found</h1></main>") },
	}}
	site := c.serve(t)
	folder(t, map[string]string{"sheaf.yaml": letterSource(site + "/list?page={page}")})

	dry := sheaf(t, "harvest", "letters", "--dry-run", "--limit", "5")
	for _, want := range []string{"Writer of 1", "The Mole", site + "/letter/1", "unfetchable", "login page"} {
		if !strings.Contains(dry.stdout+dry.stderr, want) {
			t.Errorf("the dry run does not show %q:\n%s%s", want, dry.stdout, dry.stderr)
		}
	}

	got := sheaf(t, "harvest", "letters")
	if got.code != exitLook || !strings.Contains(got.stdout, "2 new") || !strings.Contains(got.stdout, "3 rejected") {
		t.Errorf("harvested: %d %s%s", got.code, got.stdout, got.stderr)
	}
	record := want(t, 0, "show", "oai:test.example.org:letters/letter/1").stdout
	for _, want := range []string{"Writer of 1", "The Mole", "Timber", "1921-04", site + "/letter/1"} {
		if !strings.Contains(record, want) {
			t.Errorf("the record lacks %q:\n%s", want, record)
		}
	}
	original := want(t, 0, "show", "--original", "oai:test.example.org:letters/letter/1").stdout
	if !strings.Contains(original, `"detail":{"creator":["Writer of 1"],"subject":["Timber","The Mole"]},"row":"<div`) ||
		!strings.Contains(original, `"page":"<main>`) || strings.Contains(original, "noise") {
		t.Errorf("the original: %s", original)
	}
	waiting := want(t, exitLook, "quarantine", "list").stdout
	for _, want := range []string{"letter/2", "letter/3", "letter/4", "unfetchable"} {
		if !strings.Contains(waiting, want) {
			t.Errorf("quarantine does not have %q:\n%s", want, waiting)
		}
	}

	// The pages are back, and that of a record that is live is gone: its record stays as it was.
	c.set(func() { c.page = map[string]http.HandlerFunc{"/letter/1": http.NotFound} })
	got = sheaf(t, "harvest", "letters")
	if after := want(t, 0, "show", "oai:test.example.org:letters/letter/1").stdout; !strings.Contains(after, "Writer of 1") {
		t.Errorf("harvested: %s%s\nthe record: %s", got.stdout, got.stderr, after)
	}
	want(t, 0, "show", "oai:test.example.org:letters/letter/3")

	// Nothing has changed: the pages say so, and are not sent again.
	c.set(func() { c.page, c.sent = nil, map[string]int{} })
	sheaf(t, "harvest", "letters")
	c.set(func() { c.sent = map[string]int{} })
	again := want(t, 0, "harvest", "letters")
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) != 0 || !strings.Contains(again.stdout, "0 new, 0 changed, 0 deleted, 5 unchanged") {
		t.Errorf("sent again: %v\n%s", c.sent, again.stdout)
	}
	if c.asked["/robots.txt"] == 0 || c.asked["/letter/5"] < 4 {
		t.Errorf("asked: %v", c.asked)
	}
}

// TestListingDetailsBeside: the pages of records that were saved beside the listing are read with it, by map too.
func TestListingDetailsBeside(t *testing.T) {
	list := `<!doctype html><title>Letters</title><p>1 - 2 of 2</p>
		<div class="letter"><h3><a href="https://x.example.org/letter/1">Letter 1</a></h3><i class="date">April 1921</i></div>
		<div class="letter"><h3><a href="https://x.example.org/letter/2">Letter 2</a></h3></div>`
	dir := folder(t, map[string]string{
		"sheaf.yaml":                       strings.Replace(letterSource("saved/list*.html"), "    pages: {first: 1}\n", "    base: https://x.example.org/list\n", 1),
		"saved/list1.html":                 list,
		"saved/letter/1.html":              letterPage("1"),
		"saved/x.example.org/letter/2":     letterPage("2"),
		"elsewhere/saved/letter/2":         letterPage("another"),
		"saved/x.example.org/letter/2.htm": "",
	})
	mapped := want(t, 0, "map", "letters", "saved/list1.html", "--limit", "5").stdout
	if !strings.Contains(mapped, "Writer of 1") || !strings.Contains(mapped, "detail.creator") {
		t.Errorf("sheaf map shows\n%s", mapped)
	}
	want(t, 0, "harvest", "letters")
	for n := range 2 {
		if record := want(t, 0, "show", fmt.Sprintf("oai:test.example.org:letters/letter/%d", n+1)).stdout; !strings.Contains(record, fmt.Sprintf("Writer of %d", n+1)) {
			t.Errorf("record %d: %s", n+1, record)
		}
	}
	// A page that leads out of the folder is none, and a record without its page stays as it was.
	if err := os.Remove(dir + "/saved/letter/1.html"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir+"/elsewhere/saved/letter/2", dir+"/saved/letter/1.html"); err != nil {
		t.Fatal(err)
	}
	got := sheaf(t, "harvest", "letters")
	record := want(t, 0, "show", "oai:test.example.org:letters/letter/1").stdout
	if !strings.Contains(record, "Writer of 1") || !strings.Contains(want(t, exitLook, "quarantine", "list").stdout, "letter/1") {
		t.Errorf("%s%s\n%s", got.stdout, got.stderr, record)
	}
}

// TestListingUnchanged: rows that are as they were are not mapped again, and count as seen, whether or not they have pages of
// their own that say so: only the row that is gone is absent.
func TestListingUnchanged(t *testing.T) {
	for _, detailed := range []bool{false, true} {
		t.Run(fmt.Sprintf("pages of their own: %v", detailed), func(t *testing.T) {
			c := &cabinet{letters: 5}
			source := letterSource(c.serve(t) + "/list?page={page}")
			if !detailed {
				before, _, _ := strings.Cut(source, "    detail:")
				source = before + "    http: {pause: 1ms}\n"
			}
			folder(t, map[string]string{"sheaf.yaml": source + "    absent: {delete_after: 1}\n"})
			want(t, exitDone, "harvest", "letters")
			c.set(func() { c.sent = map[string]int{} })
			if again := want(t, exitDone, "harvest", "letters").stdout; !strings.Contains(again, "0 new, 0 changed, 0 deleted, 5 unchanged") {
				t.Error(again)
			}
			c.set(func() { c.letters = 4 })
			if shorter := want(t, exitDone, "harvest", "letters").stdout; !strings.Contains(shorter, "0 new, 0 changed, 1 deleted, 4 unchanged") {
				t.Error(shorter)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			if len(c.sent) != 0 {
				t.Errorf("sent again: %v", c.sent)
			}
		})
	}
}

// TestProbeListingDetails: what the page of the first row says is proposed, and what is proposed works.
func TestProbeListingDetails(t *testing.T) {
	c := &cabinet{letters: 5, page: map[string]http.HandlerFunc{"/letter/1": func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><meta name="DC.creator" content="Ana">`, letterPage("1"))
	}}}
	c.page["/letter/2"], c.page["/letter/3"], c.page["/letter/4"], c.page["/letter/5"] = c.page["/letter/1"], c.page["/letter/1"], c.page["/letter/1"], c.page["/letter/1"]
	site := c.serve(t)
	folder(t, nil)
	proposal := want(t, exitDone, "probe", site+"/list?page=1").stdout
	holds(t, "the proposal", proposal, "detail:", "creator: \"meta[name=\\\"DC.creator\\\"]@content\"", "subject: dd.subject", "a request a record")
	works(t, proposal, 5)

	c.set(func() {
		c.page["/robots.txt"] = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "User-agent: *\nDisallow: /list") }
	})
	holds(t, "what the site forbids", want(t, exitDone, "probe", site+"/list?page=1").stdout, "asks programs not to fetch this page")
}
