package listing_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// A step is what a walk met: the titles of a page, or the kind of an error.
type step struct {
	titles     string
	incomplete bool
	done       bool
	err        harvest.Kind
}

// steps walks a site whose pages are given in the order of their numbers, from 1.
func steps(t *testing.T, c listing.Config, pages ...string) (got []step, errs []error) {
	t.Helper()
	c.Pages.First = 1
	if c.Select.Row == "" {
		c.Select = plainSelect
	}
	source := newSiteSource(t, c, func(address string) (string, error) {
		u, err := url.Parse(address)
		if err != nil {
			return "", err
		}
		n, err := strconv.Atoi(u.Query().Get("page"))
		if err != nil || n < 1 || n > len(pages) {
			return "", &harvest.Error{Kind: harvest.HTTP4xx, Status: 404}
		}
		return pages[n-1], nil
	})
	for at := harvest.Cursor(""); len(got) < 50; {
		p, err := source.Page(t.Context(), at)
		if err != nil {
			return append(got, step{err: harvest.KindOf(err)}), append(errs, err)
		}
		s := step{incomplete: p.Unproven || p.Short != "", done: p.Done}
		for _, it := range p.Items {
			if it.Rejected != nil {
				s.titles += "!" + it.Rejected.Reason
			} else {
				s.titles += decodeOriginal(t, it).Title
			}
		}
		if p.Unproven && len(p.Warnings) == 0 && !strings.HasPrefix(s.titles, "!") {
			t.Error("an incomplete page does not say why")
		}
		got = append(got, s)
		if p.Done {
			break
		}
		at = p.Next
	}
	return got, errs
}

// rowsOf writes a page with a row for each letter.
func rowsOf(count, letters string) string {
	var b strings.Builder
	b.WriteString("<p class=count>" + count + "</p>")
	for _, l := range letters {
		fmt.Fprintf(&b, "<div class=row><i class=date>1958</i><h3>%c</h3></div>", l)
	}
	return b.String()
}

