package syndication

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const root = "https://gw.example/below"

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

type free struct{}

func (free) Turn(*http.Request) error  { return nil }
func (free) Served(*http.Request, int) {}

// A world is a log that tests change, and its doors.
type world struct {
	tester
	log *memory.Log
	run *pipeline.Run
	*Door
}

func newWorld(t tester) *world {
	log := memory.New(memory.Options{Namespace: "gw.example"})
	run, err := log.Begin(t.Context(), "a", nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &world{t, log, run, New(Options{Name: "Gate & Way", URL: root + "/", Titles: map[string]string{"a": "Archive <A>"}, Log: log, Limits: free{}})}
}

func (w *world) commit(changes ...pipeline.Change) {
	w.Helper()
	next := harvest.Cursor(string(w.run.Cursor) + "x")
	if _, err := w.log.Commit(w.Context(), &pipeline.Batch{Run: w.run, From: w.run.Cursor, Next: next, Changes: changes}); err != nil {
		w.Fatalf("%v", err)
	}
	w.run.Cursor = next
}

func id(n int) string { return fmt.Sprintf("oai:gw.example:a/%d", n) }

func live(n int, title string, more ...dublincore.Value) pipeline.Change {
	dc := dublincore.Record{Values: append([]dublincore.Value{{Term: dublincore.Title, Text: title, Lang: "en"}}, more...)}
	c := pipeline.Change{Identifier: id(n), Sets: []string{"a"}, DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil), Origin: pipeline.Origin{Identifier: id(n)}}
	c.Fingerprint = sha256.Sum256([]byte(title))
	c.Input = c.Fingerprint
	return c
}

func gone(n int) pipeline.Change {
	c := pipeline.Change{Identifier: id(n), Deleted: pipeline.SourceDeleted, Origin: pipeline.Origin{Identifier: id(n)}}
	c.Fingerprint = sha256.Sum256([]byte("gone"))
	c.Input = c.Fingerprint
	return c
}

func (w *world) get(path string, headers ...string) *http.Response {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	return rec.Result()
}

// read asks for XML, and reads it strictly.
func (w *world) read(path string, into any) {
	w.Helper()
	res := w.get(path)
	if res.StatusCode != http.StatusOK {
		w.Fatalf("%s: %s", path, res.Status)
	}
	if err := xml.NewDecoder(res.Body).Decode(into); err != nil {
		w.Fatalf("%s: %v", path, err)
	}
}

