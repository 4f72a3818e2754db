package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

func TestReuse(t *testing.T) {
	for address, want := range map[string]string{
		"http://creativecommons.org/licenses/by-nc-sa/4.0/":          "CC BY-NC-SA 4.0 (name the author, no commercial use, same licence)",
		"https://creativecommons.org/licenses/by/3.0/de/deed.de":     "CC BY 3.0 DE (name the author)",
		"http://creativecommons.org/licenses/nd-nc/1.0/":             "CC ND-NC 1.0 (no changes, no commercial use)",
		"https://creativecommons.org/publicdomain/zero/1.0/":         "No rights reserved (CC0 1.0)",
		"http://creativecommons.org/publicdomain/mark/1.0/":          "In the public domain (Public Domain Mark 1.0)",
		"https://rightsstatements.org/page/InC-RUU/1.0/?language=en": "In copyright, rights holder not found or not known",
		"http://purl.org/coar/access_right/c_abf2":                   "Open access",
		"CC BY 4.0":                  "", // not an address: it says itself what it is
		"https://example.org/rights": "",
		"http://creativecommons.org/licenses/by/9.9/":                  "",
		"http://rightsstatements.org/vocab/" + strings.Repeat("x", 99): "",
	} {
		if got := reuse(words.English(), address); got != want {
			t.Errorf("%s is called %q, want %q", address, got, want)
		}
	}
}

// Readers see names where records have codes, in their own language, and find values by them; the codes stay in addresses.
func TestNames(t *testing.T) {
	_, _, h := shelved(t, 2, func(int) ([]dublincore.Value, []string) {
		return []dublincore.Value{
			{Term: dublincore.Title, Text: "Kanuni", Lang: "sqi"},
			{Term: dublincore.Type, Text: "StillImage", Scheme: "DCMIType"},
			{Term: dublincore.Language, Text: "sqi", Scheme: "ISO639-3"}, {Term: dublincore.Language, Text: "in two tongues"},
			{Term: dublincore.License, Text: "http://creativecommons.org/licenses/by-nc/4.0/"},
			{Term: dublincore.Spatial, Text: "AL", Scheme: "ISO3166"}, {Term: dublincore.Spatial, Text: "CA"},
		}, []string{"old"}
	})
	licence := `http%3A%2F%2Fcreativecommons.org%2Flicenses%2Fby-nc%2F4.0%2F`
	for lang, want := range map[string][]string{
		"de": {"Albanisch", "CC BY-NC 4.0 (Namensnennung, nicht kommerziell)", "Unbewegtes Bild", "Albanien"},
		"fr": {"Albanais", "CC BY-NC 4.0 (attribution, pas d’utilisation commerciale)", "Image fixe", "Albanie"},
		"sq": {"Shqip", "CC BY-NC 4.0 (me emrin e autorit, pa përdorim tregtar)", "Pamje e palëvizshme", "Shqipëri"},
	} {
		for path, checks := range map[string][]check{
			"/search?language=sqi":            {in(`.facets a[href*="language=in+two"]`, hasText("in two tongues")), in(`.facets a[href*="rights=`+licence+`"]`, hasText(want[1])), texts(".chips li:first-child span[dir]", want[0])},
			"/search/language?has=" + want[0]: {texts(".values a", want[0])},
			"/search/language?has=SQI":        {texts(".values a", want[0])},
			"/sources/new":                    {in(`.held a[href*="language=sqi"]`, hasText(want[0]))},
			"/records/old/1": {
				in("#term-language + dd .value", hasText(want[0])), in("#term-language + dd code", hasText("sqi")),
				in("#term-license + dd a", hasText(want[1]), attr("href", "http://creativecommons.org/licenses/by-nc/4.0/")),
				in("#term-type + dd .value", hasText(want[2])),
				in("#term-spatial + dd .value", hasText(want[3])), in("#term-spatial ~ dd:contains('CA') .value", hasText("CA")),
				in("#term-title + dd .tag", hasText(want[0])),
			},
		} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Language", lang)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			doc, err := goquery.NewDocumentFromReader(w.Body)
			if err != nil || w.Code != http.StatusOK {
				t.Fatal(path, w.Code, err)
			}
			for _, c := range checks {
				if err := c(doc.Selection); err != nil {
					t.Errorf("%s in %s: %v", path, lang, err)
				}
			}
		}
	}
	see(t, h, "/search?language=sqi", 200, texts("#results", "Results: 1 – 2 of 2"))
	if body := request(t, h, http.MethodGet, "/search.csv?language=sqi").Body.String(); !strings.Contains(body, "sqi") || strings.Contains(body, "Albanian") {
		t.Errorf("for programs: %s", body)
	}
}
