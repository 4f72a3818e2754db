package site

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A record is cited in words on its page, and in forms that reference managers read, each by itself and through unAPI.
func TestCited(t *testing.T) {
	_, h := library(t, 3)
	doc := see(t, h, "/records/old/2", 200,
		in(`meta[name="DCTERMS.created"]`, attr("content", "1942")),
		in(`abbr.unapi-id`, attr("title", "oai:archive.example:old/2")),
	)
	if text := doc.Find("#cite ~ dl dd").First().Text(); !strings.HasPrefix(text, "“Letter 2 of Enver Hoxha & <b>friends</b>,” 1942, The Archive, https://gateway.example/below/records/old/2 (accessed ") {
		t.Error(text)
	}
	for form, want := range map[string][2]string{
		"ris":    {"application/x-research-info-systems; charset=utf-8", "TI  - Letter 2 of"},
		"bibtex": {"application/x-bibtex; charset=utf-8", "title = {{Letter 2 of"},
		"csl":    {"application/vnd.citationstyles.csl+json; charset=utf-8", `"title": "Letter 2 of`},
	} {
		for _, path := range []string{"/records/old/2?as=" + form, "/unapi?format=" + form + "&id=" + url.QueryEscape("oai:archive.example:old/2")} {
			w := request(t, h, http.MethodGet, path)
			if w.Code != 200 || w.Header().Get("Content-Type") != want[0] || !strings.Contains(w.Body.String(), want[1]) {
				t.Errorf("%s: %d %s %s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
			}
		}
	}
	see(t, h, "/records/old/2?as=word", 404)
	see(t, h, "/unapi?format=word&id=oai:archive.example:old/2", 406)
	see(t, h, "/unapi?format=ris&id=oai:archive.example:old/77", 404)
	for path, status := range map[string]int{"/unapi": 200, "/unapi?id=oai:archive.example:old/2": 300, "/opensearch.xml": 200} {
		w := request(t, h, http.MethodGet, path)
		var any struct{ XMLName xml.Name }
		if err := xml.Unmarshal(w.Body.Bytes(), &any); err != nil || w.Code != status {
			t.Errorf("%s: %d, %v", path, w.Code, err)
		}
	}
}

// Zotero takes the first of these forms that it knows, and puts the identifier into the address as it stands in the page.
func TestAsZoteroAsks(t *testing.T) {
	m := &memory{epoch: 1}
	for _, local := range []string{"http://maps.example/1?a=b&c=d#e", "plain", "50% off"} {
		m.add(t, "maps", local, titled("A chart of "+local))
	}
	h := New(newSite(m).Options)
	for _, rec := range m.records {
		page := see(t, h, recordPath(namespace, rec.Identifier), 200)
		id, resolver := page.Find("abbr.unapi-id").AttrOr("title", ""), page.Find(`link[rel="unapi-server"]`).AttrOr("href", "")
		if forms := request(t, h, http.MethodGet, resolver).Body.String(); !strings.Contains(forms, `<format name="ris"`) {
			t.Errorf("the forms are %s", forms)
		}
		for _, asked := range []string{id, url.QueryEscape(id)} { // as Zotero does, and as the standard wants it
			r := httptest.NewRequest(http.MethodGet, resolver, nil)
			r.URL.RawQuery = "id=" + asked + "&format=ris"
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "TI  - A chart of ") {
				t.Errorf("%s: %d, %.100s", asked, w.Code, w.Body)
			}
		}
	}
}