type atomFeed struct {
	XMLName xml.Name  `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string    `xml:"id"`
	Title   string    `xml:"title"`
	Updated time.Time `xml:"updated"`
	Author  string    `xml:"author>name"`
	Links   []link    `xml:"link"`
	Entries []entry   `xml:"entry"`
	Gone    []struct {
		Ref  string    `xml:"ref,attr"`
		When time.Time `xml:"when,attr"`
	} `xml:"http://purl.org/atompub/tombstones/1.0 deleted-entry"`
}

type entry struct {
	ID    string `xml:"id"`
	Title struct {
		Text string `xml:",chardata"`
		Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	} `xml:"title"`
	Updated time.Time `xml:"updated"`
	Authors []string  `xml:"author>name"`
	Summary string    `xml:"summary"`
	Links   []link    `xml:"link"`
}

type link struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

// to is where a link leads, below the root.
func to(links []link, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return strings.TrimPrefix(l.Href, root)
		}
	}
	return ""
}

func TestFeed(t *testing.T) {
	w := newWorld(t)
	w.commit(
		live(1, `A "title" <b>&amp;</b>`+"\u202e\x01", dublincore.Value{Term: dublincore.Creator, Text: "Hoxha, Enver"}, dublincore.Value{Term: dublincore.Abstract, Text: strings.Repeat("much ", 1000)}),
		live(2, "two"), live(3, "three"),
	)
	w.commit(gone(2))
	var f atomFeed
	w.read("/feed.atom", &f)
	if f.ID != root+"/feed.atom" || f.Title != "Gate & Way" || f.Author != "Gate & Way" || to(f.Links, "self") != "/feed.atom" || to(f.Links, "next") != "" || f.Updated.IsZero() {
		t.Errorf("the feed: %+v", f)
	}
	if len(f.Entries) != 2 || f.Entries[0].ID != id(3) || f.Entries[1].ID != id(1) || len(f.Gone) != 1 || f.Gone[0].Ref != id(2) || f.Gone[0].When.IsZero() {
		t.Fatalf("entries: %+v, gone: %+v", f.Entries, f.Gone)
	}
	e := f.Entries[1]
	if e.Title.Text != `A "title" <b>&amp;</b>` || e.Title.Lang != "en" || !slices.Equal(e.Authors, []string{"Hoxha, Enver"}) || len(e.Summary) > maxAbstract+5 || len(e.Summary) < 1000 || to(e.Links, "alternate") != "/records/a/1" {
		t.Errorf("an entry: %+v", e)
	}
	var ofSource atomFeed
	w.read("/feed.atom?source=a", &ofSource)
	if ofSource.Title != "Gate & Way: Archive <A>" || to(ofSource.Links, "alternate") != "/sources/a" {
		t.Errorf("of a source: %+v", ofSource)
	}
}

// Whatever the log went through, going back through the feed meets each record once, as it is now.
// The feed of a search is one too, whatever the search is called, also if it finds nothing.
func TestFeedOfASearch(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "A & B"))
	rec, err := w.log.Record(t.Context(), id(1))
	if err != nil {
		t.Fatal(err)
	}
	d := New(Options{Name: "Gateway", URL: root, Log: w.log, Limits: free{}})
	for _, records := range [][]pipeline.Record{nil, {*rec}} {
		var got atomFeed
		if err := xml.Unmarshal(d.Feed("/search.atom?q=a&b=<", "/search?q=a&b=<", "<script> & \x00", records), &got); err != nil {
			t.Fatal(err)
		}
		if to(got.Links, "self") != "/search.atom?q=a&b=<" || to(got.Links, "alternate") != "/search?q=a&b=<" || len(got.Entries) != len(records) || got.Updated.IsZero() {
			t.Errorf("the feed is %+v", got)
		}
	}
}

func TestFeedHasEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		want := map[string]string{}
		for range rapid.IntRange(0, 6).Draw(rt, "commits") {
			var page []pipeline.Change
			for n := range rapid.IntRange(1, 60).Draw(rt, "records") {
				if rapid.IntRange(0, 3).Draw(rt, "what") == 0 && want[id(n)] != "" {
					page, want[id(n)] = append(page, gone(n)), "gone"
					continue
				}
				title := rapid.StringMatching("[a-z]{1,3}").Draw(rt, "title")
				page, want[id(n)] = append(page, live(n, title)), title
			}
			w.commit(page...)
		}
		got := map[string]string{}
		path := rapid.SampledFrom([]string{"/feed.atom", "/feed.atom?source=a", "/feed.atom?set=a"}).Draw(rt, "feed")
		for path != "" {
			var f atomFeed
			w.read(path, &f)
			if n := len(f.Entries) + len(f.Gone); n > feedEntries {
				rt.Fatalf("%d entries", n)
			}
			for _, e := range f.Entries {
				if got[e.ID] != "" {
					rt.Fatalf("%s twice", e.ID)
				}
				got[e.ID] = e.Title.Text
			}
			for _, e := range f.Gone {
				if got[e.Ref] != "" {
					rt.Fatalf("%s twice", e.Ref)
				}
				got[e.Ref] = "gone"
			}
			path = to(f.Links, "next")
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestFeedIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "one"))
	tag := w.get("/feed.atom").Header.Get("ETag")
	if got := w.get("/feed.atom", "If-None-Match", `"other", `+tag); got.StatusCode != http.StatusNotModified {
		t.Errorf("nothing is new: %s", got.Status)
	}
	w.commit(live(1, "changed"))
	if got := w.get("/feed.atom", "If-None-Match", tag); got.StatusCode != http.StatusOK {
		t.Errorf("a record has changed: %s", got.Status)
	}
}

func TestRefused(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]int{
		"/activity?set=%00": 400, "/activity/page": 400, "/activity/page?after=x": 400, "/activity/page?before=1.5": 410,
		"/feed.atom?before=12": 400, "/feed.atom?before=1.5": 410, "/feed.atom?source=../x": 400, "/feed.atom?set=%00": 400, "/feed.atom?set=a&source=a": 400,
		"/sitemaps/0.xml": 404, "/sitemaps/01.xml": 404, "/sitemaps/2.xml": 404, "/sitemaps/x.xml": 404, "/sitemaps/1": 404, "/sitemaps/99999999999999999999.xml": 404, "/sitemaps/": 404,
	} {
		if got := w.get(path); got.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, got.Status, want)
		}
	}
}

// What was taken down is told as gone, and nothing else of it.
func TestTakenDown(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "secret"), live(2, "public"))
	if _, err := w.log.Remove(t.Context(), pipeline.Removal{Identifier: id(1), Final: true}); err != nil {
		t.Fatal(err)
	}
	var first collection
	w.readJSON("/activity", &first)
	for _, path := range []string{"/feed.atom", "/sitemaps/1.xml", strings.TrimPrefix(first.First.ID, root)} {
		var b strings.Builder
		_ = w.get(path).Write(&b)
		if strings.Contains(b.String(), "secret") || strings.Contains(b.String(), "<loc>"+root+"/records/a/1<") || !strings.Contains(b.String(), "a/2") {
			t.Errorf("%s:\n%s", path, b.String())
		}
	}
}

type urlset struct {
	Maps []struct {
		Loc string `xml:"loc"`
	} `xml:"sitemap"`
	URLs []struct {
		Loc     string    `xml:"loc"`
		Lastmod time.Time `xml:"lastmod"`
	} `xml:"url"`
}

// The parts of the sitemap have every live record once, and a record stays in its part.
func TestSitemap(t *testing.T) {
	w := newWorld(t)
	w.partSize = 2_500
	pages := func() (out []map[string]time.Time) {
		var index urlset
		w.read("/sitemap.xml", &index)
		for _, m := range index.Maps {
			var part urlset
			w.read(strings.TrimPrefix(m.Loc, root), &part)
			got := map[string]time.Time{}
			for _, u := range part.URLs {
				if _, twice := got[u.Loc]; twice || len(part.URLs) > int(w.partSize)+2 || len(part.URLs) > 50_000 {
					t.Fatalf("%s twice, or %d pages", u.Loc, len(part.URLs))
				}
				got[strings.TrimPrefix(u.Loc, root)] = u.Lastmod
			}
			out = append(out, got)
		}
		return out
	}
	if got := pages(); len(got) != 1 || len(got[0]) != 2 {
		t.Fatalf("of nothing: %v", got)
	}
	var all []pipeline.Change
	for n := range 6_000 {
		all = append(all, live(n, "one"))
	}
	w.commit(all...)
	before := pages()
	if len(before) != 3 || len(before[0])+len(before[1])+len(before[2]) != 6_002 || before[0]["/records/a/1"].IsZero() {
		t.Fatalf("%d parts", len(before))
	}
	all = all[:0]
	for n := 2_400; n < 5_100; n++ { // the second part is empty then
		all = append(all, gone(n))
	}
	w.commit(append(all, live(5, "changed"), live(6_000, "new"))...)
	after := pages()
	if len(after) != 2 || len(after[0]) != 2_402 || len(after[1]) != 901 {
		t.Fatalf("%d parts", len(after))
	}
	for path := range after[0] {
		if _, was := before[0][path]; !was {
			t.Errorf("%s has come into the first part", path)
		}
	}
}

// listed reads the sitemap of a source or a set, part by part: the pages in each.
func (w *world) listed(path string) (out [][]string) {
	w.Helper()
	read := func(path string) (s urlset) {
		w.read(path, &s)
		return s
	}
	pages := func(s urlset) (locs []string) {
		for _, u := range s.URLs {
			locs = append(locs, strings.TrimPrefix(u.Loc, root))
		}
		return locs
	}
	whole := read(path)
	if len(whole.Maps) == 0 {
		return [][]string{pages(whole)}
	}
	for _, m := range whole.Maps {
		out = append(out, pages(read(strings.TrimPrefix(m.Loc, root))))
	}
	return out
}

// A source and a set have a sitemap each, with their live records alone. One that is long is an index of parts, which have
// every record once.
func TestSitemapOfSourceAndSet(t *testing.T) {
	w := newWorld(t)
	w.partSize = 20
	in := func(c pipeline.Change, sets ...string) pipeline.Change {
		c.Sets = sets
		return c
	}
	w.commit(in(live(1, "one"), "a", "a:x(1)"), live(2, "two"), in(live(3, "three"), "a", "a:x(1)"), gone(4))
	if got := fmt.Sprint(w.listed("/sitemaps/sources/a.xml")); got != "[[/records/a/1 /records/a/2 /records/a/3]]" {
		t.Errorf("the source: %s", got)
	}
	if got := fmt.Sprint(w.listed("/sitemaps/sets/a:x%281%29.xml")); got != "[[/records/a/1 /records/a/3]]" {
		t.Errorf("the set: %s", got)
	}
	var all, fewer []pipeline.Change
	for n := 5; n < 90; n++ {
		all = append(all, in(live(n, "one"), "a", "a:x(1)"))
		if n >= 20 && n < 70 { // some parts have nothing but what is gone, and some have nothing at all
			fewer = append(fewer, gone(n))
		}
	}
	w.commit(all...)
	w.commit(fewer...)
	w.commit(in(live(1, "changed"), "a"), gone(3))
	for path, want := range map[string]int{"/sitemaps/sources/a.xml": 2 + 35, "/sitemaps/sets/a:x%281%29.xml": 35} {
		seen, parts := map[string]bool{}, w.listed(path)
		for _, part := range parts {
			if len(part) == 0 || len(part) > 20 {
				t.Errorf("%s: a part of %d", path, len(part))
			}
			for _, loc := range part {
				if seen[loc] {
					t.Errorf("%s: %s twice", path, loc)
				}
				seen[loc] = true
			}
		}
		if len(parts) < 3 || len(seen) != want || seen["/records/a/3"] || seen["/records/a/30"] {
			t.Errorf("%s: %d parts with %d records, want %d", path, len(parts), len(seen), want)
		}
	}
	for _, path := range []string{
		"/sitemaps/sources/none.xml", "/sitemaps/sets/none.xml", "/sitemaps/sets/%00.xml", "/sitemaps/sources/A%20B.xml", "/sitemaps/sources/a/0.xml",
		"/sitemaps/sources/a/99.xml", "/sitemaps/sources/a/1", "/sitemaps/sources/", "/sitemaps/sets/a:x%281%29/3.xml",
	} {
		if got := w.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, got.Status)
		}
	}
	var first urlset
	if w.read("/sitemaps/1.xml", &first); len(first.URLs) < 2 || first.URLs[1].Loc != root+"/sources/a" {
		t.Errorf("the sitemap of everything begins with %v", first.URLs[:min(3, len(first.URLs))])
	}
	var feed struct {
		Links []link `xml:"link"`
	}
	if w.read("/feed.atom?set=a:x(1)", &feed); to(feed.Links, "alternate") != "/sets/a:x%281%29" {
		t.Errorf("the feed of a set is that of %v", feed.Links)
	}
}

// Index and parts are as their schemas say.
func TestSitemapSchemas(t *testing.T) {
	schemas, err := filepath.Abs("../../../../shared/xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		missing(t, "no xmllint: install libxml2-utils")
	}
	if _, err := os.Stat(schemas); err != nil {
		missing(t, "no schemas: "+err.Error())
	}
	w := newWorld(t)
	w.commit(live(1, "one"), live(2, "two"))
	for path, schema := range map[string]string{"/sitemap.xml": "siteindex.xsd", "/sitemaps/1.xml": "sitemap.xsd", "/sitemaps/sources/a.xml": "sitemap.xsd"} {
		file := filepath.Join(t.TempDir(), "answer.xml")
		answer, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := answer.ReadFrom(w.get(path).Body); err != nil {
			t.Fatal(err)
		}
		answer.Close()
		cmd := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", filepath.Join(schemas, schema), file)
		cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(schemas, "catalog.xml"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func TestRobots(t *testing.T) {
	var b strings.Builder
	_ = newWorld(t).get("/robots.txt").Write(&b)
	if !strings.Contains(b.String(), "\nSitemap: "+root+"/sitemap.xml\n") || !strings.Contains(b.String(), "\nDisallow: /changes\n") {
		t.Error(b.String())
	}
}

// lostLog has lost the history to which a place belongs.
type lostLog struct{ Log }

func (lostLog) Changes(context.Context, pipeline.Wanted) (pipeline.Changes, error) {
	return pipeline.Changes{}, pipeline.ErrLost
}

// Who comes with a place of a history that is lost is told so, and does not wait for ever.
func TestLostPlace(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "one"))
	head, err := w.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Log = lostLog{w.log}
	for _, path := range []string{"/activity/page?after=", "/feed.atom?before="} {
		if res := w.get(path + head.Cursor.String()); res.StatusCode != http.StatusGone {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// Who follows a source by its name goes on when it has another one.
func TestRenamedSource(t *testing.T) {
	w := newWorld(t)
	w.commit(live(1, "one"), live(2, "two"))
	if err := w.log.Rename(t.Context(), "a", "b"); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"a", "b"} {
		var f atomFeed
		if w.read("/feed.atom?source="+source, &f); len(f.Entries) != 2 {
			t.Errorf("%s: %d entries", source, len(f.Entries))
		}
	}
}

func TestOnlyRead(t *testing.T) {
	r := httptest.NewRecorder()
	newWorld(t).Handler().ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/feed.atom", nil))
	if r.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", r.Code)
	}
}

// readJSON asks for JSON at an address, whole or below the root.
func (w *world) readJSON(address string, into any) {
	w.Helper()
	res := w.get(strings.TrimPrefix(address, root))
	if res.StatusCode != http.StatusOK {
		w.Fatalf("%s: %s", address, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		w.Fatalf("%s: %v", address, err)
	}
}

// From the first page on, and from the last one back, each record is met once, with its last change, in the order of time.
func TestActivities(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		want := map[string]string{}
		for range rapid.IntRange(0, 8).Draw(rt, "commits") {
			var page []pipeline.Change
			for n := range rapid.IntRange(1, 150).Draw(rt, "records") {
				address := root + pipeline.RecordsPath + fmt.Sprintf("a/%d", n)
				switch had := want[address]; {
				case had != "" && had != "Delete" && rapid.IntRange(0, 3).Draw(rt, "what") == 0:
					page, want[address] = append(page, gone(n)), "Delete"
				case had == "":
					page, want[address] = append(page, live(n, "a")), "Create"
				default:
					page, want[address] = append(page, live(n, rapid.StringMatching("[b-z]{20}").Draw(rt, "title"))), "Update"
				}
			}
			w.commit(page...)
		}
		var all collection
		w.readJSON(rapid.SampledFrom([]string{"/activity", "/activity?source=a"}).Draw(rt, "collection"), &all)
		if all.Type != "OrderedCollection" || all.Context[0] != "https://www.w3.org/ns/activitystreams" {
			rt.Fatalf("%+v", all)
		}
		for way, first := range map[string]*named{"next": all.First, "prev": all.Last} {
			got, order := map[string]string{}, []string(nil)
			for at := first; at != nil; {
				var page activityPage
				w.readJSON(at.ID, &page)
				if page.ID != at.ID || page.PartOf.ID != all.ID || page.Items == nil {
					rt.Fatalf("%s is %+v", at.ID, page)
				}
				var here []string
				for _, a := range page.Items {
					if got[a.Object.ID] != "" {
						rt.Fatalf("%s twice", a.Object.ID)
					}
					got[a.Object.ID] = a.Type
					here = append(here, a.EndTime)
				}
				if at = page.Next; way == "prev" {
					at, order = page.Prev, append(here, order...)
				} else {
					order = append(order, here...)
				}
			}
			if !maps.Equal(got, want) || !slices.IsSorted(order) {
				rt.Fatalf("by %s: got %v, want %v", way, got, want)
			}
		}
	})
}

// Of a log in which nothing ever was, everything can be read.
func TestNothing(t *testing.T) {
	w := newWorld(t)
	var f atomFeed
	w.read("/feed.atom", &f)
	if f.Updated.Year() < 2000 || len(f.Entries) != 0 {
		t.Errorf("%+v", f)
	}
	var all collection
	w.readJSON("/activity", &all)
	for _, p := range []*named{all.First, all.Last} {
		var page activityPage
		if w.readJSON(p.ID, &page); page.Prev != nil || page.Next != nil || len(page.Items) != 0 {
			t.Errorf("%+v", page)
		}
	}
}
