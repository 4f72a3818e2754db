package resourcesync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
)

// small is a site with two records, a list of them and a list of changes.
func small() map[string]string {
	return capabilities(map[string]string{
		"/a": dc("A"), "/b": dc("B"),
		"/resourcelist.xml": urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, at("/a", sumOf(dc("A"))), at("/b", sumOf(dc("B"))), at("/b.pdf", `type="application/pdf"`)),
		"/changelist.xml":   urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`),
	}, "resourcelist", "changelist")
}

func changed(path, what, when string) string {
	return at(path, fmt.Sprintf(`change="%s" datetime="%s" %s`, what, when, xmlType))
}

// TestStart: the rest is found from every document.
func TestStart(t *testing.T) {
	pages := small()
	pages["/changelist.xml"] = index(`capability="changelist" from="2026-05-01T00:00:00Z"`, at("/part.xml", ""))
	pages["/part.xml"] = strings.Replace(urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`, changed("/c", "created", "2026-05-02T00:00:00Z")),
		`<rs:md`, `<rs:ln rel="index" href="{}/changelist.xml"/><rs:md`, 1)
	pages["/c"] = dc("C")
	s := newSite(t, pages)
	for _, from := range []string{"", "/", known, "/cap.xml", "/resourcelist.xml", "/changelist.xml", "/part.xml"} {
		p := s.walk(t, "", resourcesync.Config{From: from}, false)
		gives(t, from, p, "/a A", "/b B", "/c C")
		whole(t, p, true)
	}
	delete(pages, "/cap.xml")
	p := s.walk(t, "", resourcesync.Config{From: "/resourcelist.xml"}, false)
	gives(t, "without a capability list", p, "/a A", "/b B")
	if len(p.warnings) != 1 || !strings.Contains(p.warnings[0], "capability list that the list names can't be had") {
		t.Errorf("warnings %q", p.warnings)
	}
}

