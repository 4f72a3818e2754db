package site

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// resolved is a part of openapi.json with what it refers to put in place.
func resolved(t *testing.T, doc map[string]any, v any) any {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		to, ok := v["$ref"].(string)
		switch {
		case ok && to == "../../schemas/record-change.v1.json":
			var schema any
			if err := json.Unmarshal(changejson.Schema(), &schema); err != nil {
				t.Fatal(err)
			}
			return schema
		case ok:
			var at any = doc
			for name := range strings.SplitSeq(strings.TrimPrefix(to, "#/"), "/") {
				if at, ok = at.(map[string]any)[name]; !ok {
					t.Fatalf("%s leads nowhere", to)
				}
			}
			return resolved(t, doc, at)
		}
		out := map[string]any{}
		for name, sub := range v {
			out[name] = resolved(t, doc, sub)
		}
		return out
	case []any:
		var out []any
		for _, sub := range v {
			out = append(out, resolved(t, doc, sub))
		}
		return out
	}
	return v
}

// Every answer is one that openapi.json describes, and every path there has an answer.
func TestAPI(t *testing.T) {
	log, h := library(t, 30)
	if _, err := log.Remove(t.Context(), pipeline.Removal{Identifier: "oai:archive.example:old/1", Final: true, Who: "a test"}); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(request(t, h, http.MethodGet, apiPath+"/openapi.json").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if got := doc["servers"].([]any)[0].(map[string]any)["url"]; got != "https://gateway.example/below/api/v1" {
		t.Errorf("the document says that it is at %v", got)
	}
	paths := resolved(t, doc, doc["paths"]).(map[string]any)
	asked := map[string]bool{"/openapi.json": true}
	for _, c := range []struct {
		path, as string
		status   string
		has      string
	}{
		{"/search?q=hoxha&kind=Images", "/search", "200", `"total":15`},
		{"/search?q=hoxha", "/search", "200", `"next":"https://gateway.example/below/api/v1/search?q=hoxha\u0026start=26"`},
		{"/search?q=hohxa", "/search", "200", `"meant":"hoxha"`},
		{"/search?q=%22&start=-1&size=x&sort=x", "/search", "200", `"asWords":true`},
		{"/facets?source=old", "/facets", "200", `"value":"new","label":"The Archive","count":30,"chosen":true`},
		{"/facets?from=1957&to=1957", "/facets", "200", `"years":[{"value":"1950","label":"1950","count":1,"chosen":false},`},
		{"/facets/subject?q=hoxha&has=ALERT(2&by=name", "/facets/{facet}", "200", `"total":11,"exact":true`},
		{"/facets/colour", "/facets/{facet}", "404", `"status":404`},
		{"/records?limit=10", "/records", "200", `"next":`},
		{"/records?q=none", "/records", "200", `"records":[]`},
		{"/records?limit=x", "/records", "400", `"status":400`},
		{"/records?after=9.9", "/records", "410", `"status":410`},
		{"/records/old/2", "/records/{source}/{local}", "200", `"operation":"upserted"`},
		{"/records/old/1", "/records/{source}/{local}", "410", "taken down"},
		{"/records/old/99", "/records/{source}/{local}", "404", `"detail":`},
		{"/records/old/" + strings.Repeat("x", 1100), "/records/{source}/{local}", "404", `"detail":`},
		{"/sources", "/sources", "200", `"name":"new","title":"The Archive","records":29`},
	} {
		asked[c.as] = true
		w := request(t, h, http.MethodGet, apiPath+c.path)
		var v any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v: %s", c.path, err, w.Body)
		}
		described, ok := paths[c.as].(map[string]any)["get"].(map[string]any)["responses"].(map[string]any)[c.status].(map[string]any)
		if !ok || c.status != strings.Fields(w.Result().Status)[0] {
			t.Errorf("%s: status %d, want %s", c.path, w.Code, c.status)
			continue
		}
		content, ok := described["content"].(map[string]any)[w.Header().Get("Content-Type")].(map[string]any)
		if !ok {
			t.Errorf("%s is %s, which is not described", c.path, w.Header().Get("Content-Type"))
			continue
		}
		for _, fault := range schematest.Conform(content["schema"].(map[string]any), v, c.path) {
			t.Error(fault)
		}
		if !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s lacks %s: %.1000s", c.path, c.has, w.Body)
		}
	}
	for path := range paths {
		if !asked[path] {
			t.Errorf("nothing asks for %s", path)
		}
	}
	if w := request(t, h, http.MethodGet, apiPath+"/nothing"); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a wrong path: %d, %v", w.Code, w.Header())
	}
}

// Parts follow each other until there is nothing more, and who has an answer is told that nothing has changed.
func TestAPIParts(t *testing.T) {
	_, h := library(t, 30)
	seen, parts := map[string]bool{}, 0
	for path := apiPath + "/records?q=hoxha&limit=7"; path != "" && parts < 10; parts++ {
		w := request(t, h, http.MethodGet, path)
		var part struct {
			Records []struct{ Identifier, Seq, Prev string }
			Next    string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &part); err != nil {
			t.Fatal(err)
		}
		for _, r := range part.Records {
			seen[r.Identifier] = true
		}
		again := httptest.NewRequest(http.MethodGet, path, nil)
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		same := httptest.NewRecorder()
		if h.ServeHTTP(same, again); same.Code != http.StatusNotModified {
			t.Errorf("%s again: status %d", path, same.Code)
		}
		next, err := url.Parse(part.Next)
		if err != nil {
			t.Fatal(err)
		}
		path = strings.TrimPrefix(next.RequestURI(), "/below")
		if part.Next == "" {
			path = ""
		}
	}
	if len(seen) != 30 || parts != 5 {
		t.Errorf("%d parts have %d records", parts, len(seen))
	}
}
