package resourcesync_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
)

func manifest(md string, entries ...string) string {
	return `<urlset ` + spaces + `><rs:md ` + md + `/>` + strings.Join(entries, "") + `</urlset>`
}

const inDump = `capability="resourcedump-manifest"`

// dumped is a site with a dump of one package.
func dumped(t *testing.T, files ...string) *site {
	t.Helper()
	s := newSite(t, capabilities(map[string]string{
		"/resourcedump.xml": urlset(`capability="resourcedump" at="2026-05-01T00:00:00Z"`, at("/1.zip", `type="application/zip"`)),
	}, "resourcedump"))
	for i := range files {
		files[i] = s.fill(files[i])
	}
	s.pages["/1.zip"] = zipped(t, files...)
	return s
}

// TestDump: what is in a package is not asked for again by its URI.
func TestDump(t *testing.T) {
	s := dumped(t, "manifest.xml", manifest(inDump, at("/a", `path="/r/a" `+sumOf(dc("A"))), at("/b", `path="r/b" `+sumOf(dc("B"))),
		at("/c", `path="/r/c" `+xmlType), at("/d", `path="/r/d" `+xmlType), at("/e.pdf", `path="/r/e" type="application/pdf"`), at("/f", xmlType)),
		"r/a", dc("A"), "r/b", dc("X"), "r/c", "{}", "r/other", dc("not in the manifest"))
	s.pages["/f"] = dc("F")
	p := s.walk(t, "", resourcesync.Config{}, false)
	gives(t, "the dump", p, "/a A", "/b: hash_mismatch", "/c: malformed", "/f F")
	if !strings.HasPrefix(p.short, "/d can't be had: the package does not have the file") || s.asked["/a"] > 0 {
		t.Errorf("short %q, asked %v", p.short, s.asked)
	}
	gives(t, "read apart", s.walk(t, "", resourcesync.Config{}, true), p.items...)
}

// TestDumpByLink: the metadata that a resource leads to is in the package too.
func TestDumpByLink(t *testing.T) {
	s := dumped(t, "manifest.xml", manifest(inDump,
		at("/x.pdf", `path="/x.pdf" type="application/pdf"`, `<rs:ln rel="describedby" href="{}/m" type="application/xml" `+fmt.Sprintf(`length="%d"`, len(dc("M")))+`/>`), at("/m", `path="/m.xml" `+xmlType)),
		"x.pdf", "%PDF", "m.xml", dc("M"))
	p := s.walk(t, "", resourcesync.Config{DescribedBy: true}, false)
	gives(t, "the dump", p, "/x.pdf M")
	whole(t, p, true)
}

// TestHostilePackages: of what can't be trusted nothing is taken, and the pass says what it lacks.
func TestHostilePackages(t *testing.T) {
	big := strings.Repeat(" ", 17<<20)
	for name, c := range map[string]struct {
		files []string
		items []string
		short string
	}{
		"a bomb":            {[]string{"manifest.xml", manifest(inDump), "1", big, "2", big, "3", big, "4", big, "5", big, "6", big}, nil, "out of all proportion"},
		"a large file":      {[]string{"manifest.xml", manifest(inDump, at("/a", `path="/a" `+xmlType)), "a", big}, []string{"/a: too_large"}, ""},
		"a path out":        {[]string{"manifest.xml", manifest(inDump, at("/a", `path="/../../etc/passwd" `+xmlType), at("/b", `path="..\..\b" `+xmlType)), "../../etc/passwd", dc("P")}, []string{"/a: unsafe_path", "/b: unsafe_path"}, ""},
		"no manifest":       {[]string{"a", dc("A")}, nil, "has no manifest.xml"},
		"a broken manifest": {[]string{"manifest.xml", "<urlset"}, nil, "its manifest can't be read"},
		"another manifest":  {[]string{"manifest.xml", manifest(`capability="changedump-manifest"`)}, nil, "should be of capability resourcedump-manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			s := dumped(t, c.files...)
			p := s.walk(t, "", resourcesync.Config{}, false)
			gives(t, name, p, c.items...)
			if (c.short == "") != (p.short == "") || !strings.Contains(p.short, c.short) {
				t.Errorf("short %q", p.short)
			}
			if p = s.walk(t, p.next, resourcesync.Config{}, false); !p.full {
				t.Error("without changes, the next pass is not full")
			}
		})
	}
	// A link within a package, and a package that is other than the dump says.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"manifest.xml", "a"} {
		h := &zip.FileHeader{Name: name}
		body := "/etc/passwd"
		if name == "manifest.xml" {
			body = manifest(inDump, `<url><loc>http://127.0.0.1/a</loc><rs:md path="/a" `+xmlType+`/></url>`)
			h.SetMode(0o600)
		} else {
			h.SetMode(0o777 | 1<<27) // fs.ModeSymlink
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := dumped(t)
	s.pages["/1.zip"] = b.String()
	gives(t, "a link", s.walk(t, "", resourcesync.Config{}, false), "http://127.0.0.1/a: unsafe_path")
	s.pages["/resourcedump.xml"] = urlset(`capability="resourcedump" at="2026-05-01T00:00:00Z"`, at("/1.zip", `length="7"`))
	if p := s.walk(t, "", resourcesync.Config{}, false); len(p.items) > 0 || !strings.Contains(p.short, "/1.zip can't be had: the list says that it has 7 bytes") {
		t.Errorf("%q, short %q", p.items, p.short)
	}
	s.pages["/1.zip"] = "PK"
	s.pages["/resourcedump.xml"] = urlset(`capability="resourcedump"`, at("/1.zip", ``))
	if p := s.walk(t, "", resourcesync.Config{}, false); !strings.Contains(p.short, "not a zip archive") || !p.unproven {
		t.Errorf("short %q, unproven %v", p.short, p.unproven)
	}
}

