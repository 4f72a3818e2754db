package listing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

var plainSelect = listing.Select{Row: ".row", Date: ".date", Title: "h3", Summary: ".text", Kind: "h2"}

func selecting(s listing.Select) func(*listing.Config) {
	return func(c *listing.Config) { c.Select = s }
}

func TestHTMLPages(t *testing.T) {
	linked := plainSelect
	linked.Link = "a"
	identified := plainSelect
	identified.ID, identified.Date = "@id", "time@datetime"
	for _, test := range []struct {
		name, page string
		sel        listing.Select
		want       []original
		keys       []string
	}{
		{
			name: "paragraphs, entities, white space",
			page: `<p>1 - 1 of 1</p><h2>Documents</h2><div class=row><i class=date>June 7,
				1960</i><h3>A &amp; <em>B</em>&nbsp;C</h3><div class=text><p>One.</p><p>Two<br>lines.<br><br>Three.</div><script>x</script></div>`,
			sel:  plainSelect,
			want: []original{{Date: "June 7, 1960", Title: "A & B C", Summary: "One.\n\nTwo lines.\n\nThree.", Kind: "Documents"}},
		}, {
			name: "no date, no summary",
			page: `<p>1 - 1 of 1</p><div class=row><h3>A</h3></div>`,
			sel:  plainSelect,
			want: []original{{Title: "A"}},
		}, {
			name: "the heading above, and the one in the row",
			page: `<p>1 - 3 of 3</p><div class=row><h3>A</h3></div><h2>Documents</h2><div class=row><h3>B</h3></div>
				<h2>People</h2><div class=row><h3>C</h3><h2>Person</h2></div>`,
			sel:  plainSelect,
			want: []original{{Title: "A"}, {Title: "B", Kind: "Documents"}, {Title: "C", Kind: "Person"}},
		}, {
			name: "links",
			page: `<base href="https://archive.example.org/en/"><p>1 - 6 of 6</p>
				<div class=row><h3>A</h3><a href="document/1?utm_source=x&amp;lang=sq#top">.</a></div>
				<div class=row><h3>B</h3><a href="/d%c3%a9/2/;jsessionid=AB12">.</a></div>
				<div class=row><h3>C</h3><a href="https://other.example.org/x?b=2&amp;a=1">.</a></div>
				<div class=row><h3>D</h3><a href="#">.</a></div>
				<div class=row><h3>E</h3><a href="javascript:go(1)">.</a></div>
				<div class=row><h3>F</h3></div>`,
			sel: linked,
			want: []original{
				{Title: "A", Link: "https://archive.example.org/en/document/1?utm_source=x&lang=sq"},
				{Title: "B", Link: "https://archive.example.org/d%c3%a9/2/;jsessionid=AB12"},
				{Title: "C", Link: "https://other.example.org/x?b=2&a=1"}, {Title: "D"}, {Title: "E"}, {Title: "F"},
			},
			keys: []string{"en/document/1?lang=sq", "d%C3%A9/2", "x?a=1&b=2"},
		}, {
			name: "attributes",
			page: `<p>1 - 1 of 1</p><div class=row id=doc-7><time datetime="1960-06-07">a day in June</time><h3>A</h3></div>`,
			sel:  identified,
			want: []original{{Date: "1960-06-07", Title: "A", ID: "doc-7"}},
			keys: []string{"doc-7"},
		}, {
			name: "an identifier in a link",
			page: `<p>1 - 1 of 1</p><div class=row><h3><a href="https://any.example.org/doc/7/?PHPSESSID=1">A</a></h3></div>`,
			sel:  listing.Select{Row: ".row", Title: "h3", ID: "a@href"},
			want: []original{{Title: "A", ID: "doc/7"}},
			keys: []string{"doc/7"},
		}, {
			name: "the count in a facet and in its place",
			page: `<p class=facet>1 - 5 of 50</p><p class=count>Showing 1–1 of 1</p><div class=row><h3>A</h3></div>`,
			sel:  listing.Select{Row: ".row", Title: "h3", Count: ".count"},
			want: []original{{Title: "A"}},
		}, {
			name: "the total alone",
			page: `<p class=count>1 result</p><div class=row><h3>A</h3></div>`,
			sel:  listing.Select{Row: ".row", Title: "h3", Count: ".count"},
			want: []original{{Title: "A"}},
		}, {
			name: "a count in a row is not the page's",
			page: `<p>1 - 1 of 1</p><div class=row><h3>Letters 1 - 3 of 7</h3></div>`,
			sel:  plainSelect,
			want: []original{{Title: "Letters 1 - 3 of 7"}},
		}, {
			name: "without selectors: the text that it shows",
			page: `<!doctype html><a href=#x>Skip to content</a><p>Results:</p><b>1</b> - <b>1</b> of <b>1</b><h2>Documents</h2>
				<div><span>June 7, 1960</span><h3>A</h3><p>One.</p><p>Two.</p></div><nav>Next</nav>`,
			want: []original{{Date: "June 7, 1960", Title: "A", Summary: "One.\n\nTwo.", Kind: "Documents"}},
		}, {
			name: "a declared encoding",
			page: "<meta charset=iso-8859-1><p>1 - 1 of 1</p><div class=row><h3>Caf\xe9</h3></div>",
			sel:  plainSelect,
			want: []original{{Title: "Café"}},
		}, {
			name: "saved as UTF-8 with the old declaration",
			page: "<meta charset=iso-8859-1><p>1 - 1 of 1</p><div class=row><h3>Café</h3></div>",
			sel:  plainSelect,
			want: []original{{Title: "Café"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := readPage(t, test.page, selecting(test.sel))
			if page.Unproven {
				t.Errorf("incomplete: %q", page.Warnings)
			}
			var got []original
			for i, it := range page.Items {
				if it.Rejected != nil {
					t.Fatalf("rejected: %+v", it.Rejected)
				}
				o := decodeOriginal(t, it)
				if o.Row == "" {
					t.Errorf("%s has no row", it.Key)
				}
				o.Row = ""
				got = append(got, o)
				hash := listing.HashKey("archive", o.Title, o.Date)
				if i < len(test.keys) {
					if it.Key != test.keys[i] || !cmp.Equal(it.Aliases, []string{hash}) {
						t.Errorf("key %q, aliases %q; want %q, %q", it.Key, it.Aliases, test.keys[i], hash)
					}
				} else if it.Key != hash || len(it.Aliases) > 0 {
					t.Errorf("key %q, aliases %q; want %q", it.Key, it.Aliases, hash)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error("rows (-want +got):\n" + diff)
			}
		})
	}
}

// TestHTMLPageRejected: a saved page that is not what it should be does not keep the others from being read.
func TestHTMLPageRejected(t *testing.T) {
	for _, test := range []struct{ name, page, reason, detail string }{
		{"no row", `<p>Results: 1 – 9 of 9</p><div class=result></div>`, "count_mismatch", "that is 9 rows; 0 were found"},
		{"nothing", `<p>Welcome</p>`, "empty_page", "selector .row matched 0 times"},
		{"a login page", `<form><input type=password></form>`, "html", "login"},
		{"a bot wall", `<title>Just a moment...</title>`, "challenged", "human"},
		{"too deep", strings.Repeat("<div>", 600), "malformed", "HTML"},
		{"rows in rows", `<p>1 - 1 of 1</p><div class=row><div class=row><h3>A</h3></div></div>`, "count_mismatch", "1 row; 2 were"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readPage(t, test.page, selecting(plainSelect))
			if len(got.Items) != 1 || got.Items[0].Rejected == nil || !got.Unproven {
				t.Fatalf("items %+v, incomplete %v", got.Items, got.Unproven)
			}
			r := got.Items[0].Rejected
			if r.Reason != test.reason || !strings.Contains(r.Detail, test.detail) || string(got.Items[0].Original) != test.page {
				t.Errorf("rejected %+v, want %s: %s", r, test.reason, test.detail)
			}
		})
	}
}

func TestSameKeyOnAPage(t *testing.T) {
	row := func(title, text string) string {
		return "<div class=row><i class=date>1958</i><h3>" + title + "</h3><p class=text>" + text + "</div>"
	}
	t.Run("rows that say the same are one", func(t *testing.T) {
		got := readPage(t, "<p>1 - 3 of 3</p>"+row("A", "x")+row("B", "x")+row("A", " x "), selecting(plainSelect))
		if len(got.Items) != 2 || got.Items[0].Rejected != nil || got.Items[1].Rejected != nil || got.Unproven {
			t.Errorf("items %+v", got.Items)
		}
	})
	t.Run("rows that differ are rejected", func(t *testing.T) {
		got := readPage(t, "<p>1 - 4 of 4</p>"+row("A", "x")+row("B", "x")+row(" a ", "y")+row("A", "z"), selecting(plainSelect))
		keys := map[string]bool{}
		for i, it := range got.Items {
			keys[it.Key] = true
			if bad := i != 1; bad != (it.Rejected != nil) {
				t.Errorf("item %d: rejected %+v", i, it.Rejected)
			} else if bad && it.Rejected.Reason != "duplicate_key" {
				t.Errorf("item %d: rejected %+v", i, it.Rejected)
			}
		}
		if len(got.Items) != 4 || len(keys) != 4 || !keys[listing.HashKey("archive", "A", "1958")] {
			t.Errorf("keys %v", keys)
		}
	})
	t.Run("an alias of two items is nobody's", func(t *testing.T) {
		sel := plainSelect
		sel.Link = "a"
		got := readPage(t, `<p>1 - 3 of 3</p><div class=row><h3>A<a href=https://archive.example.org/1>.</a></h3></div><div class=row><h3>A<a href=https://archive.example.org/2>.</a></h3></div>
			<div class=row><h3>B<a href=https://archive.example.org/3>.</a></h3></div>`, selecting(sel))
		if len(got.Items) != 3 || len(got.Items[0].Aliases)+len(got.Items[1].Aliases) != 0 || len(got.Items[2].Aliases) != 1 || len(got.Warnings) != 1 {
			t.Errorf("items %+v, warnings %q", got.Items, got.Warnings)
		}
	})
}

// TestEnrichment: a link and then an identifier turn up on a page, and every earlier key is an alias.
func TestEnrichment(t *testing.T) {
	const page = `<p>1 - 1 of 1</p><div class=row id=n7><i class=date>1958</i><h3>A<a href=/doc/7>.</a></h3></div>`
	linked, both := plainSelect, plainSelect
	linked.Link, both.Link, both.ID = "a", "a", "@id"
	var items []harvest.Item
	for _, sel := range []listing.Select{plainSelect, linked, both} {
		items = append(items, readPage(t, page, selecting(sel)).Items...)
	}
	hash := listing.HashKey("archive", "A.", "1958")
	var got [][]string
	for _, it := range items {
		got = append(got, append([]string{it.Key}, it.Aliases...))
	}
	if diff := cmp.Diff([][]string{{hash}, {"doc/7", hash}, {"n7", "doc/7", hash}}, got); diff != "" {
		t.Error("keys and aliases (-want +got):\n" + diff)
	}
}
