package site

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

var numbers = regexp.MustCompile(`^Results: (\d+) – (\d+) of (\d+)$`)

// A sheet is what a page of the list says.
type sheet struct {
	from, to, total int
	titles          []string
	prev, next      string
}

func read(t testing.TB, doc *goquery.Document) sheet {
	t.Helper()
	said := numbers.FindStringSubmatch(spaced(doc.Find(".results").Text()))
	if said == nil {
		t.Fatalf("the page says %q", spaced(doc.Find(".results").Text()))
	}
	var s sheet
	s.from, _ = strconv.Atoi(said[1])
	s.to, _ = strconv.Atoi(said[2])
	s.total, _ = strconv.Atoi(said[3])
	s.titles = doc.Find("article h3").Map(func(_ int, e *goquery.Selection) string { return spaced(e.Text()) })
	s.prev = doc.Find(`.pages a[rel="prev"]`).AttrOr("href", "")
	s.next = doc.Find(`.pages a[rel="next"]`).AttrOr("href", "")
	return s
}

// Whoever follows the links from the first page to the last meets each live record once, in order,
// under its number; and whoever goes back meets them again.
func TestWalk(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &memory{epoch: 3}
		var want []string
		source := rapid.SampledFrom([]string{"", "one", "two"}).Draw(rt, "source")
		for i := range rapid.IntRange(1, 30).Draw(rt, "records") {
			rec := m.add(t, rapid.SampledFrom([]string{"one", "two"}).Draw(rt, "of"), fmt.Sprint(i), titled(fmt.Sprint("Title ", i)))
			rec.Seq += rapid.Int64Range(0, 5).Draw(rt, "gap")
			switch {
			case rapid.IntRange(0, 3).Draw(rt, "deleted") == 0:
				rec.Deleted = pipeline.SourceDeleted
			case source == "" || source == rec.Source:
				want = append(want, fmt.Sprint("Title ", i))
			}
		}
		q := query{source: source, newest: rapid.Bool().Draw(rt, "newest"), size: rapid.IntRange(1, 12).Draw(rt, "size")}
		if q.newest {
			slices.Reverse(want)
		}
		if len(want) == 0 {
			rt.Skip("nothing to list")
		}
		site := newSite(m)
		site.Titles = map[string]string{"one": "", "two": ""}
		h := New(site.Options)

		var got []string
		var last sheet
		for path := q.path(); path != ""; path = last.next {
			last = read(t, get(t, h, path, 200))
			if last.from != len(got)+1 || last.to != len(got)+len(last.titles) || last.total != len(want) {
				rt.Fatalf("%s: results %d – %d of %d, after %d", path, last.from, last.to, last.total, len(got))
			}
			got = append(got, last.titles...)
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("forwards %q, want %q", got, want)
		}
		for last.prev != "" {
			before, path := last.from, last.prev
			w := request(t, h, "GET", path)
			if to := w.Header().Get("Location"); to != "" {
				path = to
			}
			last = read(t, get(t, h, path, 200))
			if last.to != before-1 || !slices.Equal(last.titles, want[last.from-1:last.to]) {
				rt.Fatalf("back at %s: results %d – %d, %q", path, last.from, last.to, last.titles)
			}
		}
		if last.from != 1 {
			rt.Fatalf("the way back ends at result %d", last.from)
		}
	})
}

// While somebody reads, records move to the end and vanish. The numbers stay within the list.
func TestWalkWhileRecordsMove(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &memory{epoch: 3}
		for i := range rapid.IntRange(1, 25).Draw(rt, "records") {
			m.add(t, "one", fmt.Sprint(i), titled(fmt.Sprint("Title ", i)))
		}
		h := New(newSite(m).Options)
		seen := map[string]bool{}
		path := query{size: rapid.IntRange(1, 9).Draw(rt, "size")}.path()
		for steps := 0; path != "" && steps < 100; steps++ {
			doc := get(t, h, path, 200)
			if spaced(doc.Find(".results").Text()) == "Results: none" {
				in(`main p a[href^="/search"]`)(doc.Selection)
				break
			}
			s := read(t, doc)
			if s.from < 1 || s.to < s.from || s.total < s.to || s.to-s.from+1 != len(s.titles) || (s.next == "") != (s.to == s.total) {
				rt.Fatalf("%s: results %d – %d of %d with %d titles; next %q", path, s.from, s.to, s.total, len(s.titles), s.next)
			}
			for _, title := range s.titles {
				seen[title] = true
			}
			path = s.next
			if steps < 20 {
				move(rt, m)
			}
		}
		for _, r := range m.records {
			if title := fmt.Sprint("Title ", r.Identifier[len("oai:archive.example:one/"):]); r.Deleted == pipeline.Live && !seen[title] {
				rt.Fatalf("the walk did not meet %q", title)
			}
		}
	})
}

// move changes some records: each goes to the end of the log, alive or deleted.
func move(rt *rapid.T, m *memory) {
	for range rapid.IntRange(0, 3).Draw(rt, "moves") {
		i := rapid.IntRange(0, len(m.records)-1).Draw(rt, "which")
		rec := m.records[i]
		rec.Seq = m.head().Seq + 1
		if rapid.IntRange(0, 4).Draw(rt, "deleted") == 0 {
			rec.Deleted = pipeline.SourceDeleted
		}
		m.records = append(slices.Delete(m.records, i, i+1), rec)
	}
}
