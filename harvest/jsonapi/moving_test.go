package jsonapi_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
)

// A moving list has pages of ten items, with numbers, offsets or links. Something happens before each request.
type moving struct {
	keys    []int
	happens func(request int, m *moving)
	total   func(m *moving) int
	asked   int
}

func (m *moving) answer(url string) string {
	m.asked++
	if m.happens != nil {
		m.happens(m.asked, m)
	}
	query := url[strings.LastIndex(url, "=")+1:]
	n, err := strconv.Atoi(query)
	first := n
	if strings.Contains(url, "page=") {
		first = 10 * (n - 1)
	}
	if err != nil {
		first = 0
	}
	first = min(first, len(m.keys))
	page := m.keys[first:min(first+10, len(m.keys))]
	next := "null"
	if first+10 < len(m.keys) {
		next = fmt.Sprintf(`"?offset=%d"`, first+10)
	}
	var items []string
	for _, key := range page {
		items = append(items, fmt.Sprintf(`{"id": %d}`, key))
	}
	total := len(m.keys)
	if m.total != nil {
		total = m.total(m)
	}
	return fmt.Sprintf(`{"items": [%s], "total": %d, "next": %s}`, strings.Join(items, ","), total, next)
}

var movingWays = map[string]jsonapi.Page{"numbers": {Number: "page"}, "offsets": {Offset: "offset"}, "links": {Next: "next"}}

func movingConfig(page jsonapi.Page) jsonapi.Config {
	return jsonapi.Config{From: "https://api.example.org/", Items: "items", Key: "id", Total: "total", Page: page}
}

func upTo(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// TestItemsTakenOut: whatever is taken out of the list or put into it while it is read, what stays all the time comes, or the
// pass is known to be short.
func TestItemsTakenOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"numbers", "offsets", "links"}).Draw(rt, "way")
		n := rapid.IntRange(0, 60).Draw(rt, "items")
		gone := map[int]bool{}
		added := 1000
		m := &moving{keys: upTo(n)}
		m.happens = func(_ int, m *moving) {
			if added > 1040 {
				return
			}
			added++
			switch at := rapid.IntRange(0, max(len(m.keys)-1, 0)).Draw(rt, "at"); {
			case len(m.keys) == 0:
			case rapid.IntRange(0, 3).Draw(rt, "taken out") == 0:
				gone[m.keys[at]] = true
				m.keys = slices.Delete(m.keys, at, at+1)
			case rapid.IntRange(0, 9).Draw(rt, "added") == 0:
				m.keys = append(m.keys, added) // behind all: in a list of fixed order
			}
		}
		s, err := jsonapi.New(movingConfig(movingWays[name]), site(m.answer))
		if err != nil {
			rt.Fatal(err)
		}
		came := map[string]bool{}
		for at := harvest.Cursor(""); ; {
			page, err := s.Page(t.Context(), at)
			if err != nil {
				return // it is known not to be whole
			}
			for _, item := range page.Items {
				came[item.Key] = true
			}
			if at = page.Next; !page.Done {
				continue
			}
			for key := range n {
				if !gone[key] && !came[strconv.Itoa(key)] && page.Short == "" {
					rt.Fatalf("%s: %d was there all the time and did not come", name, key)
				}
			}
			return
		}
	})
}

// TestOneTakenOut: one item that is taken out in the middle costs two requests more, and nothing else.
func TestOneTakenOut(t *testing.T) {
	for name, page := range movingWays {
		m := &moving{keys: upTo(35), happens: func(request int, m *moving) {
			if request == 3 {
				m.keys = slices.Delete(m.keys, 4, 5)
			}
		}}
		p := gives(t, "", movingConfig(page), site(m.answer))
		if !slices.Contains(p.keys, "20") || p.short != "" || p.unproven || m.asked != 6 {
			t.Errorf("%s: short %q after %d requests: %v", name, p.short, m.asked, p.keys)
		}
	}
}

