package resourcesync_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
)

// TestVerification: what is other than the list says is rejected with its bytes, and asked for again until it is right.
func TestVerification(t *testing.T) {
	pages := small()
	s := newSite(t, pages)
	for name, body := range map[string]string{"longer": dc("BB"), "of one length": dc("X"), "cut": dc("B")[:40]} {
		pages["/b"] = body
		p := s.walk(t, "", resourcesync.Config{}, false)
		gives(t, name, p, "/a A", "/b: hash_mismatch")
		whole(t, p, true)
		p = s.walk(t, p.next, resourcesync.Config{}, false)
		gives(t, name+", again", p, "/b: hash_mismatch")
		pages["/b"] = dc("B")
		p = s.walk(t, p.next, resourcesync.Config{}, false)
		gives(t, name+", right", p, "/b B")
		gives(t, name+", over", s.walk(t, p.next, resourcesync.Config{}, false))
	}
	pages["/b"] = dc("X")
	page, err := s.source(t, resourcesync.Config{}).Page(t.Context(), "")
	if err != nil || string(page.Items[1].Original) != dc("X") || !strings.Contains(page.Items[1].Rejected.Detail, "the list says") {
		t.Errorf("%+v, %v", page, err)
	}
	// The list is of yesterday, and the list of changes says what the resource is now.
	pages["/changelist.xml"] = urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`,
		at("/b", `change="updated" datetime="2026-05-02T00:00:00Z" `+sumOf(dc("X"))), changed("/a", "deleted", "2026-05-02T00:00:00Z"))
	delete(pages, "/a")
	p := s.walk(t, "", resourcesync.Config{}, false)
	gives(t, "changed since", p, "/b X", "/a deleted")
	whole(t, p, true)
}

// TestMissing: what can't be had makes the pass short, by name, and is asked for again.
func TestMissing(t *testing.T) {
	pages := small()
	s := newSite(t, pages)
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, dc("B")[:20])
	}
	large := func(w http.ResponseWriter) { fmt.Fprint(w, strings.Repeat("<a>", 6<<20)) }
	for name, fail := range map[string]func(http.ResponseWriter){"gone": status(404), "forbidden": status(403), "broken": status(500), "cut": cut, "large": large} {
		s.fail["/b"] = fail
		p := s.walk(t, "", resourcesync.Config{}, false)
		gives(t, name, p, "/a A")
		if !strings.HasPrefix(p.short, "/b can't be had: ") {
			t.Errorf("%s: short %q", name, p.short)
		}
		p = s.walk(t, p.next, resourcesync.Config{}, false)
		gives(t, name+", again", p)
		if !strings.HasPrefix(p.short, "/b can't be had: ") || p.full {
			t.Errorf("%s, again: short %q, full %v", name, p.short, p.full)
		}
		delete(s.fail, "/b")
		p = s.walk(t, p.next, resourcesync.Config{}, false)
		gives(t, name+", there", p, "/b B")
		whole(t, p, false)
	}
}

// TestBrokenServer: a server that is down is not one whose resources are gone.
func TestBrokenServer(t *testing.T) {
	pages := small()
	var entries []string
	for n := range 20 {
		path := fmt.Sprintf("/r%02d", n)
		pages[path] = dc(fmt.Sprint(n))
		entries = append(entries, at(path, xmlType))
	}
	pages["/resourcelist.xml"] = urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, entries...)
	s := newSite(t, pages)
	busy := func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(503)
	}
	s.fail["/r05"] = busy
	src := s.source(t, resourcesync.Config{})
	page, err := src.Page(t.Context(), "")
	if err != nil || len(page.Items) != 5 || page.Done {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, err := src.Page(t.Context(), page.Next); harvest.KindOf(err) != harvest.RateLimited {
		t.Errorf("a server that asks for patience: %v", err)
	}
	for n := 5; n < 20; n++ {
		s.fail[fmt.Sprintf("/r%02d", n)] = status(500)
	}
	at := page.Next
	if _, err = src.Page(t.Context(), at); harvest.KindOf(err) != harvest.HTTP5xx {
		t.Errorf("a broken server: %v", err)
	}
	// After some runs that have failed here, what fails is passed over.
	for range 3 {
		at = src.Detour(at, err)
	}
	for n := 11; n < 20; n++ {
		delete(s.fail, fmt.Sprintf("/r%02d", n))
	}
	p := s.walk(t, at, resourcesync.Config{}, false)
	if len(p.items) != 9 || !strings.Contains(p.short, "(and 5 more)") {
		t.Errorf("%q, short %q", p.items, p.short)
	}
	for n := range 20 {
		delete(s.fail, fmt.Sprintf("/r%02d", n))
	}
	if p = s.walk(t, p.next, resourcesync.Config{}, false); len(p.items) != 6 || p.full || p.short != "" {
		t.Errorf("%q, short %q", p.items, p.short)
	}
}

// TestParts: the parts of an index are read; one that can't be had makes the pass short, and the next full; one that is cut
// is an error.
func TestParts(t *testing.T) {
	pages := small()
	pages["/resourcelist.xml"] = index(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, at("/1.xml", ""), at("/2.xml", ""), at("/3.xml", ""))
	for n, path := range []string{"/a", "/b", "/c"} {
		pages[fmt.Sprintf("/%d.xml", n+1)] = urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, at(path, xmlType))
	}
	pages["/c"] = dc("C")
	s := newSite(t, pages)
	p := s.walk(t, "", resourcesync.Config{}, false)
	gives(t, "all parts", p, "/a A", "/b B", "/c C")
	whole(t, p, true)
	s.fail["/2.xml"] = status(404)
	p = s.walk(t, "", resourcesync.Config{}, false)
	gives(t, "a part is gone", p, "/a A", "/c C")
	if !strings.HasPrefix(p.short, "/2.xml can't be had") {
		t.Errorf("short %q", p.short)
	}
	delete(s.fail, "/2.xml")
	p = s.walk(t, p.next, resourcesync.Config{}, false)
	gives(t, "after that", p, "/a A", "/b B", "/c C")
	whole(t, p, true)

	whole2 := pages["/2.xml"]
	pages["/2.xml"] = whole2[:len(whole2)-20]
	src := s.source(t, resourcesync.Config{})
	page, err := src.Page(t.Context(), "")
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, err = src.Page(t.Context(), page.Next); harvest.KindOf(err) != harvest.Truncated {
		t.Errorf("a part that is cut: %v", err)
	}
}

// TestListThatMoves: what moves from one part of a list to another while it is read may be passed over, so that the pass
// is short and the next one full. Another process, which knows that at once, begins again.
func TestListThatMoves(t *testing.T) {
	pages := small()
	pages["/c"] = dc("C")
	part := func(paths ...string) string {
		var entries []string
		for _, p := range paths {
			entries = append(entries, at(p, xmlType))
		}
		return urlset(`capability="resourcelist"`, entries...)
	}
	list := func(day string) {
		md := `at="` + day + `"`
		pages["/resourcelist.xml"] = index(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, at("/1.xml", md), at("/2.xml", md))
	}
	list("2026-05-01")
	pages["/1.xml"], pages["/2.xml"] = part("/a", "/b"), part("/c")
	s := newSite(t, pages)
	s.fail["/b"] = func(w http.ResponseWriter) { w.Header().Set("Retry-After", "9999"); w.WriteHeader(503) }
	src := s.source(t, resourcesync.Config{})
	page, err := src.Page(t.Context(), "")
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	delete(s.fail, "/b")
	list("2026-05-02")
	pages["/1.xml"], pages["/2.xml"] = part("/a", "/c"), part("/b")
	gives(t, "another process", s.walk(t, page.Next, resourcesync.Config{}, true), "/a A", "/c C", "/b B")
	last, err := src.Page(t.Context(), page.Next)
	if err != nil || !last.Done || !strings.Contains(last.Short, "what moved while the list was read") {
		t.Fatalf("%+v, %v", last, err)
	}
	p := s.walk(t, last.Next, resourcesync.Config{}, false)
	gives(t, "the next pass", p, "/a A", "/c C", "/b B")
	whole(t, p, true)
}

// TestManyMissing: a cursor has room for some of what is missing; if there is more, everything is asked for.
func TestManyMissing(t *testing.T) {
	pages := small()
	var entries []string
	for n := range 1200 {
		entries = append(entries, at(fmt.Sprintf("/&amp;%s%04d", strings.Repeat("x", 60), n), xmlType))
	}
	pages["/resourcelist.xml"] = urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, append(entries, at("/a", xmlType))...)
	s := newSite(t, pages)
	p := s.walk(t, "", resourcesync.Config{}, true)
	gives(t, "everything", p, "/a A")
	if !strings.Contains(p.short, "(and 1199 more)") || p.pages < 3 {
		t.Errorf("%d pages, short %q", p.pages, p.short)
	}
	if p = s.walk(t, p.next, resourcesync.Config{}, false); !p.full {
		t.Error("the next pass is not full")
	}
}
