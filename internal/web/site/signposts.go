package site

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// asLinkset is the form of a record that is its links alone (?as=linkset), of the type linksetType (RFC 9264).
const (
	asLinkset   = "linkset"
	linksetType = "application/linkset+json"
)

// A signpost is a link of a record for programs (signposting.org).
type signpost struct{ rel, to, kind string }

// maxItems bounds the digital objects that are named.
const maxItems = 20

// signposts are where programs find what belongs to a record: the address to cite, what it is, what describes it, of what it
// is a part, its digital objects, and how it may be used.
func (s *site) signposts(rec *pipeline.Record, dc *dublincore.Record, w *cite.Work, formats []citedForm) (out []signpost) {
	add := func(rel, to, kind string) {
		if to != "" && !strings.ContainsAny(to, "<>\"\r\n") {
			out = append(out, signpost{rel, to, kind})
		}
	}
	add("cite-as", w.URL, "")
	add("type", "https://schema.org/"+schemaType(dc), "")
	add("type", "https://schema.org/AboutPage", "")
	for _, f := range formats {
		add("describedby", s.absolute(f.Path), f.Type)
	}
	add("collection", s.Frame.URL+sourcePath(rec.Source), "text/html")
	items, licensed := 0, false
	for i := range dc.Values {
		v := &dc.Values[i]
		if v.Term == dublincore.Object && items < maxItems {
			items++
			add("item", link(v.Text), "")
		}
		if l := license(v); l != "" && !licensed {
			licensed = true
			add("license", l, "")
		}
	}
	return out
}

// header writes the signposts in the header of an answer, with the one to all of them.
func (s *site) header(path string, posts []signpost) http.Header {
	var links []string
	for _, p := range append(slices.Clip(posts), signpost{"linkset", s.Frame.URL + path + "?as=" + asLinkset, linksetType}) {
		l := "<" + p.to + `>; rel="` + p.rel + `"`
		if p.kind != "" {
			l += `; type="` + p.kind + `"`
		}
		links = append(links, l)
	}
	return http.Header{"Link": {strings.Join(links, ", ")}}
}

// linkset answers with the signposts as a document (RFC 9264, 4.2), which also says of each description what it describes.
func (s *site) linkset(path string, posts []signpost) (*web.Answer, error) {
	type target struct {
		Href string `json:"href"`
		Type string `json:"type,omitempty"`
	}
	page := s.Frame.URL + path
	context := map[string]any{"anchor": page}
	set := []map[string]any{context}
	for _, p := range posts {
		targets, _ := context[p.rel].([]target)
		context[p.rel] = append(targets, target{p.to, p.kind})
		if p.rel == "describedby" {
			set = append(set, map[string]any{"anchor": p.to, "describes": []target{{page, "text/html"}}})
		}
	}
	body, err := json.MarshalIndent(map[string]any{"linkset": set}, "", "  ")
	if err != nil {
		return nil, err
	}
	return &web.Answer{Header: http.Header{"Content-Type": {linksetType}, "X-Robots-Tag": {"noindex"}}, Body: append(body, '\n')}, nil
}

// described adds to the header of a description what it describes.
func (s *site) described(h http.Header, path string) http.Header {
	h.Set("Link", "<"+s.Frame.URL+path+`>; rel="describes"; type="text/html"`)
	return h
}

// absolute is a path on this site, root and all, as an address; an address stays one.
func (s *site) absolute(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	return strings.TrimSuffix(s.Frame.URL, s.Root) + path
}
