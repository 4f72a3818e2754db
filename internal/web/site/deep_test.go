package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// many is a search that finds n records, which are all alike, at the places n to 1 of the log.
type many struct {
	Finder
	n, all int
	sort   search.Sort // in which all are in order
}

func (m many) Find(_ context.Context, q *search.Query) (*search.Found, error) {
	top := m.n // the place of the first hit of the stretch
	if q.Before > 0 {
		top = int(q.Before) - 1
	}
	out := &search.Found{Total: min(top, search.MaxHits), Ordered: q.Sort == m.sort, More: m.n > search.MaxHits, All: m.all, Place: pipeline.Cursor{Epoch: 7, Seq: int64(m.n)}}
	for range min(q.Limit, out.Total-q.Offset) {
		out.Hits = append(out.Hits, "oai:archive.example:s/1")
	}
	if top > search.MaxHits {
		out.Next = int64(top - search.MaxHits + 1)
	}
	if above := top + search.MaxHits; q.Before > 0 && above < m.n {
		out.Prev = int64(above + 1)
	}
	return out, nil
}

func (m many) Around(_ context.Context, q *search.Query, _ string) (*search.Around, error) {
	return &search.Around{Number: 30, Total: min(search.MaxHits, int(q.Before)-1), More: int(q.Before)-1 > search.MaxHits}, nil
}

func (m many) Alike(context.Context, string, int) (*search.Alike, error) { return &search.Alike{}, nil }

func (m many) Walk(context.Context, *search.Query, int64, int) (*search.Walked, error) {
	return &search.Walked{}, nil
}

func deep(t *testing.T, all int) http.Handler {
	t.Helper()
	m := &memory{epoch: 7}
	m.add(t, "s", "1", titled("A letter"))
	site := newSite(m)
	site.Finder = many{n: 20_140, all: all, sort: search.Early}
	return New(site.Options)
}

// The pages go on behind the results that are sorted at once, to the last one and back to the first.
func TestDeepPages(t *testing.T) {
	h := deep(t, 20_140)
	for rel, path := range map[string]string{"next": "/search?q=letter&sort=early&size=100&start=9901", "prev": "/search?q=letter&sort=early&size=100&start=20101&before=7.141"} {
		from, step := 9_901, 100
		if rel == "prev" {
			from, step = 20_101, -100
		}
		for ; from >= 9_901 && path != ""; from += step {
			to := min(from+99, 20_140)
			doc := see(t, h, path, 200, texts("#results", "Results: "+thousands(from)+" – "+thousands(to)+" of 20,140"), times("ol.list li", to-from+1))
			path = doc.Find("a[rel~="+rel+"]").AttrOr("href", "")
		}
		if want := map[string]int{"next": 20_201, "prev": 9_801}[rel]; from != want {
			t.Errorf("%s ends before %d", rel, from)
		}
	}
	// What is sorted at once is said, and what is counted.
	see(t, h, "/search?q=letter&sort=early", 200, texts(".order", "The numbers beside the list are those of the newest 10,000.", "Under the headings of their kinds"))
	see(t, h, "/search?q=letter&sort=title", 200, texts(".order", "The numbers beside the list are those of the newest 10,000. In each order the newest 10,000 stand first, and the others behind them, as many at a time.", "Under the headings of their kinds"))
	// One address for a page, and no other way into the depth; what is of another history of the log is gone.
	see(t, h, "/search?q=letter&start=20013&before=7.141", 200, texts("#results", "Results: 20,001 – 20,025 of 20,140"),
		in("link[rel=canonical]", attr("href", "https://gateway.example/search?q=letter&start=20001&before=7.141")))
	see(t, h, "/search?q=letter&start=20001", 200, texts("#results", "Results: 9,976 – 10,000 of 20,140"))
	see(t, h, "/search?q=letter&start=26&before=7.141", 200, in("link[rel=canonical]", attr("href", "https://gateway.example/search?q=letter&start=26")))
	see(t, h, "/search?q=letter&start=20001&before=6.141", 410)
	// What leads out of the depth begins at the beginning.
	doc := see(t, h, "/search?q=letter&kind=Documents&start=20001&before=7.141", 200)
	doc.Find(".chips a").Each(func(_ int, a *goquery.Selection) {
		if strings.Contains(a.AttrOr("href", ""), "before") {
			t.Errorf("%s stays in the depth", a.AttrOr("href", ""))
		}
	})
	// A record that is opened there leads back to its page.
	record := doc.Find("ol.list h3 a").First().AttrOr("href", "")
	see(t, h, record, 200, texts(".trail a", "Results: 20,030 of 20,140"),
		in(".trail a", attr("href", "/search?q=letter&kind=Documents&start=20026&before=7.141")))
}

// The number of all results is told if there was time to count them.
func TestTotalNotCounted(t *testing.T) {
	h := deep(t, 0)
	see(t, h, "/search?q=letter", 200, texts("#results", "Results: 1 – 25 of 10,000 and more"))
	see(t, h, "/search?q=letter&start=10001&before=7.10141", 200, texts("#results", "Results: 10,001 – 10,025 of 20,000 and more"))
	// Programs go the same way.
	path := "/api/v1/search?q=letter&size=100&start=9901"
	for want := 4; want > 0; want-- {
		var got apiSearch
		if err := json.Unmarshal(request(t, h, http.MethodGet, path).Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Results) != 100 || got.Next == "" {
			t.Fatalf("%s: %d results, then %q", path, len(got.Results), got.Next)
		}
		u, err := url.Parse(got.Next)
		if err != nil {
			t.Fatal(err)
		}
		path = u.RequestURI()
	}
	if !strings.Contains(path, "start=10301&before=7.10141") {
		t.Errorf("four pages on is %s", path)
	}
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
