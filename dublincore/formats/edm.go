package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const (
	namespaceRDF   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	schemaEDM      = "http://www.europeana.eu/schemas/edm/EDM.xsd" // its target is the namespace of RDF
	namespaceEDM   = "http://www.europeana.eu/schemas/edm/"
	namespaceORE   = "http://www.openarchives.org/ore/terms/"
	namespaceDC    = "http://purl.org/dc/elements/1.1/"
	namespaceTerms = "http://purl.org/dc/terms/"
)

const edmOpen = `<rdf:RDF xmlns:rdf="` + namespaceRDF + `" xmlns:edm="` + namespaceEDM + `" xmlns:ore="` + namespaceORE +
	`" xmlns:dc="` + namespaceDC + `" xmlns:dcterms="` + namespaceTerms + `" xmlns:xsi="` + namespaceXSI +
	`" xsi:schemaLocation="` + namespaceRDF + ` ` + schemaEDM + `">`

// demandsEDM are the rules of the external EDM schema and of the assertions in it.
var demandsEDM = []Demand{
	{Code: "title-or-description", Words: "a title or a description", Met: func(rec *dublincore.Record) bool {
		return has(rec, dublincore.Title, dublincore.Description, dublincore.Abstract)
	}},
	{Code: "about", Words: "a subject, a type, a place or a period that it is about", Met: func(rec *dublincore.Record) bool {
		return has(rec, dublincore.Subject, dublincore.Type, dublincore.Spatial, dublincore.Temporal)
	}},
	{Code: "link", Words: "a landing page or a link to the object itself (http or https)", Met: func(rec *dublincore.Record) bool {
		return webURL(rec, dublincore.Landing) != "" || webURL(rec, dublincore.Object) != ""
	}},
	{Code: "data-provider", Words: "a data provider: the name of the institution that holds it", Met: func(rec *dublincore.Record) bool {
		return has(rec, dublincore.DataProvider)
	}},
	{Code: "edm-type", Words: "a kind that Europeana knows: text, image, sound, video or 3D", Met: func(rec *dublincore.Record) bool {
		return edmType(rec) != ""
	}},
	{Code: "text-language", Words: "its language, which Europeana demands of a text", Met: func(rec *dublincore.Record) bool {
		return has(rec, dublincore.Language) || edmType(rec) != "TEXT"
	}},
	{Code: "rights-uri", Words: "a licence or rights statement of those that Europeana takes, as a URI: of Creative Commons, or " +
		"rightsstatements.org's InC, InC-EDU, InC-OW-EU, NoC-NC, NoC-OKLR or CNE", Met: func(rec *dublincore.Record) bool {
		return edmRights(rec) != ""
	}},
}

// appendEDM appends the record as external EDM: the object, its file and their aggregation, with agents, places and
// periods as literals, or as links where the record has their URIs. The schema fixes the order of the
// aggregation's parts.
func appendEDM(dst []byte, rec *dublincore.Record, item Item) []byte {
	w := &writer{dst}
	w.raw(edmOpen)
	w.raw("<edm:ProvidedCHO")
	w.uriAttribute("rdf:about", item.Identifier)
	w.raw(">")
	for i := range edmNames {
		for v := range values(rec, edmNames[i].term) {
			w.edmValue(edmNames[i].name, edmNames[i].literal, v)
		}
	}
	w.element("edm:type", "", edmType(rec))
	w.close("edm:ProvidedCHO")
	w.edmWebResource(rec)
	w.edmAggregation(rec, item)
	w.raw("</rdf:RDF>")
	return w.dst
}

// edmWebResource writes what is known of the digital object: its media type, if the record has exactly one, and its
// rights.
func (w *writer) edmWebResource(rec *dublincore.Record) {
	object, rights := webURL(rec, dublincore.Object), edmRights(rec)
	if object == "" || rights == "" {
		return
	}
	w.raw("<edm:WebResource")
	w.uriAttribute("rdf:about", object)
	w.raw(">")
	if media := onlyMediaType(rec); media != "" {
		w.element("dc:format", "", media)
	}
	w.edmLink("edm:rights", rights)
	w.close("edm:WebResource")
}

func (w *writer) edmAggregation(rec *dublincore.Record, item Item) {
	w.raw("<ore:Aggregation")
	w.uriAttribute("rdf:about", item.Identifier+"#aggregation")
	w.raw(">")
	w.edmLink("edm:aggregatedCHO", item.Identifier)
	holder := first(rec, dublincore.DataProvider)
	if holder != nil {
		w.edmValue("edm:dataProvider", false, holder)
	}
	object := webURL(rec, dublincore.Object)
	for v := range values(rec, dublincore.Object) {
		if v.Text != object && isWebURL(v.Text) {
			w.edmLink("edm:hasView", v.Text)
		}
	}
	if landing := webURL(rec, dublincore.Landing); landing != "" {
		w.edmLink("edm:isShownAt", landing)
	}
	if object != "" {
		w.edmLink("edm:isShownBy", object)
	}
	if thumbnail := webURL(rec, dublincore.Thumbnail); thumbnail != "" {
		w.edmLink("edm:object", thumbnail)
	}
	switch provider := first(rec, dublincore.Provider); {
	case provider != nil:
		w.edmValue("edm:provider", false, provider)
	case xmlscan.Clean(item.Provider) != "":
		w.element("edm:provider", "", item.Provider)
	case holder != nil: // who delivers directly is both
		w.edmValue("edm:provider", false, holder)
	}
	w.edmLink("edm:rights", edmRights(rec))
	w.close("ore:Aggregation")
}

