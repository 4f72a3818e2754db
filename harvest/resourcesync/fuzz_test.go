package resourcesync

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// corpus is the folder of real documents beside the module. Tests over it are skipped where it is missing, but fail in CI.
func corpus(t testing.TB) (out map[string][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "rs", "*.xml"))
	if err != nil || len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatalf("the shared files are needed in CI: %v", err)
		}
		t.Skipf("no shared files here: %v", err)
	}
	out = map[string][]byte{}
	for _, f := range files {
		if out[filepath.Base(f)], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func offline(t testing.TB, c Config) *Source {
	t.Helper()
	c.From = "http://example.com/"
	s, err := New(c, harvest.NewFetcher(harvest.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCorpus: what the examples of the specification, and of a validator, say.
func TestCorpus(t *testing.T) {
	want := map[string]struct {
		capability string
		entries    int
		tasks      int // of those whose type is metadata, or not said
	}{
		"resourcesync-validator--resource_dump_manifest_with_two_bitstreams_sitemap.xml": {aResourceDumpIn, 2, 0},
		"www_openarchives_org--resourcesync_ex_19.xml":                                   {aChangeList, 4, 4},
		"www_openarchives_org--resourcesync_ex_2.xml":                                    {aResourceList, 2, 2},
	}
	s := offline(t, Config{})
	for name, data := range corpus(t) {
		doc, err := parse(data)
		w, known := want[name]
		if err != nil || !known {
			t.Errorf("%s: known %v, %v", name, known, err)
			continue
		}
		tasks, _ := s.tasks("list", doc)
		if doc.md.capability != w.capability || len(doc.entries) != w.entries || len(tasks) != w.tasks {
			t.Errorf("%s: %s, %d entries, %d tasks", name, doc.md.capability, len(doc.entries), len(tasks))
		}
		switch doc.md.capability {
		case aChangeList:
			last := lastOf(tasks)
			if len(last) != 3 || last[1].Key != "http://example.com/res3.tiff" || !last[1].deleted || last[2].When != "2013-01-03T21:00:00Z" {
				t.Errorf("the last changes are %+v", last)
			}
		case aResourceDumpIn:
			if e := doc.entries[1]; e.md.path != "/resources/res2" || e.md.length != 14599 || len(e.md.hash) < 100 {
				t.Errorf("an entry is %+v", e.md)
			}
		}
	}
}

// FuzzParse: whatever a list holds, its tasks have keys, and the last changes of it are in order and each of another item.
func FuzzParse(f *testing.F) {
	if _, err := os.Stat(filepath.Join("..", "..", "..", "shared")); err == nil {
		for _, data := range corpus(f) {
			f.Add(data)
		}
	}
	f.Add([]byte(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"><rs:md capability="changelist" from="2026"/><url><loc>http://example.com/a</loc><lastmod>2026-05</lastmod><rs:md change="deleted" length="-1"/><rs:ln rel="describedby" href="http://example.com/m"/></url></urlset>`))
	f.Add([]byte(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://example.com/1</loc></sitemap></sitemapindex>`))
	sources := []*Source{offline(f, Config{}), offline(f, Config{DescribedBy: true, Only: "*m*"})}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parse(data)
		if err != nil {
			return
		}
		for _, s := range sources {
			tasks, passed := s.tasks("list", doc)
			if len(tasks)+passed != len(doc.entries) {
				t.Errorf("%d tasks and %d passed of %d entries", len(tasks), passed, len(doc.entries))
			}
			last, seen := lastOf(tasks), map[string]bool{}
			for i := range last {
				if last[i].Key == "" || seen[last[i].Key] || i > 0 && last[i].at.from.Before(last[i-1].at.from) {
					t.Errorf("the change %+v", last[i])
				}
				seen[last[i].Key] = true
			}
		}
	})
}

// FuzzPackage: whatever a package holds, it is read within bounds or refused.
func FuzzPackage(f *testing.F) {
	f.Add([]byte("PK\x05\x06"), "../a")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		p, err := openPack(data, aResourceDumpIn)
		if err != nil {
			return
		}
		if body, err := p.read(name, maxResource); err == nil && len(body) > maxResource {
			t.Errorf("%d bytes", len(body))
		}
	})
}

// TestMoments: what dates can mean.
func TestMoments(t *testing.T) {
	for text, want := range map[string][2]string{
		"2026-05-01T12:00:00+02:00": {"2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"},
		"2026-05-01T12:00:00.5Z":    {"2026-05-01T12:00:00.5Z", "2026-05-01T12:00:00.5Z"},
		"2026-05-01T12:00Z":         {"2026-05-01T12:00:00Z", "2026-05-01T12:00:59.999999999Z"},
		"2026-05-01":                {"2026-05-01T00:00:00Z", "2026-05-01T23:59:59.999999999Z"},
		"2026-02":                   {"2026-02-01T00:00:00Z", "2026-02-28T23:59:59.999999999Z"},
		"2026":                      {"2026-01-01T00:00:00Z", "2026-12-31T23:59:59.999999999Z"},
	} {
		m, ok := parseMoment(text)
		if got := [2]string{m.from.Format(time.RFC3339Nano), m.to.Format(time.RFC3339Nano)}; !ok || got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
	if _, ok := parseMoment("yesterday"); ok {
		t.Error("yesterday is a date")
	}
}

// TestPatterns: * stands for anything.
func TestPatterns(t *testing.T) {
	for pattern, want := range map[string]bool{"": true, "*": true, "*/m/*.xml": true, "http://a/m/1.xml": true, "http://a/m/1": false, "*.pdf": false, "*/m/*/m/*": false, "http://a/m/1.xml*1.xml": false} {
		if matches(pattern, "http://a/m/1.xml") != want {
			t.Errorf("%q: want %v", pattern, want)
		}
	}
}