// TestItemsAdded: what is added while a list is read may stand before the place that was reached. The pass has all that
// there was when it began, and the next one asks for the rest.
func TestItemsAdded(t *testing.T) {
	n := 0
	c := movingConfig(jsonapi.Page{Cursor: "next", Param: "c"})
	p := gives(t, "", c, site(func(string) string {
		n++
		return fmt.Sprintf(`{"items": [{"id": %d}], "total": %d, "next": %s}`, n, 3+n, []string{"null", `"a"`, `"b"`, `"c"`, "null"}[n%5])
	}))
	if len(p.keys) != 4 || p.short != "" || p.unproven {
		t.Errorf("%v, short %q, unproven %v", p.keys, p.short, p.unproven)
	}
}

// TestItemsTwice: where a list has no fixed order, some items come twice and others don't, and the number is right all the
// same. So it is for a list that is longer than what is remembered of it.
func TestItemsTwice(t *testing.T) {
	for _, n := range []int{30, 3000} {
		m := &moving{keys: upTo(n)}
		copy(m.keys[n/2:], upTo(n/3))
		if p := gives100(t, movingConfig(jsonapi.Page{Number: "page"}), m); !strings.Contains(p.short, "some came more than once") || len(p.keys) != n {
			t.Errorf("%d items: short %q", n, p.short)
		}
		m = &moving{keys: upTo(n)}
		if p := gives100(t, movingConfig(jsonapi.Page{Number: "page"}), m); p.short != "" || p.unproven {
			t.Errorf("%d items, each once: short %q", n, p.short)
		}
	}
}

// gives100 is a pass of any number of pages.
func gives100(t *testing.T, c jsonapi.Config, m *moving) (out pass) {
	t.Helper()
	s, err := jsonapi.New(c, site(m.answer))
	if err != nil {
		t.Fatal(err)
	}
	for {
		page, err := s.Page(t.Context(), out.next)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			out.keys = append(out.keys, item.Key)
		}
		if out.next = page.Next; len(out.next) > 64<<10 {
			t.Fatalf("a cursor of %d bytes", len(out.next))
		}
		if page.Done {
			out.short, out.unproven = page.Short, page.Unproven
			return out
		}
	}
}

// TestCountsThatJump: a service that counts anew for each answer is not read for ever, and not taken for whole.
func TestCountsThatJump(t *testing.T) {
	m := &moving{keys: upTo(900)}
	m.total = func(m *moving) int { return 900 - m.asked%2 }
	p := gives100(t, movingConfig(jsonapi.Page{Offset: "offset"}), m)
	if m.asked > 200 || len(p.keys) < 900 || p.short == "" {
		t.Errorf("%d requests, %d items, short %q", m.asked, len(p.keys), p.short)
	}
}

// TestLongCursors: the longest links and cursors that are taken fit into a cursor of ours.
func TestLongCursors(t *testing.T) {
	for _, c := range []struct {
		page jsonapi.Page
		next string
	}{
		{jsonapi.Page{Cursor: "next", Param: "c"}, strings.Repeat(`\u0001`, 3060)},
		{jsonapi.Page{Next: "next"}, "?" + strings.Repeat("&", 3000)},
	} {
		n := 0
		s, err := jsonapi.New(movingConfig(c.page), site(func(string) string {
			n++
			var items []string
			for i := range 1000 {
				items = append(items, fmt.Sprintf(`{"id": %d}`, 1000*n+i))
			}
			return fmt.Sprintf(`{"items": [%s], "next": "%s%d", "total": 100000}`, strings.Join(items, ","), c.next, n)
		}))
		if err != nil {
			t.Fatal(err)
		}
		for at := harvest.Cursor(""); n < 5; {
			page, err := s.Page(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			if at = page.Next; len(at) > 64<<10 {
				t.Errorf("a cursor of %d bytes", len(at))
			}
		}
	}
}