func TestWalk(t *testing.T) {
	ended := plainSelect
	ended.End = ".none, .last"
	total := plainSelect
	total.Count = ".count"
	for _, test := range []struct {
		name  string
		c     listing.Config
		pages []string
		want  []step
	}{
		{"to the end that the count says", listing.Config{},
			[]string{rowsOf("1 - 2 of 5", "ab"), rowsOf("3 - 4 of 5", "cd"), rowsOf("5 - 5 of 5", "e"), rowsOf("", "x")},
			[]step{{titles: "ab"}, {titles: "cd"}, {titles: "e", done: true}}},
		{"pages of different length", listing.Config{},
			[]string{rowsOf("1 - 1 of 4", "a"), rowsOf("2 - 4 of 4", "bcd")},
			[]step{{titles: "a"}, {titles: "bcd", done: true}}},
		{"the site takes every page number for the first", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab"), rowsOf("1 - 2 of 4", "ab")},
			[]step{{titles: "ab"}, {err: harvest.RepeatedToken}}},
		{"the site goes back", listing.Config{},
			[]string{rowsOf("1 - 2 of 5", "ab"), rowsOf("3 - 4 of 5", "cd"), rowsOf("1 - 2 of 5", "xy")},
			[]step{{titles: "ab"}, {titles: "cd"}, {err: harvest.RepeatedToken}}},
		{"the same rows under another count", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab"), rowsOf("3 - 4 of 4", "ab")},
			[]step{{titles: "ab"}, {err: harvest.RepeatedToken}}},
		{"the listing grows", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab"), rowsOf("3 - 4 of 5", "bc"), rowsOf("5 - 5 of 5", "d")},
			[]step{{titles: "ab"}, {titles: "bc", incomplete: true}, {titles: "d", done: true}}},
		{"the listing shrinks", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab"), rowsOf("3 - 3 of 3", "d")},
			[]step{{titles: "ab"}, {titles: "d", incomplete: true, done: true}}},
		{"rows are skipped", listing.Config{},
			[]string{rowsOf("1 - 2 of 6", "ab"), rowsOf("5 - 6 of 6", "ef")},
			[]step{{titles: "ab"}, {titles: "ef", incomplete: true, done: true}}},
		{"pages overlap", listing.Config{},
			[]string{rowsOf("1 - 2 of 3", "ab"), rowsOf("2 - 3 of 3", "bc")},
			[]step{{titles: "ab"}, {titles: "bc", incomplete: true, done: true}}},
		{"the pass begins in the middle", listing.Config{},
			[]string{rowsOf("3 - 4 of 4", "cd")},
			[]step{{titles: "cd", incomplete: true, done: true}}},
		{"a page that does not agree with its count", listing.Config{},
			[]string{rowsOf("1 - 2 of 5", "ab"), rowsOf("3 - 4 of 5", "c"), rowsOf("5 - 5 of 5", "e")},
			[]step{{titles: "ab"}, {titles: "!count_mismatch", incomplete: true}, {titles: "e", done: true}}},
		{"a page that says nonsense", listing.Config{},
			[]string{rowsOf("1 - 2 of 5", "ab"), rowsOf("4 - 3 of 5", "cd"), rowsOf("5 - 5 of 5", "e")},
			[]step{{titles: "ab"}, {titles: "!count_mismatch", incomplete: true}, {titles: "e", incomplete: true, done: true}}},
		{"the last page does not agree with its count", listing.Config{},
			[]string{rowsOf("1 - 2 of 3", "ab"), rowsOf("3 - 3 of 3", "cd")},
			[]step{{titles: "ab"}, {titles: "!count_mismatch", incomplete: true, done: true}}},
		{"no row where the page says some", listing.Config{},
			[]string{rowsOf("1 - 9 of 9", "")},
			[]step{{err: harvest.CountMismatch}}},
		{"an empty listing", listing.Config{},
			[]string{rowsOf("0 - 0 of 0", "")},
			[]step{{incomplete: true, done: true}}},
		{"a total alone", listing.Config{Select: total},
			[]string{rowsOf("3 results", "ab"), rowsOf("3 results", "c")},
			[]step{{titles: "ab"}, {titles: "c", done: true}}},
		{"a total that is not reached", listing.Config{Select: total},
			[]string{rowsOf("3 results", "ab"), rowsOf("3 results", "")},
			[]step{{titles: "ab"}, {err: harvest.CountMismatch}}},
		{"a total that is passed", listing.Config{Select: total},
			[]string{rowsOf("3 results", "ab"), rowsOf("3 results", "cd")},
			[]step{{titles: "ab"}, {err: harvest.CountMismatch}}},
		{"no count, and an empty page that says nothing", listing.Config{},
			[]string{rowsOf("", "ab"), rowsOf("", "")},
			[]step{{titles: "ab"}, {err: harvest.EmptyPage}}},
		{"no count, and an empty page that says so", listing.Config{Select: ended},
			[]string{rowsOf("", "ab"), rowsOf("", "") + "<p class=none>Nothing found</p>"},
			[]step{{titles: "ab"}, {done: true}}},
		{"no count, and a last page that says so", listing.Config{Select: ended},
			[]string{rowsOf("", "ab"), rowsOf("", "c") + "<a class=last>Next</a>"},
			[]step{{titles: "ab"}, {titles: "c", done: true}}},
		{"no count, and nothing at all", listing.Config{Select: ended},
			[]string{"<p class=none>Nothing found</p>"},
			[]step{{incomplete: true, done: true}}},
		{"no count, and the last page again", listing.Config{},
			[]string{rowsOf("", "ab"), rowsOf("", "c"), rowsOf("", "c")},
			[]step{{titles: "ab"}, {titles: "c"}, {err: harvest.RepeatedToken}}},
		{"no count, and the first page again", listing.Config{},
			[]string{rowsOf("", "ab"), rowsOf("", "c"), rowsOf("", "ab")},
			[]step{{titles: "ab"}, {titles: "c"}, {err: harvest.RepeatedToken}}},
		{"a login page in the middle", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab"), "<form><input type=password></form>"},
			[]step{{titles: "ab"}, {err: harvest.HTML}}},
		{"a bot wall in the middle", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab"), "<title>Just a moment...</title>"},
			[]step{{titles: "ab"}, {err: harvest.Challenged}}},
		{"a page that is not there", listing.Config{},
			[]string{rowsOf("1 - 2 of 4", "ab")},
			[]step{{titles: "ab"}, {err: harvest.HTTP4xx}}},
		{"stopped by pages.max", listing.Config{Pages: listing.Pages{Max: 1}},
			[]string{rowsOf("1 - 2 of 4", "ab"), rowsOf("3 - 4 of 4", "cd")},
			[]step{{titles: "ab", incomplete: true, done: true}}},
		{"text pages", listing.Config{},
			[]string{"1 - 1 of 2\n\n1958\n\na\n", "2 - 2 of 2\n\n1959\n\nb\n"},
			[]step{{titles: "a"}, {titles: "b", done: true}}},
		{"one page", listing.Config{From: []string{"https://archive.example.org/list?page=1"}},
			[]string{rowsOf("1 - 2 of 2", "ab")},
			[]step{{titles: "ab", done: true}}},
		{"one page of several", listing.Config{From: []string{"https://archive.example.org/list?page=1"}},
			[]string{rowsOf("1 - 2 of 4", "ab")},
			[]step{{titles: "ab", incomplete: true, done: true}}},
		{"one page without count", listing.Config{From: []string{"https://archive.example.org/list?page=1"}},
			[]string{rowsOf("", "ab")},
			[]step{{titles: "ab", incomplete: true, done: true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, errs := steps(t, test.c, test.pages...)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(step{})); diff != "" {
				t.Errorf("steps (-want +got):\n%s%v", diff, errs)
			}
		})
	}
}