// TestDumpOrList: a dump is taken where its changes are known, or it is as new as the list; one that is too large is not.
func TestDumpOrList(t *testing.T) {
	s := dumped(t, "manifest.xml", manifest(inDump, at("/a", `path="/a" `+xmlType)), "a", dc("of the dump"))
	for n, p := range small() {
		s.pages[n] = p
	}
	s.pages = capabilities(s.pages, "resourcelist", "resourcedump", "changelist")
	gives(t, "both", s.walk(t, "", resourcesync.Config{}, false), "/a of the dump")
	p := s.walk(t, "", resourcesync.Config{MaxDump: 100}, false)
	gives(t, "a large one", p, "/a A", "/b B")
	if len(p.warnings) != 1 || p.short != "" {
		t.Errorf("warnings %q, short %q", p.warnings, p.short)
	}
	changes := s.pages["/changelist.xml"]
	s.pages["/changelist.xml"] = strings.ReplaceAll(changes, "2026-05-01", "2026-05-02")
	s.pages["/resourcelist.xml"] = strings.ReplaceAll(s.pages["/resourcelist.xml"], "2026-05-01", "2026-05-02")
	gives(t, "an old one", s.walk(t, "", resourcesync.Config{}, false), "/a A", "/b B")
	s.pages = capabilities(s.pages, "resourcelist", "resourcedump")
	gives(t, "an old one without changes", s.walk(t, "", resourcesync.Config{}, false), "/a A", "/b B")
}

// TestChangeDump: packages of changes, in their order; those that are known are not fetched.
func TestChangeDump(t *testing.T) {
	pages := small()
	capabilities(pages, "resourcelist", "changedump")
	delete(pages, "/changelist.xml")
	const in = `capability="changedump-manifest"`
	pages["/changedump.xml"] = urlset(`capability="changedump" from="2026-05-01T00:00:00Z"`,
		at("/1.zip", `from="2026-05-01T00:00:00Z" until="2026-05-02T00:00:00Z"`), at("/2.zip", `from="2026-05-02T00:00:00Z"`))
	s := newSite(t, pages)
	change := func(path, what, when, file string) string {
		return s.fill(at(path, fmt.Sprintf(`change=%q datetime=%q %s`, what, when, xmlType+file)))
	}
	pages["/1.zip"] = zipped(t, "manifest.xml", manifest(in, change("/c", "created", "2026-05-01T01:00:00Z", ` path="/c"`), change("/a", "deleted", "2026-05-01T02:00:00Z", "")), "c", dc("C1"))
	pages["/2.zip"] = zipped(t, "manifest.xml", manifest(in, change("/c", "updated", "2026-05-03T00:00:00Z", ` path="/c.2"`), change("/c", "updated", "2026-05-02T00:00:00Z", ` path="/c.1"`)), "c.1", dc("C2"), "c.2", dc("C3"))
	p := s.walk(t, "", resourcesync.Config{}, true)
	gives(t, "everything, and the changes since", p, "/a A", "/b B", "/c C1", "/a deleted", "/c C3")
	whole(t, p, true)
	asked := s.asked["/1.zip"]
	p = s.walk(t, p.next, resourcesync.Config{}, false)
	gives(t, "again", p, "/c C3")
	whole(t, p, false)
	if s.asked["/1.zip"] != asked {
		t.Error("a package that is known was fetched")
	}
	pages["/changedump.xml"] = urlset(`capability="changedump" from="2026-06-01T00:00:00Z"`)
	if p = s.walk(t, p.next, resourcesync.Config{}, false); !p.full || len(p.warnings) == 0 {
		t.Errorf("a gap: full %v, %q", p.full, p.warnings)
	}
	s.fail["/changedump.xml"] = status(503)
	if _, err := s.source(t, resourcesync.Config{}).Page(t.Context(), p.next); harvest.KindOf(err) != harvest.HTTP5xx {
		t.Errorf("a server that is down: %v", err)
	}
}
