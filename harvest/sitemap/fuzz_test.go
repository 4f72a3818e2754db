package sitemap

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"
)

// FuzzParse: whatever a sitemap is, reading it ends; one that was cut anywhere has no entry that the whole has not, and
// never passes for whole where an entry lacks.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://example.org/a</loc><lastmod>2026-05-01</lastmod></url><url><loc>https://example.org/b</loc></url></urlset>`), 120)
	f.Add([]byte(`<s:sitemapindex xmlns:s="x"><s:sitemap><s:loc><![CDATA[https://example.org/a]]></s:loc><x/></s:sitemap></s:sitemapindex>`), 70)
	f.Add([]byte("\ufeffhttps://example.org/a\r\n\r\nhttps://example.org/b"), 40)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte("<urlset><url><loc>https://example.org/a</loc></url></urlset>")); err != nil {
		f.Fatal(err)
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(packed.Bytes(), 60)
	f.Fuzz(func(t *testing.T, body []byte, at int) {
		whole, err := parse(body)
		if err != nil || at < 0 || at >= len(body) {
			return
		}
		part, err := parse(body[:at])
		if err != nil || bytes.HasPrefix(body, []byte("\x1f\x8b")) {
			return
		}
		isXML := strings.HasPrefix(strings.TrimLeft(string(bytes.TrimPrefix(body, []byte("\ufeff"))), " \t\r\n"), "<")
		if isXML && part.cut == "" && len(part.entries) < len(whole.entries) {
			t.Errorf("%q has %d entries and is taken for whole; %q has %d", body[:at], len(part.entries), body, len(whole.entries))
		}
		for i, e := range part.entries {
			if isXML && i < len(whole.entries) && e != whole.entries[i] {
				t.Errorf("entry %d of the part is %+v, of the whole %+v", i, e, whole.entries[i])
			}
		}
	})
}

// FuzzPage: whatever a page is, what becomes of it is one of the things that can.
func FuzzPage(f *testing.F) {
	f.Add([]byte(`<html><script type="application/ld+json">{"@type":"Book"}</script>`), "text/html")
	f.Add([]byte(`{"@type":"Book"}`), "application/ld+json")
	f.Add([]byte("%PDF"), "")
	f.Fuzz(func(t *testing.T, body []byte, media string) {
		saved := Saved(body)
		if saved.Rejected == nil && len(saved.Original) == 0 {
			t.Error("an item without an original")
		}
		again := Saved(saved.Original)
		if (again.Rejected == nil) != (saved.Rejected == nil) {
			t.Errorf("%q is read in another way than %q", saved.Original, body)
		}
		_, _ = readMemo(string(body))
		if isSettled(media, time.Time{}) {
			t.Errorf("%q is over before all time", media)
		}
		_ = matches(media, string(body))
	})
}