// TestRefusedStart: what can't work says what to do.
func TestRefusedStart(t *testing.T) {
	bare := `<urlset ` + spaces + `>%s</urlset>`
	s := newSite(t, map[string]string{
		"/map.xml":      fmt.Sprintf(bare, at("/a", "")),
		"/changes.xml":  fmt.Sprintf(bare, `<rs:md capability="changelist"/>`),
		"/manifest.xml": fmt.Sprintf(bare, `<rs:md capability="resourcedump-manifest"/>`),
		"/two.xml":      fmt.Sprintf(bare, `<rs:md capability="description"/>`+at("/1", `capability="capabilitylist"`)+at("/2", `capability="capabilitylist"`)),
		"/none.xml":     fmt.Sprintf(bare, `<rs:md capability="capabilitylist"/>`),
		"/lists.xml":    fmt.Sprintf(bare, `<rs:md capability="capabilitylist"/>`+at("/1", `capability="resourcelist"`)+at("/2", `capability="resourcelist"`)),
		"/else.xml":     `<urlset ` + spaces + `><rs:md capability="resourcelist"/><rs:ln rel="up" href="http://other.example/cap.xml"/></urlset>`,
		"/page.html":    "<!doctype html><title>Log in</title>",
		"/cut.xml":      `<urlset ` + spaces + `><rs:md capability="resourcelist"/><url><loc>{}/a</loc>`,
		"/many.xml":     urlset(`capability="resourcelist"`, strings.Repeat("<url/>", 50_001)),
		"/empty.xml":    "",
	})
	for from, want := range map[string]struct {
		kind harvest.Kind
		says string
	}{
		"/map.xml": {harvest.Protocol, "it is a sitemap"}, "/changes.xml": {harvest.Config, "give the URL of that list"},
		"/manifest.xml": {harvest.Config, "manifest of a package"}, "/two.xml": {harvest.Config, "2 sets of resources"},
		"/none.xml": {harvest.Protocol, "neither a list nor a dump"}, "/lists.xml": {harvest.Protocol, "more than one document"},
		"/else.xml": {harvest.Config, "hosts: names those that may be asked"}, "/page.html": {harvest.HTML, ""}, "/cut.xml": {harvest.Truncated, ""},
		"/many.xml": {harvest.Protocol, "more than 50000 entries"}, "/empty.xml": {harvest.Truncated, ""}, "/gone.xml": {harvest.HTTP4xx, ""},
	} {
		_, err := s.source(t, resourcesync.Config{From: from}).Page(t.Context(), "")
		if harvest.KindOf(err) != want.kind || !strings.Contains(fmt.Sprint(err), want.says) {
			t.Errorf("%s: %v", from, err)
		}
	}
	for _, c := range []resourcesync.Config{{From: "resync"}, {From: "ftp://a.example/"}, {From: "https://a.example/", Hosts: []string{"https://b.example/"}}} {
		if _, err := resourcesync.New(c, harvest.NewFetcher(harvest.Options{})); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// TestChanges: after everything, what has changed; of each item the last change, in the order of the times, and nothing
// twice.
func TestChanges(t *testing.T) {
	pages := small()
	s := newSite(t, pages)
	all := s.walk(t, "", resourcesync.Config{}, false)
	gives(t, "everything", all, "/a A", "/b B")
	whole(t, all, true)
	none := s.walk(t, all.next, resourcesync.Config{}, false)
	gives(t, "no change", none)
	whole(t, none, false)

	list := func(entries ...string) {
		pages["/changelist.xml"] = urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`, entries...)
	}
	older := at("/d", `change="created" `+xmlType, `<lastmod>2026-05-02T12:00:00+02:00</lastmod>`) // as version 1.0 wrote it
	first := []string{
		changed("/c", "deleted", "2026-05-04T00:00:00Z"), changed("/c", "created", "2026-05-02T00:00:00Z"),
		changed("/a", "updated", "2026-05-03T00:00:00Z"), older, changed("/b", "deleted", "2026-05-04T00:00:00Z"),
		at("/b.pdf", `change="updated" type="application/pdf" datetime="2026-05-05T00:00:00Z"`),
	}
	list(first...)
	pages["/a"], pages["/d"] = dc("A2"), dc("D")
	some := s.walk(t, none.next, resourcesync.Config{}, false)
	gives(t, "changes", some, "/d D", "/a A2", "/c deleted", "/b deleted")
	whole(t, some, false)
	if s.asked["/c"] != 0 {
		t.Error("what was deleted in the end was asked for")
	}
	again := s.walk(t, some.next, resourcesync.Config{}, false)
	gives(t, "the same list", again)
	whole(t, again, false)

	// Something more at the time of the last change: all of that time is given, because the list may say it late.
	list(append(first, changed("/b", "created", "2026-05-04T00:00:00Z"))...)
	more := s.walk(t, again.next, resourcesync.Config{}, false)
	gives(t, "a change at the same time", more, "/c deleted", "/b B")
	if got := s.walk(t, more.next, resourcesync.Config{}, false); len(got.items) > 0 {
		t.Errorf("again: %q", got.items)
	}
}

// TestGap: a list of changes that does not go back to the last pass is no list of what has changed.
func TestGap(t *testing.T) {
	pages := small()
	s := newSite(t, pages)
	all := s.walk(t, "", resourcesync.Config{}, false)
	list := pages["/resourcelist.xml"]
	pages["/resourcelist.xml"] = strings.ReplaceAll(list, "2026-05-01", "2026-06-01")
	for what, from := range map[string]string{"later": `from="2026-06-01T00:00:00Z"`, "nothing": ``} {
		pages["/changelist.xml"] = urlset(`capability="changelist" `+from, changed("/b", "deleted", "2026-06-02T00:00:00Z"))
		p := s.walk(t, all.next, resourcesync.Config{}, false)
		gives(t, "from "+what, p, "/a A", "/b deleted")
		if !p.full || !strings.Contains(strings.Join(p.warnings, " "), "does not go back to the last harvest") {
			t.Errorf("from %s: full %v, %q", what, p.full, p.warnings)
		}
	}
	delete(pages, "/changelist.xml")
	p := s.walk(t, all.next, resourcesync.Config{}, false)
	gives(t, "no list", p, "/a A", "/b B")
	if !p.full || !strings.Contains(p.short, "the list of changes can't be had") {
		t.Errorf("full %v, short %q", p.full, p.short)
	}
	// A list of resources that is older than the changes leaves a hole.
	pages["/resourcelist.xml"] = list
	pages["/changelist.xml"] = urlset(`capability="changelist" from="2026-06-01T00:00:00Z"`)
	if p = s.walk(t, "", resourcesync.Config{}, false); !p.unproven || len(p.warnings) != 1 {
		t.Errorf("unproven %v, %q", p.unproven, p.warnings)
	}
}

// TestDeletedBeforeTheList: a list of resources that was made after a deletion can't tell it, so that a full pass takes
// the deletions since the last one from the list of changes.
func TestDeletedBeforeTheList(t *testing.T) {
	pages := small()
	s := newSite(t, pages)
	all := s.walk(t, "", resourcesync.Config{}, false)
	pages["/changelist.xml"] = urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`, changed("/b", "deleted", "2026-05-02T00:00:00Z"), changed("/a", "updated", "2026-05-02T00:00:00Z"))
	pages["/resourcelist.xml"] = urlset(`capability="resourcelist" at="2026-05-03T00:00:00Z"`, at("/a", sumOf(dc("A"))))
	again := s.source(t, resourcesync.Config{}).Restart(all.next)
	p := s.walk(t, again, resourcesync.Config{}, true)
	gives(t, "everything again", p, "/b deleted", "/a A")
	whole(t, p, true)
	gives(t, "after that", s.walk(t, p.next, resourcesync.Config{}, false))
	// While the changes can't be had, the deletion waits for them.
	s.fail["/changelist.xml"] = status(404)
	p = s.walk(t, again, resourcesync.Config{}, false)
	gives(t, "without changes", p, "/a A")
	clear(s.fail)
	gives(t, "with them", s.walk(t, p.next, resourcesync.Config{}, false), "/b deleted", "/a A")
}

// TestWhichAreMetadata: by type, by their URI, or by a link.
func TestWhichAreMetadata(t *testing.T) {
	pages := small()
	described := func(path, to string) string {
		return strings.Replace(at(path, `type="application/pdf"`), "</url>", `<rs:ln rel="describedby" href="{}`+to+`" type="application/xml"/></url>`, 1)
	}
	pages["/x.pdf"], pages["/y"], pages["/page"], pages["/m/1.xml"], pages["/m/2.xml"] = "%PDF", "text", "<!doctype html><p>", dc("M1"), dc("M2")
	pages["/resourcelist.xml"] = urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, described("/x.pdf", "/m/1.xml"), at("/y", ""), at("/page", ""),
		at("/m/1.xml", xmlType), `<url><loc>http://other.example/z.xml</loc></url>`, `<url><lastmod>2026</lastmod></url>`, at("/m/2.xml", `type="application/mods+xml"`, `<rs:ln rel="describes" href="{}/two.pdf"/>`))
	s := newSite(t, pages)
	p := s.walk(t, "", resourcesync.Config{}, false)
	gives(t, "by type", p, "/y: malformed", "/page: malformed", "/m/1.xml M1", "http://other.example/z.xml: other_host", "file:/resourcelist.xml#6: no_identifier", "/m/2.xml M2")
	gives(t, "again", s.walk(t, p.next, resourcesync.Config{}, false))
	p = s.walk(t, "", resourcesync.Config{Only: "*/m/*.xml"}, false)
	gives(t, "by URI", p, "/m/1.xml M1", "file:/resourcelist.xml#6: no_identifier", "/m/2.xml M2")
	p = s.walk(t, "", resourcesync.Config{DescribedBy: true}, false)
	gives(t, "by link", p, "/x.pdf M1", "file:/resourcelist.xml#6: no_identifier", "/two.pdf M2")
	pages["/resourcelist.xml"] = urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, at("/x.pdf", `type="application/pdf"`))
	if p = s.walk(t, "", resourcesync.Config{}, false); len(p.items) > 0 || len(p.warnings) != 1 {
		t.Errorf("%q, %q", p.items, p.warnings)
	}
	// The metadata has changed, and not what it is about; later the whole resource goes.
	pages["/changelist.xml"] = urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`,
		at("/m/2.xml", `change="updated" datetime="2026-05-02T00:00:00Z" `+xmlType, `<rs:ln rel="describes" href="{}/two.pdf"/>`), changed("/x.pdf", "deleted", "2026-05-03T00:00:00Z"))
	pages["/changelist.xml"] = strings.Replace(pages["/changelist.xml"], `<loc>{}/x.pdf</loc><rs:md change="deleted" datetime="2026-05-03T00:00:00Z" type="application/xml"`, `<loc>{}/x.pdf</loc><rs:md change="deleted" datetime="2026-05-03T00:00:00Z"`, 1)
	gives(t, "changes by link", s.walk(t, "", resourcesync.Config{DescribedBy: true}, false), "/two.pdf M2", "/x.pdf deleted")
}

// TestOtherHosts: a host that is named is asked, without the secrets of the first.
func TestOtherHosts(t *testing.T) {
	other := newSite(t, map[string]string{"/z": dc("Z")})
	pages := small()
	pages["/resourcelist.xml"] = urlset(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, at("/a", xmlType), `<url><loc>`+other.url+`/z</loc></url>`)
	s := newSite(t, pages)
	c := resourcesync.Config{Hosts: []string{strings.TrimPrefix(other.url, "http://")}, Access: harvest.Access{Token: "secret"}}
	gives(t, "two hosts", s.walk(t, "", c, false), "/a A", other.url+"/z Z")
	if got := other.with["/z"].Get("Authorization"); got != "" {
		t.Errorf("another host was told %q", got)
	}
	if got := s.with["/a"].Get("Authorization"); got != "Bearer secret" {
		t.Errorf("the host was told %q", got)
	}
}

// TestKilled: killed after any page, and gone on with by another process, a pass gives the same.
func TestKilled(t *testing.T) {
	pages := small()
	var parts []string
	for p := range 3 {
		var entries []string
		for n := range 70 {
			path := fmt.Sprintf("/r%d-%02d", p, n)
			pages[path] = dc(path)
			entries = append(entries, at(path, xmlType))
		}
		pages[fmt.Sprintf("/%d.xml", p)] = urlset(`capability="resourcelist"`, entries...)
		parts = append(parts, at(fmt.Sprintf("/%d.xml", p), ""))
	}
	pages["/resourcelist.xml"] = index(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, parts...)
	var changes []string
	for n := range 60 {
		changes = append(changes, changed(fmt.Sprintf("/r1-%02d", n), []string{"updated", "deleted"}[n%2], fmt.Sprintf("2026-05-02T00:00:%02dZ", n)))
	}
	pages["/changelist.xml"] = urlset(`capability="changelist" from="2026-05-01T00:00:00Z"`, changes...)
	s := newSite(t, pages)
	s.fail["/r0-07"], s.fail["/r2-69"] = status(404), status(404)
	one, other := s.walk(t, "", resourcesync.Config{}, false), s.walk(t, "", resourcesync.Config{}, true)
	if diff := cmp.Diff(one.items, other.items); diff != "" || one.next != other.next || one.short != other.short || one.pages < 4 {
		t.Errorf("%d pages, short %q and %q\n%s", one.pages, one.short, other.short, diff)
	}
	if len(one.items) != 210-2 {
		t.Errorf("%d items", len(one.items))
	}
	// A list that becomes another meanwhile is read from the beginning of the part, and nothing is missed.
	src := s.source(t, resourcesync.Config{})
	page, err := src.Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	pages["/0.xml"] = strings.Replace(pages["/0.xml"], at("/r0-00", xmlType), "", 1)
	p := s.walk(t, page.Next, resourcesync.Config{}, true)
	if p.items[0] != "/r0-01 /r0-01" {
		t.Errorf("it goes on with %q", p.items[0])
	}
}

// TestManyChanges: more changes than are looked at together are done one part of the list after the other.
func TestManyChanges(t *testing.T) {
	pages := small()
	var parts []string
	for p := range 4 {
		day := fmt.Sprintf("2026-05-%02d", p+2)
		pages[fmt.Sprintf("/%d.xml", p)] = urlset(`capability="changelist" from="`+day+`"`, changed(fmt.Sprintf("/n%d", p), "created", day+"T01:00:00Z"), changed("/a", "updated", day+"T02:00:00Z"))
		parts = append(parts, at(fmt.Sprintf("/%d.xml", p), `from="`+day+`"`))
		pages[fmt.Sprintf("/n%d", p)] = dc("N")
	}
	s := newSite(t, pages)
	all := s.walk(t, "", resourcesync.Config{}, false)
	pages["/changelist.xml"] = index(`capability="changelist" from="2026-05-01T00:00:00Z"`, parts...)
	t.Cleanup(resourcesync.SetMaxChanges(3))
	p := s.walk(t, all.next, resourcesync.Config{}, false)
	gives(t, "by parts", p, "/n0 N", "/n1 N", "/a A", "/n2 N", "/n3 N", "/a A")
	whole(t, p, false)
	gives(t, "by another process", s.walk(t, all.next, resourcesync.Config{}, true), p.items...)
	gives(t, "again", s.walk(t, p.next, resourcesync.Config{}, false))
}
