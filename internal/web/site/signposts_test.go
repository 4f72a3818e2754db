package site

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// Programs find their way by the links in the header of the answer.
func TestSignposts(t *testing.T) {
	_, h := library(t, 1)
	links := request(t, h, http.MethodHead, "/records/old/0").Header().Get("Link")
	for _, want := range []string{
		`<https://gateway.example/below/records/old/0>; rel="cite-as"`,
		`<https://gateway.example/below/records/old/0?as=csl>; rel="describedby"; type="application/vnd.citationstyles.csl+json"`,
		`<https://gateway.example/below/sources/new>; rel="collection"; type="text/html"`, `rel="type"`,
		`<https://gateway.example/below/records/old/0?as=linkset>; rel="linkset"; type="application/linkset+json"`,
	} {
		if !strings.Contains(links, want) {
			t.Errorf("%s is not in %s", want, links)
		}
	}
	if web.Clean(links) != links {
		t.Error("the header has what can't be seen")
	}
}

// The link set is a document of RFC 9264: each context has an anchor and, by relation, targets. It says what the header says,
// and each description leads back.
func TestLinkset(t *testing.T) {
	m := listing(t)
	dc := titled("A film")
	for _, v := range []dublincore.Value{
		{Term: dublincore.Object, Text: "https://files.example/1.mp4"}, {Term: dublincore.Object, Text: "javascript:alert(1)"},
		{Term: dublincore.License, Text: "https://creativecommons.org/licenses/by/4.0/"},
	} {
		dc.Add(v)
	}
	m.add(t, "films", "1", dc)
	site := newSite(m)
	site.Formats = func(context.Context, string) (*oaipmh.Formats, error) {
		return &oaipmh.Formats{Formats: []oaipmh.Format{{Prefix: "oai_dc"}, {Prefix: "mods"}, {Prefix: `own"><script>`}}}, nil
	}
	h := New(site.Options)
	doc := see(t, h, "/records/films/1", 200,
		in(`link[rel=linkset][type="application/linkset+json"]`, attr("href", "/records/films/1?as=linkset")),
		times(`link[rel=alternate][type="application/xml"]`, 3),
		times(`section[aria-labelledby=about] a[href*="verb=GetRecord"]`, 3),
		in(`a[href="https://gateway.example/oai?verb=GetRecord&metadataPrefix=mods&identifier=oai%3Aarchive.example%3Afilms%2F1"]`, hasText("MODS (mods)")),
	)
	harmless(t, doc, "the page with formats")
	w := request(t, h, http.MethodGet, "/records/films/1?as=linkset")
	if got := w.Header().Get("Content-Type"); got != "application/linkset+json" || w.Header().Get("ETag") == "" {
		t.Errorf("it is sent as %v", w.Header())
	}
	var got struct{ Linkset []map[string]json.RawMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	const page = "https://gateway.example/records/films/1"
	described, back := map[string]bool{}, 0
	for i, context := range got.Linkset {
		var anchor string
		if err := json.Unmarshal(context["anchor"], &anchor); err != nil || (anchor == page) != (i == 0) {
			t.Errorf("context %d has the anchor %q (%v)", i, anchor, err)
		}
		delete(context, "anchor")
		for rel, raw := range context {
			var targets []struct{ Href, Type string }
			if err := json.Unmarshal(raw, &targets); err != nil || len(targets) == 0 {
				t.Fatalf("%s: %v in %s", rel, err, raw)
			}
			for _, to := range targets {
				switch rel {
				case "describedby":
					described[to.Href] = true
				case "describes":
					back++
					if to.Href != page || !described[anchor] {
						t.Errorf("%s describes %s", anchor, to.Href)
					}
				case "item":
					if to.Href != "https://files.example/1.mp4" {
						t.Errorf("an item is %s", to.Href)
					}
				}
				if header := request(t, h, http.MethodHead, "/records/films/1").Header().Get("Link"); rel != "describes" && !strings.Contains(header, "<"+to.Href+`>; rel="`+rel+`"`) {
					t.Errorf("%s %s is not in the header: %s", rel, to.Href, header)
				}
			}
		}
	}
	if len(described) != 6 || back != 6 || got.Linkset[0]["license"] == nil || got.Linkset[0]["cite-as"] == nil {
		t.Errorf("%d descriptions, %d of them lead back: %s", len(described), back, w.Body)
	}
	for _, form := range []string{"ris", "oai_dc"} {
		if link := request(t, h, http.MethodGet, "/records/films/1?as="+form).Header().Get("Link"); link != "<"+page+`>; rel="describes"; type="text/html"` {
			t.Errorf("%s leads to %q", form, link)
		}
	}
}
