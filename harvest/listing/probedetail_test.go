package listing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// TestProbeDetail: what is proposed finds what it is called, and all of it.
func TestProbeDetail(t *testing.T) {
	for name, tc := range map[string]struct {
		page string
		want map[string]string
	}{
		"elements meta": {`<html><meta name="DC.Creator" content="Ana"><meta name="dcterms.created" content="1921"><meta name="DC.title" content="x"><meta name="description" content="x">`,
			map[string]string{"creator": `meta[name="DC.Creator"]@content`, "created": `meta[name="dcterms.created"]@content`}},
		"labels": {`<html><dl><dt>Author:</dt><dd>Ana</dd><dt>Date</dt><dd>1921</dd><dt>Date added</dt><dd>2020</dd></dl><table><tr><th>Language</th><td>English</td></tr></table>`,
			map[string]string{"creator": `dt:matches(^\s*Author\s*:?\s*$) + dd`, "date": `dt:matches(^\s*Date\s*:?\s*$) + dd`, "language": `th:matches(^\s*Language\s*:?\s*$) + td`}},
		"several values":             {`<html><dl><dt>Subjects</dt><dd class="s">A</dd><dd class="s">B</dd></dl>`, map[string]string{"subject": "dd.s"}},
		"several values, not marked": {`<html><dl><dt>Subjects</dt><dd>A</dd><dd>B</dd></dl>`, map[string]string{}},
		"no value":                   {`<html><dl><dt>Author</dt><dd> </dd></dl>`, map[string]string{}},
		"a login":                    {`<html><dl><dt>Author</dt><dd>A</dd></dl><input type="password">`, nil},
		"no web page":                {`author: Ana`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := listing.ProbeDetail([]byte(tc.page), "")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			_, err := listing.New(listing.Config{
				From: []string{"x.html"}, Canonical: "x", Select: listing.Select{Row: ".r", Title: "a", Link: "a"}, Detail: listing.Detail{Select: got},
			}, nil)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func FuzzProbeDetail(f *testing.F) {
	f.Add("<html><dl><dt>Author:</dt><dd class=x>Ana</dd></dl><meta name='dc.date' content=x>")
	f.Fuzz(func(t *testing.T, page string) {
		for field, css := range listing.ProbeDetail([]byte(page), "text/html") {
			if strings.TrimSpace(css) == "" {
				t.Errorf("%s has no selector", field)
			}
		}
	})
}