// TestErrorInTheReadersWords: what to look at is in the error.
func TestErrorInTheReadersWords(t *testing.T) {
	_, errs := steps(t, listing.Config{}, rowsOf("Results: 1 – 9 of 9", ""))
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "selector .row matched 0 times; the page says 9") ||
		!strings.Contains(errs[0].Error(), "archive.example.org/list") || strings.Contains(errs[0].Error(), "page=") {
		t.Errorf("error %q", errs)
	}
}

// TestNumbering: pages are numbered as the site does it.
func TestNumbering(t *testing.T) {
	var asked []string
	source := newSiteSource(t, listing.Config{
		From: []string{"https://archive.example.org/{page}/list"}, Pages: listing.Pages{First: 0, Step: 2}, Select: plainSelect,
	}, func(address string) (string, error) {
		asked = append(asked, address)
		return []string{rowsOf("1 - 2 of 3", "ab"), rowsOf("3 - 3 of 3", "c")}[len(asked)-1], nil
	})
	walk(t, source)
	if diff := cmp.Diff([]string{"https://archive.example.org/0/list", "https://archive.example.org/2/list"}, asked); diff != "" {
		t.Error("asked (-want +got):\n" + diff)
	}
}

// TestCursorsOfOtherPlaces: a cursor that can't be meant begins the pass anew, and misses nothing.
func TestCursorsOfOtherPlaces(t *testing.T) {
	page := func(string) (string, error) { return rowsOf("1 - 1 of 2", "a"), nil }
	other, err := newSiteSource(t, listing.Config{From: []string{"https://other.example.org/{page}"}, Select: plainSelect}, page).Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	source := newSiteSource(t, listing.Config{Select: plainSelect}, page)
	begin, err := source.Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []harvest.Cursor{"x", "{}", "[]", `{"v":99}`, other.Next} {
		got, err := source.Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(begin, got); diff != "" {
			t.Errorf("at %q (-begin +got):\n%s", at, diff)
		}
	}
}

func TestFetchErrorsAndContext(t *testing.T) {
	cause := &harvest.Error{Kind: harvest.Forbidden, Status: 403}
	source := newSiteSource(t, listing.Config{}, func(string) (string, error) { return "", cause })
	if _, err := source.Page(t.Context(), ""); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Page(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