// edmNames are the terms that EDM has for an object, with their names there. EDM has no place for dates of the record
// and of access, nor for how a collection grows.
var edmNames = [...]struct {
	term    dublincore.Term
	name    string
	literal bool // never a link
}{
	{dublincore.Title, "dc:title", true},
	{dublincore.Alternative, "dcterms:alternative", true},
	{dublincore.Creator, "dc:creator", false},
	{dublincore.Subject, "dc:subject", false},
	{dublincore.Description, "dc:description", false},
	{dublincore.Abstract, "dc:description", false},
	{dublincore.TableOfContents, "dcterms:tableOfContents", false},
	{dublincore.Publisher, "dc:publisher", false},
	{dublincore.Contributor, "dc:contributor", false},
	{dublincore.Date, "dc:date", false},
	{dublincore.DateCopyrighted, "dc:date", false},
	{dublincore.Created, "dcterms:created", false},
	{dublincore.Issued, "dcterms:issued", false},
	{dublincore.Type, "dc:type", false},
	{dublincore.Format, "dc:format", false},
	{dublincore.Extent, "dcterms:extent", false},
	{dublincore.Medium, "dcterms:medium", false},
	{dublincore.Identifier, "dc:identifier", true},
	{dublincore.Source, "dc:source", false},
	{dublincore.Language, "dc:language", true},
	{dublincore.Relation, "dc:relation", false},
	{dublincore.BibliographicCitation, "dc:relation", false},
	{dublincore.ConformsTo, "dcterms:conformsTo", false},
	{dublincore.HasFormat, "dcterms:hasFormat", false},
	{dublincore.HasPart, "dcterms:hasPart", false},
	{dublincore.HasVersion, "dcterms:hasVersion", false},
	{dublincore.IsFormatOf, "dcterms:isFormatOf", false},
	{dublincore.IsPartOf, "dcterms:isPartOf", false},
	{dublincore.IsReferencedBy, "dcterms:isReferencedBy", false},
	{dublincore.IsReplacedBy, "dcterms:isReplacedBy", false},
	{dublincore.IsRequiredBy, "dcterms:isRequiredBy", false},
	{dublincore.IsVersionOf, "dcterms:isVersionOf", false},
	{dublincore.References, "dcterms:references", false},
	{dublincore.Replaces, "dcterms:replaces", false},
	{dublincore.Requires, "dcterms:requires", false},
	{dublincore.Coverage, "dc:coverage", false},
	{dublincore.Spatial, "dcterms:spatial", false},
	{dublincore.Temporal, "dcterms:temporal", false},
	{dublincore.Rights, "dc:rights", false},
	{dublincore.AccessRights, "dc:rights", false},
	{dublincore.License, "dc:rights", false},
	{dublincore.RightsHolder, "dc:rights", false},
	{dublincore.Provenance, "dcterms:provenance", false},
}

// edmValue writes the value as a link if it is one and the element allows it, else as a literal. EDM forbids both at
// once.
func (w *writer) edmValue(name string, literal bool, v *dublincore.Value) {
	if !literal && v.Scheme == "URI" && isWebURL(v.Text) {
		w.edmLink(name, v.Text)
		return
	}
	w.value(name, "", v)
}

func (w *writer) edmLink(name, uri string) {
	w.dst = append(append(w.dst, '<'), name...)
	w.uriAttribute("rdf:resource", uri)
	w.raw("/>")
}

// edmType is the edm:type of what the record describes; empty if it cannot be told. The media types decide if the type
// does not: a physical object is shown by pictures or as a model, and Europeana calls only a model 3D.
func edmType(rec *dublincore.Record) string {
	object := false
	for v := range values(rec, dublincore.Type) {
		switch dcmiClass(v.Text) {
		case "Text":
			return "TEXT"
		case "Image", "StillImage":
			return "IMAGE"
		case "MovingImage":
			return "VIDEO"
		case "Sound":
			return "SOUND"
		case "PhysicalObject":
			if is3D(v.Text) || is3D(v.Original) {
				return "3D"
			}
			object = true
		}
	}
	for v := range values(rec, dublincore.Format) {
		if kind := edmTypeOfMedia(xmlscan.Clean(v.Text)); kind != "" {
			return kind
		}
	}
	if object && webURL(rec, dublincore.Thumbnail) != "" {
		return "IMAGE"
	}
	return ""
}

func is3D(text string) bool {
	switch strings.ToLower(xmlscan.Clean(text)) {
	case "3d", "3d object":
		return true
	}
	return false
}

func edmTypeOfMedia(media string) string {
	switch kind, _, _ := strings.Cut(media, "/"); {
	case !isMediaType(media):
		return ""
	case kind == "image":
		return "IMAGE"
	case kind == "audio":
		return "SOUND"
	case kind == "video":
		return "VIDEO"
	case kind == "model":
		return "3D"
	case kind == "text", media == "application/pdf", media == "application/epub+zip":
		return "TEXT"
	}
	return ""
}

// dcmiClass is the class of the DCMI Type Vocabulary that text means; empty if none.
func dcmiClass(text string) string {
	if dublincore.IsDCMIType(text) {
		return text
	}
	t, _ := dublincore.ParseType(xmlscan.Clean(text))
	return t.DCMI
}
