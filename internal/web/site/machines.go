package site

import (
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A meta is a <meta> of a page's head.
type meta struct{ Name, Content, Lang string }

// maxMeta bounds how many there are.
const maxMeta = 100

// metas say in the head of a page what the record is: in the terms of DCMI, and, of documents, as scholars' search engines
// want it (Highwire's names).
func metas(dc *dublincore.Record, w *cite.Work) (out []meta) {
	for i := range dc.Values {
		v := &dc.Values[i]
		if ours(v.Term) || len(out) >= maxMeta {
			continue
		}
		t, schema := brief(v, listSummary), "DCTERMS."
		if v.Term == v.Term.Element() { // search engines of scholars know the fifteen under this name only
			schema = "DC."
		}
		out = append(out, meta{schema + v.Term.String(), t.Text, t.Lang})
	}
	if w.Kind != cite.Document && w.Kind != cite.Book || len(w.Creators) == 0 {
		return out
	}
	add := func(name, content string) {
		if content != "" {
			out = append(out, meta{Name: name, Content: content})
		}
	}
	add("citation_title", w.Title)
	for _, n := range w.Creators {
		add("citation_author", n.Inverted())
	}
	add("citation_publication_date", w.Slashed())
	add("citation_publisher", w.Publisher)
	add("citation_language", w.Lang)
	add("citation_doi", w.DOI)
	add("citation_isbn", w.ISBN)
	add("citation_public_url", w.URL)
	return out
}

// ours says whether a term is not one of DCMI's.
func ours(t dublincore.Term) bool {
	return slices.Contains([]dublincore.Term{dublincore.Landing, dublincore.Object, dublincore.Thumbnail, dublincore.DataProvider, dublincore.Provider}, t)
}

// schemaTypes are what DCMI's types are called at schema.org.
var schemaTypes = map[string]string{
	"Collection": "Collection", "Dataset": "Dataset", "Image": "ImageObject", "StillImage": "ImageObject", "MovingImage": "VideoObject",
	"Sound": "AudioObject", "Software": "SoftwareSourceCode",
}

func schemaType(dc *dublincore.Record) string {
	for i := range dc.Values {
		if v := &dc.Values[i]; v.Term == dublincore.Type && schemaTypes[v.Text] != "" {
			return schemaTypes[v.Text]
		}
	}
	return "CreativeWork"
}

// linked is the record as linked data, in the terms of schema.org. Nothing is said that the record does not say: a creator
// of whom it is not known whether it is a person is a text, because schema.org has no type for both.
func (s *site) linked(rec *pipeline.Record, dc *dublincore.Record, w *cite.Work) map[string]any {
	out := map[string]any{
		"@context": "https://schema.org", "@type": schemaType(dc), "@id": w.URL, "url": w.URL, "name": w.Title, "identifier": rec.Identifier,
		"dateModified": rec.Datestamp.UTC().Format("2006-01-02T15:04:05Z"),
		"isPartOf":     map[string]any{"@type": "Collection", "name": s.title(rec.Source), "url": s.Frame.URL + sourcePath(rec.Source)},
	}
	set := func(name string, values ...string) {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		switch len(values) {
		case 0:
		case 1:
			out[name] = values[0]
		default:
			out[name] = values
		}
	}
	var creators []any
	for _, n := range w.Creators {
		if n.Whole != "" {
			creators = append(creators, n.Whole)
			continue
		}
		creators = append(creators, map[string]any{"@type": "Person", "name": n.Straight(), "familyName": n.Family, "givenName": n.Given})
	}
	if creators != nil {
		out["creator"] = creators
	}
	if !w.Date.IsZero() {
		set("dateCreated", machine(w.Date.EDTF())) // a date of ISO 8601 is wanted: neither a span nor a doubtful one
	}
	set("abstract", w.Abstract)
	set("keywords", w.Subjects...)
	set("inLanguage", language(w.Lang))
	set("publisher", w.Publisher)
	var same, places []string
	for i := range dc.Values {
		switch v := &dc.Values[i]; v.Term {
		case dublincore.Landing:
			same = append(same, link(v.Text))
		case dublincore.Thumbnail:
			set("thumbnailUrl", link(v.Text))
		case dublincore.Spatial:
			places = append(places, web.Clipped(v.Text, listTitle))
		case dublincore.License, dublincore.Rights:
			set("license", license(v))
		}
	}
	set("sameAs", same[:min(len(same), maxMeta)]...)
	if n := min(len(places), maxMeta); n > 0 {
		var all []map[string]any
		for _, p := range places[:n] {
			all = append(all, map[string]any{"@type": "Place", "name": p})
		}
		out["contentLocation"] = all
	}
	return out
}

// linkedCollection is a source or set as linked data.
func (s *site) linkedCollection(d *collectionData, path string) map[string]any {
	page := s.Frame.URL + path
	out := map[string]any{
		"@context": "https://schema.org", "@type": "Collection", "@id": page, "url": page, "name": d.Heading, "identifier": d.Spec,
		"isPartOf": map[string]any{"@type": "Collection", "name": s.Frame.Name, "url": s.Frame.URL + "/"},
	}
	if d.Description.Text != "" {
		out["description"] = d.Description.Text
	}
	if d.Counted && !d.More {
		out["collectionSize"] = d.Total
	}
	if !d.Changed.IsZero() {
		out["dateModified"] = d.Changed.UTC().Format("2006-01-02T15:04:05Z")
	}
	return out
}

// license is the address of a licence; empty if the value names none. A statement of rights is none.
func license(v *dublincore.Value) string {
	if v.Term == dublincore.License || v.Term == dublincore.Rights && strings.Contains(v.Text, "://creativecommons.org/") {
		return link(v.Text)
	}
	return ""
}
