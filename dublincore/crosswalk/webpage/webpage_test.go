package webpage_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/webpage"
)

// TestRead: what a page says is found wherever it stands, and in whatever encoding.
func TestRead(t *testing.T) {
	p := webpage.Read([]byte("<html lang=sq><meta name=ROBOTS content='NoIndex, follow'><link rel='shortcut canonical' href='/a?b#c'><base href='https://example.org/x/'>"+
		"<!-- <meta name='DC.title' content='no'> --><body><svg><p><meta NAME='dc:Title' CONTENT=' Bashk\xebsia '><script type='text/javascript'>'<meta name=\"DC.title\" content=\"no\">'</script>"+
		"<script type=\"application/ld+json;charset=utf-8\">{\"@type\":\"Book\"}</script><script type=application/ld+json></script>"), "text/html; charset=windows-1252")
	if p.Canonical != "https://example.org/a?b#c" || p.Address != p.Canonical || !p.NoIndex {
		t.Errorf("canonical %q, address %q, noindex %v", p.Canonical, p.Address, p.NoIndex)
	}
	if len(p.Tags) != 1 || p.Tags[0].Content != "Bashkësia" || len(p.Blocks) != 1 || string(p.Blocks[0]) != `{"@type":"Book"}` {
		t.Errorf("tags %q, blocks %q", p.Tags, p.Blocks)
	}
}

// TestExcerpt: an excerpt says what the page says, and where it was fetched; an excerpt of it is the same again.
func TestExcerpt(t *testing.T) {
	page := []byte(`<html lang=en><title>T</title><base href="/"><link rel="self" href="https://elsewhere.example/"><link rel=canonical href="item/1"><meta name="citation_title" content="A &amp; B"><meta name="csrf-token" content="17">
		<meta property="og:title" content="OG"><body><h1>A</h1><script type="application/ld+json">{"@type":"Book","name":"<\/script> & co"}</script></body>`)
	p := webpage.Read(page, "")
	const address = "https://example.org/pages/1?a=1&b=2"
	first := p.Excerpt(address)
	q := webpage.Read(first, "")
	if q.Address != address || q.Canonical != "https://example.org/item/1" || string(q.Blocks[0]) != string(p.Blocks[0]) || q.Tags[0].Content != "A & B" {
		t.Errorf("%+v", q)
	}
	if again := q.Excerpt(address); !bytes.Equal(first, again) {
		t.Errorf("an excerpt of\n%s\nis\n%s", first, again)
	}
	for _, absent := range []string{"csrf", "<h1>", "elsewhere"} {
		if strings.Contains(string(first), absent) {
			t.Errorf("%s is in the excerpt:\n%s", absent, first)
		}
	}
}

// TestShows: what a page has only beside the thing that it shows is no metadata of a thing.
func TestShows(t *testing.T) {
	block := func(json string) string { return `<script type="application/ld+json">` + json + `</script>` }
	for _, tc := range []struct {
		name, page    string
		shows, broken bool
	}{
		{"nothing", "<p>Text", false, false},
		{"the site", block(`{"@type":"WebSite","name":"Site"}`) + block(`[null, {"@type":["Organization"]}]`), false, false},
		{"a list of things", block(`{"@type":"CollectionPage","mainEntity":{"@type":"ItemList","itemListElement":[{"@type":"Book"}]}}`), false, false},
		{"questions", block(`{"@type":"FAQPage","mainEntity":[{"@type":"Question"}]}`), false, false},
		{"no type", block(`{"name":"x"}`), false, false},
		{"a thing in a graph", block(`{"@graph":[{"@type":"WebPage"},{"@type":"schema:Dataset"}]}`), true, false},
		{"what a page is about", block(`{"@type":"WebPage","mainEntity":{"@type":"Book"}}`), true, false},
		{"one that can't be read, and one that can", block(`{"@type":`) + block("{\"@type\":\"Book\",\"name\":\"a\nb\"}"), true, false},
		{"one that can't be read", block(`{"@type":"Book"`), false, true},
		{"two values", block(`{} {}`), false, true},
		{"tags", `<meta name="DC.title" content="T">`, true, false},
		{"tags without a title", `<meta name="DC.creator" content="T"><meta name="DC.title" content=" ">`, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			shows, broken := webpage.Read([]byte(tc.page), "").Shows()
			if shows != tc.shows || (broken != nil) != tc.broken && !shows {
				t.Errorf("shows %v, broken %v", shows, broken)
			}
		})
	}
}

// FuzzRead: whatever a page is, an excerpt of it says the same, and no more.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`<base href="/x/"><link rel=canonical href=a><meta name="DC.title" content="T"><meta name=citation_issue content=5><meta name=citation_firstpage content=5><script type="application/ld+json">{"@type":"Book"}</script>`))
	f.Add([]byte("<link rel=self href=//a><script type=application/ld+json><!--<script></script>\x00\xff<meta property=og:x>"))
	f.Add([]byte(`<html lang='"&quot;'><meta name=robots content=none><meta name="dcterms:date.issued" content="2011/5"/>`))
	f.Fuzz(func(t *testing.T, page []byte) {
		p := webpage.Read(page, "")
		shows, _ := p.Shows()
		first := p.Excerpt("https://example.org/a")
		q := webpage.Read(first, "")
		again, _ := q.Shows()
		if shows != again || len(p.Tags) != len(q.Tags) || len(p.Blocks) != len(q.Blocks) || p.NoIndex != q.NoIndex {
			t.Errorf("the page shows %v (%+v), its excerpt %v (%+v)", shows, p, again, q)
		}
		if !bytes.Equal(q.Excerpt("https://example.org/a"), first) {
			t.Errorf("an excerpt of an excerpt is another: %q", first)
		}
	})
}
