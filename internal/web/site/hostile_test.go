package site

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web"
)

// hostile are values that sources should not send, and do.
var hostile = map[string]string{
	"markup":     `<script>alert(1)</script><img src=x onerror=alert(2)>`,
	"attribute":  `" onmouseover="alert(1)" x="`,
	"end":        `</title></h1></main></body></html><!-- `,
	"scheme":     "javascript:alert(1)",
	"hidden":     " jav\tascript:alert(1)",
	"data":       "data:text/html,<script>alert(1)</script>",
	"password":   "https://user:password@bank.example/",
	"breakout":   `https://x.example/"><script>alert(1)</script>`,
	"controls":   "a\x00b\x01c\x7fd\u0085e\ufefff",
	"directions": "abc\u202e\u2066gpj.exe",
	"invalid":    "a\xff\xfe\xc3",
	"template":   "{{.Name}}{{template \"x\"}}",
	"entity":     "&lt;script&gt;&#0;&nbsp;",
	"long":       strings.Repeat("long ", 20_000),
	"wide":       strings.Repeat("W", 100_000),
	"newlines":   strings.Repeat("\n", 1000),
}

func TestHostileValues(t *testing.T) {
	for name, value := range hostile {
		t.Run(name, func(t *testing.T) {
			m := &memory{epoch: 1}
			dc := &dublincore.Record{}
			terms := dublincore.Terms()
			if len(value) > 1000 {
				terms = []dublincore.Term{dublincore.Title, dublincore.Abstract, dublincore.Created, dublincore.Type, dublincore.Landing}
			}
			for _, term := range terms {
				dc.Values = append(dc.Values, dublincore.Value{Term: term, Text: value, Lang: value, Scheme: "x" + value, Original: value + "!", From: dublincore.Context})
			}
			rec := m.add(t, "s", "1", dc)
			rec.Origin.Identifier, rec.Origin.Datestamp, rec.Origin.Format.Prefix, rec.Sets = value, value, value, []string{value}
			rec.Notes = notes(t, dublincore.Note{Kind: dublincore.Warning, Text: value}, dublincore.Note{Kind: dublincore.Repaired, Text: value})
			site := newSite(m)
			site.Titles["s"], site.Name = value, "N "+value
			site.Sets = shelfmarks{{Spec: "s", Descriptions: [][]byte{describing(value), []byte(value)}}, {Spec: "s:1", Name: value}}
			h := New(site.Options)
			for _, path := range []string{"/", "/search", "/search?source=s", "/sources/s", "/sets/s:1", "/records/s/1"} {
				harmless(t, see(t, h, path, 200), path)
			}
		})
	}
}

// harmless checks that there is nothing on the page that a source could have put there to do
// something, and that the page is no larger than it may be.
func harmless(t *testing.T, doc *goquery.Document, path string) {
	t.Helper()
	for _, c := range []check{none("img, script:not([type='application/ld+json']), [onerror], [onmouseover]"), none(`a[href*="password"]`), none(`a[href^="data"]`)} {
		if err := c(doc.Selection); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	text := doc.Text()
	if i := strings.IndexFunc(text, web.Unseen); i >= 0 {
		t.Errorf("%s: %q is on the page", path, text[i:min(i+12, len(text))])
	}
	if !utf8.ValidString(text) {
		t.Errorf("%s: no UTF-8", path)
	}
	if html, _ := doc.Html(); len(html) > 4*maxRecord {
		t.Errorf("%s: %d bytes", path, len(html))
	}
	doc.Find("[lang]").Each(func(_ int, e *goquery.Selection) {
		if lang := e.AttrOr("lang", ""); lang != "" && language(lang) != lang {
			t.Errorf("%s: lang=%q", path, lang)
		}
	})
}

func TestManyValues(t *testing.T) {
	m := &memory{epoch: 1}
	dc := titled("A crowd")
	for i := range 20_000 {
		dc.Values = append(dc.Values, dublincore.Value{Term: dublincore.Creator, Text: fmt.Sprint("Person ", i)})
	}
	m.add(t, "s", "1", dc)
	dc = &dublincore.Record{}
	for _, term := range dublincore.Terms() {
		for i := range 50 {
			dc.Values = append(dc.Values, dublincore.Value{Term: term, Text: strings.Repeat(fmt.Sprint(i, " "), 500)})
		}
	}
	m.add(t, "s", "2", dc)
	h := New(newSite(m).Options)
	see(t, h, "/records/s/1", 200, times("#term-creator ~ dd", maxValues+1), texts("dd.more", "and 19,800 more"))
	doc := see(t, h, "/records/s/2", 200, times(".record dt[id]", len(dublincore.Terms())))
	harmless(t, doc, "/records/s/2")
}

func TestLanguage(t *testing.T) {
	for tag, good := range map[string]bool{
		"en": true, "sr-Latn-RS": true, "x-klingon": true, "de-1996": true,
		"": false, "en us": false, "e\"n": false, "-": false, "en-": false, "élan": false, "toolongsubtag": false, strings.Repeat("ab-", 20) + "ab": false,
	} {
		if got := language(tag) == tag && tag != ""; got != good {
			t.Errorf("%q: %v", tag, got)
		}
	}
}

func TestLink(t *testing.T) {
	for s, want := range map[string]string{
		"https://x.example/a?b=c#d": "https://x.example/a?b=c#d",
		"http://x.example":          "http://x.example",
		"HTTP://x.example":          "", "ftp://x.example": "", "//x.example": "", "/x": "", "https://": "", "https:///x": "",
		"javascript:alert(1)": "", "https://u:p@x.example/": "", "https://x.example/\n": "", "https://x.example/%zz": "",
		"https://x.example/" + strings.Repeat("a", maxLink): "",
	} {
		if got := link(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// What is shown of any text is short, whole characters, and nothing that can't be seen.
func FuzzClip(f *testing.F) {
	for _, s := range hostile {
		f.Add(s[:min(len(s), 500)], uint8(40))
	}
	f.Fuzz(func(t *testing.T, s string, n uint8) {
		got, cut := web.Clip(s, int(n))
		if cut != (len(s) > int(n)) || !utf8.ValidString(got) || strings.ContainsFunc(got, web.Unseen) {
			t.Fatalf("%q at %d: %q, %v", s, n, got, cut)
		}
		if most := 3*int(n) + len("…"); len(got) > most { // a byte that is no text becomes three
			t.Fatalf("%q at %d: %d bytes", s, n, len(got))
		}
		if l := link(s); l != "" && !strings.HasPrefix(l, "http://") && !strings.HasPrefix(l, "https://") {
			t.Fatalf("%q becomes the link %q", s, l)
		}
		if tag := language(s); strings.ContainsFunc(tag, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || r == '"' || r == '<' }) {
			t.Fatalf("%q becomes the language %q", s, tag)
		}
	})
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := web.Count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
