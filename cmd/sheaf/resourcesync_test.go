package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// A syncServer answers with pages by their paths; "{}" in them is its own address.
type syncServer map[string]string

func (s syncServer) serve(t *testing.T) string {
	t.Helper()
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := s[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(body, "{}", base))
	}))
	t.Cleanup(srv.Close)
	base = srv.URL
	return base
}

func syncList(md, entries string) string {
	return `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"><rs:ln rel="up" href="{}/caps.xml"/><rs:md ` + md + `/>` + entries + `</urlset>`
}

func syncEntry(path, md string) string { return `<url><loc>{}` + path + `</loc>` + md + `</url>` }

func syncRecord(title string) string {
	return `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + title + `</dc:title></oai_dc:dc>`
}

// synced is a server with three records, and with a file that is none.
func synced() syncServer {
	sum := func(body string) string {
		return fmt.Sprintf(`type="application/xml" length="%d" hash="sha-256:%x"`, len(body), sha256.Sum256([]byte(body)))
	}
	return syncServer{
		"/.well-known/resourcesync": syncList(`capability="description"`, syncEntry("/caps.xml", `<rs:md capability="capabilitylist"/>`)),
		"/caps.xml":                 syncList(`capability="capabilitylist"`, syncEntry("/list.xml", `<rs:md capability="resourcelist"/>`)+syncEntry("/changes.xml", `<rs:md capability="changelist"/>`)),
		"/list.xml": syncList(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, syncEntry("/a", `<rs:md `+sum(syncRecord("A"))+`/>`)+
			syncEntry("/b", `<rs:md `+sum(syncRecord("B"))+`/>`)+syncEntry("/c", `<rs:md `+sum(syncRecord("C"))+`/>`)+syncEntry("/c.pdf", `<rs:md type="application/pdf"/>`)),
		"/changes.xml": syncList(`capability="changelist" from="2026-05-01T00:00:00Z"`, ""),
		"/a":           syncRecord("A"), "/b": syncRecord("B"), "/c": syncRecord("C"),
		"/": "<!doctype html><title>A repository</title>",
	}
}

// TestProbeResourceSync: every document is recognised, and what is proposed harvests all that there is.
func TestProbeResourceSync(t *testing.T) {
	site := synced().serve(t)
	for _, path := range []string{"", "/", "/.well-known/resourcesync", "/caps.xml", "/list.xml", "/changes.xml"} {
		t.Run(path, func(t *testing.T) {
			folder(t, nil)
			r := want(t, exitDone, "probe", site+path)
			holds(t, "the proposal", r.stdout, "# A document of ResourceSync", "resourcelist, changelist", "4: 3 with a type of XML", "oai_dc", "kind: resourcesync")
			works(t, r.stdout, 3)
		})
	}
}

// TestProbeResourceSyncByLink: resources that have metadata are harvested by the link to it.
func TestProbeResourceSyncByLink(t *testing.T) {
	s := synced()
	link := func(to string) string {
		return `<rs:md type="application/pdf"/><rs:ln rel="describedby" href="{}` + to + `" type="application/xml"/>`
	}
	s["/list.xml"] = syncList(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, syncEntry("/a.pdf", link("/a"))+syncEntry("/b.pdf", link("/b")))
	site := s.serve(t)
	folder(t, nil)
	r := want(t, exitDone, "probe", site+"/list.xml")
	holds(t, "the proposal", r.stdout, "2 with a link to their metadata", "metadata: describedby")
	works(t, r.stdout, 2)
}

// TestProbeResourceSyncElsewhere: records at another host are harvested, because the proposal names it.
func TestProbeResourceSyncElsewhere(t *testing.T) {
	other := syncServer{"/z": syncRecord("Z")}.serve(t)
	s := synced()
	s["/list.xml"] = syncList(`capability="resourcelist" at="2026-05-01T00:00:00Z"`, syncEntry("/a", `<rs:md type="text/xml"/>`)+`<url><loc>`+other+`/z</loc></url>`)
	site := s.serve(t)
	folder(t, nil)
	r := want(t, exitDone, "probe", site+"/list.xml")
	holds(t, "the proposal", r.stdout, "hosts:", "1 with a type of XML, 1 without a type", "Take hosts: out")
	works(t, r.stdout, 2)
}

// TestProbeOtherSitemaps: what is almost a document of ResourceSync says why, and a sitemap is none.
func TestProbeOtherSitemaps(t *testing.T) {
	dir := folder(t, nil)
	s := synced()
	s["/caps.xml"] = syncList(`capability="capabilitylist"`, syncEntry("/changes.xml", `<rs:md capability="changelist"/>`))
	s["/sitemap.xml"] = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}/a</loc></url></urlset>`
	site := s.serve(t)
	refused(t, dir, exitFailed, []string{"neither a list nor a dump of resources"}, "probe", site+"/caps.xml")
	r := sheaf(t, "probe", site+"/sitemap.xml")
	if strings.Contains(r.stdout+r.stderr, "ResourceSync:") {
		t.Errorf("a sitemap is taken for a document of ResourceSync: %s%s", r.stdout, r.stderr)
	}
}

