package jsonapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/jsonapi"
)

// TestShapes: each of the known services gives everything, then what has changed, and a page that fails in the middle
// costs nothing.
func TestShapes(t *testing.T) {
	for _, sh := range shapes {
		t.Run(sh.name, func(t *testing.T) {
			srv := sh.server(t)
			c, f := sh.config(srv.url), newFetcher(srv.url)
			var want []string
			for n := range 250 {
				want = append(want, sh.key(n))
			}
			p := gives(t, "", c, f)
			if !slices.Equal(p.keys, want) || !p.full || p.short != "" || p.unproven == sh.proven {
				t.Fatalf("%d items of 250, full %v, short %q, unproven %v", len(p.keys), p.full, p.short, p.unproven)
			}
			for _, item := range p.items {
				if item.Rejected != nil || item.Format.Prefix != "json" || item.Datestamp == "" || !json.Valid(item.Original) {
					t.Fatalf("an item: %+v", item)
				}
			}

			// Whatever page is asked again, it leads to the same end.
			for _, at := range p.cursors {
				again := gives(t, at, c, f)
				if again.next != p.next || !slices.Equal(again.keys, want[len(want)-len(again.keys):]) {
					t.Fatalf("from %s: %d items, and %s", at, len(again.keys), again.next)
				}
			}

			// The newest of them were changed 30 days ago. Two are changed, and one is added.
			srv.now = day1.AddDate(0, 0, 1)
			srv.works[3].day, srv.works[5].day = srv.now, srv.now
			srv.works = append(srv.works, work{250, srv.now})
			changed := gives(t, p.next, c, f)
			for _, key := range []string{sh.key(3), sh.key(5), sh.key(250)} {
				if !slices.Contains(changed.keys, key) {
					t.Errorf("%s was changed and did not come: %v", key, changed.keys)
				}
			}
			if changed.full || len(changed.keys) >= 150 || changed.short != "" {
				t.Errorf("of the changes: full %v, %d items, short %q", changed.full, len(changed.keys), changed.short)
			}
			if got := since(t, changed.next); got != srv.now.Format(time.RFC3339) {
				t.Errorf("the next pass asks from %s", got)
			}
			if quiet := gives(t, changed.next, c, f); len(quiet.keys) != 3 { // those within the overlap
				t.Errorf("nothing has changed, and %v came", quiet.keys)
			}

			// The third request from now fails: what came before it is taken, and the next run goes on there.
			srv.faults = map[int]func(http.ResponseWriter){len(srv.asked) + 3: broken(http.StatusBadGateway, "<html>Bad gateway</html>")}
			before, err := walk(t, "", c, f)
			if harvest.KindOf(err) != harvest.HTTP5xx || len(before.keys) != 80 {
				t.Fatalf("%d items before the page that fails: %v", len(before.keys), err)
			}
			after := gives(t, before.next, c, f)
			if got := append(before.keys, after.keys...); !slices.Equal(got, append(want, sh.key(250))) {
				t.Errorf("%d items after a page has failed", len(got))
			}
		})
	}
}

// TestOriginals: an item is kept byte for byte, and one that is broken is rejected alone.
func TestOriginals(t *testing.T) {
	body := `{"list": [
	  {"id": 1.50, "n": 12345678901234567890, "t": "a\/b \u00e9 } ] \" {", "x" : null},
	  {"id": "2"  , "t": NaN},
	  {"t": "no id"},
	  {"id": "", "t": "empty"},
	  "id",
	  {"id": ["5"]},
	  {"id": "6", "t": "` + "\xff" + `"},
	  {"id": "7", "t": "tab	in a text"},
	  {"id": "\ud800"},
	  {"id": "9", "gone": true},
	  {"id": "10", "gone": false, "deep": ` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `},
	  {"id": "11", "gone": false} ] }`
	c := jsonapi.Config{From: "https://api.example.org/", Items: "list", Key: "id", Deleted: "gone"}
	p := gives(t, "", c, site(func(string) string { return body }))
	var got []string
	for _, item := range p.items {
		line := item.Key
		switch {
		case item.Rejected != nil:
			line += " " + item.Rejected.Reason
		case item.Deleted:
			line += " deleted"
		}
		got = append(got, line)
		if !item.Deleted && !strings.Contains(body, string(item.Original)) || item.Deleted != (len(item.Original) == 0) {
			t.Errorf("%s: an original that did not come: %s", line, item.Original)
		}
	}
	want := []string{"1.50", "2 malformed", " no_identifier", " no_identifier", " malformed", " no_identifier", "6 malformed", "7 malformed", " no_identifier",
		"9 deleted", "10 too_large", "11"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if string(p.items[0].Original) != `{"id": 1.50, "n": 12345678901234567890, "t": "a\/b \u00e9 } ] \" {", "x" : null}` {
		t.Errorf("the first original is %s", p.items[0].Original)
	}
	if want := `{"id":1.50,"n":12345678901234567890,"t":"a/b é } ] \" {","x":null}`; string(p.items[0].Canonical) != want {
		t.Errorf("it is compared as %s", p.items[0].Canonical)
	}
}

// TestIgnored: what is ignored is kept, and does not count when versions are compared.
func TestIgnored(t *testing.T) {
	s, err := jsonapi.New(jsonapi.Config{From: "https://api.example.org/", Key: "id", Ignore: []string{"stats", "files.views", "versions[1].n", "none.at.all", `["x y"]`}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := `[{"id": 1, "x y": 2, "stats": {"views": 17}, "files": [{"views": 3, "name": "a"}, {"name": "b"}, 5], "versions": [{"n": 1}, {"n": 2, "m": 0.10}], "none": "x"}]`
	items, err := s.Items([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"files":[{"name":"a"},{"name":"b"},5],"id":1,"none":"x","versions":[{"n":1},{"m":0.10}]}`
	if got := string(items[0].Canonical); got != want || string(items[0].Original) != body[1:len(body)-1] {
		t.Errorf("%s is compared as %s, want %s", items[0].Original, got, want)
	}
}

// TestNotPublished: what is false for a deleted item can say so too.
func TestNotPublished(t *testing.T) {
	c := jsonapi.Config{From: "https://api.example.org/", Key: "id", Deleted: "not publish"}
	p := gives(t, "", c, site(func(string) string {
		return `[{"id": 1, "publish": true}, {"id": 2, "publish": false}, {"id": 3}, {"id": 4, "publish": "false"}]`
	}))
	var deleted []string
	for _, item := range p.items {
		if item.Deleted {
			deleted = append(deleted, item.Key)
		}
	}
	if !slices.Equal(deleted, []string{"2", "4"}) {
		t.Errorf("deleted are %v", deleted)
	}
}

// numbered is a service with numbered pages of two items, of which it says how many there are if total is not negative.
func numbered(items, total int) site {
	return func(url string) string {
		n := 0
		fmt.Sscan(url[strings.LastIndex(url, "=")+1:], &n)
		var list []string
		for i := 2 * (n - 1); i < min(2*n, items); i++ {
			list = append(list, fmt.Sprintf(`{"id": "%d"}`, i))
		}
		said := ""
		if total >= 0 {
			said = fmt.Sprintf(`, "total": %d`, total)
		}
		return `{"items": [` + strings.Join(list, ",") + `]` + said + `}`
	}
}

// TestEnds: what shows that a pass is whole, and what doesn't.
func TestEnds(t *testing.T) {
	byNumber := jsonapi.Config{From: "https://api.example.org/", Items: "items", Key: "id", Total: "total", Page: jsonapi.Page{Number: "page"}}
	for _, c := range []struct {
		name            string
		items, total    int
		short, unproven bool
	}{
		{"all that was announced", 6, 6, false, false},
		{"an odd number", 5, 5, false, false},
		{"nothing at all", 0, 0, false, false},
		{"more was announced", 6, 7, true, false},
		{"nothing was announced", 6, -1, false, true},
	} {
		p := gives(t, "", byNumber, numbered(c.items, c.total))
		if len(p.keys) != c.items || (p.short != "") != c.short || p.unproven != c.unproven {
			t.Errorf("%s: %d items, short %q, unproven %v", c.name, len(p.keys), p.short, p.unproven)
		}
	}

	// The last page again for every number behind it: each item comes once, and nothing shows that the list was whole.
	clamped := gives(t, "", byNumber, site(func(url string) string {
		page := 3
		fmt.Sscanf(url[strings.LastIndexByte(url, '=')+1:], "%d", &page)
		return fmt.Sprintf(`{"items": [{"id": "a%[1]d"}, {"id": "b%[1]d"}]}`, min(page, 3))
	}))
	if len(clamped.keys) != 6 || clamped.short != "" || !clamped.unproven {
		t.Errorf("the last page again: %d items, short %q, unproven %v", len(clamped.keys), clamped.short, clamped.unproven)
	}

	one := `{"items": [{"id": "1"}, {"id": "2"}], "next": %s, "total": %s}`
	byLink := byNumber
	byLink.Page = jsonapi.Page{Next: "next"}
	byCursor := byNumber
	byCursor.Page = jsonapi.Page{Cursor: "next", Param: "c"}
	byOffset := byNumber
	byOffset.Page = jsonapi.Page{Offset: "start"}
	atOnce := byNumber
	atOnce.Page = jsonapi.Page{}
	n := 0
	for _, c := range []struct {
		name   string
		config jsonapi.Config
		answer func(url string) string
		kind   harvest.Kind // of the error; empty for a pass that comes to its end
		short  bool
	}{
		{"one page where more was announced", atOnce, func(string) string { return fmt.Sprintf(one, "null", "3") }, "", true},
		{"a list that ends early", byLink, func(string) string { return fmt.Sprintf(one, "null", "3") }, "", true},
		{"a link to itself", byLink, func(url string) string {
			n++
			return fmt.Sprintf(`{"items": [{"id": "%d"}], "next": %q}`, n, "https://api.example.org/?next")
		}, harvest.RepeatedToken, false},
		{"a circle of links", byLink, func(string) string {
			n++
			return fmt.Sprintf(`{"items": [{"id": "%d"}], "next": "?%d"}`, n, n%5)
		}, harvest.RepeatedToken, false},
		{"a circle of pages", byNumber, func(string) string {
			n++
			return fmt.Sprintf(`{"items": [{"id": "%d"}]}`, n%5)
		}, harvest.RepeatedToken, false},
		{"the last page again and again", byNumber, func(url string) string {
			if strings.HasSuffix(url, "=1") {
				return `{"items": [{"id": "0"}]}`
			}
			return `{"items": [{"id": "1"}]}`
		}, "", false},
		{"the last page again and again, by offsets", byOffset, func(url string) string {
			if strings.HasSuffix(url, "=0") {
				return `{"items": [{"id": "0"}, {"id": "1"}]}`
			}
			return `{"items": [{"id": "1"}]}`
		}, "", false},
		{"the last page again and again, where more was announced", byNumber, func(url string) string {
			if strings.HasSuffix(url, "=1") {
				return `{"items": [{"id": "0"}], "total": 3}`
			}
			return `{"items": [{"id": "1"}], "total": 3}`
		}, "", true},
		{"a page that comes twice in the middle", byNumber, func(url string) string {
			n++
			return fmt.Sprintf(`{"items": [{"id": "%d"}]}`, []int{0, 1, 1, 2, 3}[min(n-1, 4)])
		}, harvest.RepeatedToken, false},
		{"a parameter that is not heard", byOffset, func(string) string { return fmt.Sprintf(one, "null", "30") }, harvest.RepeatedToken, false},
		{"a cursor that stays", byCursor, func(string) string {
			n++
			return fmt.Sprintf(`{"items": [{"id": "%d"}], "next": "a"}`, n)
		}, harvest.RepeatedToken, false},
		{"empty pages for ever", byLink, func(string) string {
			n++
			return fmt.Sprintf(`{"items": [], "next": "?%d", "total": 3}`, n)
		}, harvest.EmptyPage, false},
		{"an empty page behind the end", byLink, func(url string) string {
			if strings.HasSuffix(url, "?2") {
				return `{"items": [], "next": "?3", "total": "2"}`
			}
			return fmt.Sprintf(one, `"?2"`, `"2"`)
		}, "", false},
		{"an empty page in the middle", byLink, func(url string) string {
			switch {
			case strings.HasSuffix(url, "?2"):
				return `{"items": null, "next": {"href": "?3"}, "total": 4}`
			case strings.HasSuffix(url, "?3"):
				return `{"items": [{"id": "3"}, {"id": "4"}], "total": {"value": 4, "relation": "eq"}}`
			}
			return fmt.Sprintf(one, `"?2"`, "4")
		}, "", false},
		{"another host", byLink, func(string) string { return fmt.Sprintf(one, `"https://elsewhere.example.org/?2"`, "9") }, harvest.Config, false},
		{"another port", byLink, func(string) string { return fmt.Sprintf(one, `"https://api.example.org:8443/?2"`, "9") }, harvest.Config, false},
		{"a link that is not one", byLink, func(string) string { return fmt.Sprintf(one, `"::"`, "9") }, harvest.Protocol, false},
		{"a long link", byLink, func(string) string { return fmt.Sprintf(one, `"?`+strings.Repeat("x", 5000)+`"`, "9") }, harvest.TooLarge, false},
		{"a long cursor", byCursor, func(string) string { return fmt.Sprintf(one, `"`+strings.Repeat("x", 5000)+`"`, "9") }, harvest.TooLarge, false},
		{"too many items", atOnce, func(string) string { return `{"items": [` + strings.Repeat("1,", 10_000) + `1]}` }, harvest.TooLarge, false},
	} {
		n = 0
		p, err := walk(t, "", c.config, site(c.answer))
		if harvest.KindOf(err) != c.kind || (p.short != "") != c.short {
			t.Errorf("%s: short %q, error %v", c.name, p.short, err)
		}
	}
}

// TestAtLeast: where a search engine stops counting, it is asked until it has nothing more.
func TestAtLeast(t *testing.T) {
	c := jsonapi.Config{From: "https://api.example.org/", Items: "items", Key: "id", Total: "total.value", Page: jsonapi.Page{Number: "page"}}
	for _, path := range []string{"total", "total.value"} {
		c.Total = path
		p := gives(t, "", c, site(func(url string) string {
			return strings.Replace(numbered(7, 4)(url), `"total": 4`, `"total": {"value": 4, "relation": "gte"}`, 1)
		}))
		if len(p.keys) != 7 || !p.unproven || p.short != "" {
			t.Errorf("%s: %d items, unproven %v, short %q", path, len(p.keys), p.unproven, p.short)
		}
	}
}

// TestAnswersOfOtherKinds: what is not a list of items says what it is.
func TestAnswersOfOtherKinds(t *testing.T) {
	c := jsonapi.Config{From: "https://api.example.org/works?key=secret", Items: "items", Key: "id"}
	for _, a := range []struct {
		body string
		kind harvest.Kind
		says string
	}{
		{"<!doctype html><title>Login</title>", harvest.HTML, "a web page instead of JSON"},
		{`{"error": {"message": "no such\nfilter"}}`, harvest.Protocol, "the server says: no such filter"},
		{`{"status": "ok", "results": []}`, harvest.Protocol, "no list at items: items; it has status, results"},
		{`{"items": {"a": 1}}`, harvest.Config, "what stands at items: items is not a list"},
		{`[1]`, harvest.Protocol, "no list at items: items"},
		{`{"items": [{"id": 1}`, harvest.Truncated, "ends within a value"},
		{``, harvest.Truncated, ""},
		{`{"items": [{"id": 1} {"id": 2}]}`, harvest.Malformed, "it is not JSON"},
		{`{"items": [{"id": 1}]} Warning: a line of a script`, harvest.Malformed, "it is not JSON"},
		{"\xfe\xff\x00{", harvest.Malformed, "it is not JSON"},
	} {
		_, err := walk(t, "", c, site(func(string) string { return a.body }))
		if harvest.KindOf(err) != a.kind || !strings.Contains(err.Error(), a.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.40q: %v", a.body, err)
		}
	}
	c.Items = ""
	if _, err := walk(t, "", c, site(func(string) string { return `{"data": []}` })); harvest.KindOf(err) != harvest.Protocol || !strings.Contains(err.Error(), "items: says where") {
		t.Errorf("an object where a list should be: %v", err)
	}
}

// TestRefusals: what a server says of an error in JSON is told, and a server that is tired is not asked on.
func TestRefusals(t *testing.T) {
	sh := shapes[0]
	for _, c := range []struct {
		status int
		body   string
		kind   harvest.Kind
		says   string
	}{
		{http.StatusTooManyRequests, `{"message": "slow down"}`, harvest.RateLimited, "the server says: slow down"},
		{http.StatusServiceUnavailable, ``, harvest.HTTP5xx, ""},
		{http.StatusBadRequest, `{"status":"failed","message":[{"type":"x","message":"Cursor has expired"}]}`, harvest.HTTP4xx, "the server says: Cursor has expired"},
		{http.StatusUnauthorized, `{"errors":[{"title":"Bad credentials."}]}`, harvest.Forbidden, "the server says: Bad credentials."},
	} {
		srv := sh.server(t)
		srv.faults = map[int]func(http.ResponseWriter){2: broken(c.status, c.body)}
		p, err := walk(t, "", sh.config(srv.url), newFetcher(srv.url))
		if harvest.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) || len(p.keys) != 40 {
			t.Errorf("%d: %v after %d items", c.status, err, len(p.keys))
		}
	}
}

// TestExpiredCursor: if a server has forgotten a cursor, the pass begins again. Pages with numbers go on where they were.
func TestExpiredCursor(t *testing.T) {
	for _, sh := range shapes {
		srv := sh.server(t)
		srv.faults = map[int]func(http.ResponseWriter){3: broken(http.StatusNotFound, `{}`)}
		p, err := walk(t, "", sh.config(srv.url), newFetcher(srv.url))
		s, bad := jsonapi.New(sh.config(srv.url), newFetcher(srv.url))
		if bad != nil || err == nil {
			t.Fatal(bad, err)
		}
		at := s.Detour(p.next, fmt.Errorf("harvest x: %w", err))
		byNumber := sh.config("").Page.Number != ""
		if begins := !strings.Contains(string(at), `"pages"`); begins == byNumber {
			t.Errorf("%s: goes on at %s", sh.name, at)
		}
		if again := s.Detour(p.next, &harvest.Error{Kind: harvest.HTTP5xx}); again != p.next {
			t.Errorf("%s: a broken server moves the place to %s", sh.name, again)
		}
		if rest := gives(t, at, sh.config(srv.url), newFetcher(srv.url)); len(rest.keys) < 170 {
			t.Errorf("%s: %d items after that", sh.name, len(rest.keys))
		}
	}
}