// TestResourceSync: everything, then what has changed, deletions, and what is not as the list says.
func TestResourceSync(t *testing.T) {
	s := synced()
	site := s.serve(t)
	folder(t, map[string]string{"sheaf.yaml": "gateway: {namespace: gw.example.org, contact: a@example.org}\nsources:\n  records: {kind: resourcesync, from: \"" + site + "/caps.xml\"}\n"})
	holds(t, "the harvest", want(t, exitDone, "harvest", "records").stdout, "records: complete: 3 new")
	holds(t, "no change", want(t, exitDone, "harvest", "records").stdout, "records: complete: 0 new, 0 changed, 0 deleted")
	s["/b"] = syncRecord("Other B")
	s["/changes.xml"] = syncList(`capability="changelist" from="2026-05-01T00:00:00Z"`,
		syncEntry("/a", `<rs:md change="deleted" datetime="2026-05-02T00:00:00Z" type="application/xml"/>`)+
			syncEntry("/b", `<rs:md change="updated" datetime="2026-05-03T00:00:00Z" type="application/xml"/>`)+
			syncEntry("/c", `<rs:md change="updated" datetime="2026-05-03T00:00:00Z" type="application/xml" hash="md5:00"/>`))
	holds(t, "changes", want(t, exitLook, "harvest", "records").stdout, "complete: 0 new, 1 changed, 1 deleted", "1 rejected")
	delete(s, "/c")
	holds(t, "what can't be had", want(t, exitLook, "harvest", "records").stdout, "incomplete", "/c can't be had")
	if err := os.WriteFile("saved.xml", []byte(syncRecord("Saved")), 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, "a saved record", want(t, exitDone, "map", "records", "saved.xml").stdout, "title  Saved")
}

// TestResourceSyncConfig: what contradicts is told.
func TestResourceSyncConfig(t *testing.T) {
	guide, err := os.ReadFile("../../docs/resourcesync.md")
	if err != nil {
		t.Fatal(err)
	}
	source, _, _ := strings.Cut(strings.SplitN(string(guide), "```yaml\n", 2)[1], "```")
	const gateway = "gateway: {namespace: gw.example.org, contact: a@example.org}\n"
	folder(t, map[string]string{
		"sheaf.yaml": gateway + source,
		"bad.yaml":   gateway + "sources:\n  a: {kind: resourcesync, from: list.xml}\n  b: {kind: resourcesync, from: \"https://a.example/\", metadata: link, hosts: \"https://b.example/\"}\n  c: {kind: resourcesync, from: \"https://a.example/\", full_every: 0s, absent: {delete_after: 2}}\n",
	})
	want(t, exitDone, "config", "check")
	holds(t, "the problems", want(t, exitUsage, "config", "check", "bad.yaml").stderr, "is not a whole URL", "is not one of resource, describedby", "is not the name of a host", "needs full_every")
}
