package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/date"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// modsTexts are the terms that are one element of running text each.
var modsTexts = [...]struct {
	term        dublincore.Term
	name, attrs string
}{
	{dublincore.Abstract, "abstract", ""},
	{dublincore.TableOfContents, "tableOfContents", ""},
	{dublincore.Audience, "targetAudience", ""},
	{dublincore.EducationLevel, "targetAudience", ""},
	{dublincore.Description, "note", ""},
	{dublincore.BibliographicCitation, "note", ` type="preferred citation"`},
	{dublincore.Provenance, "note", ` type="ownership"`},
	{dublincore.AccrualMethod, "note", ` type="acquisition"`},
	{dublincore.AccrualPolicy, "note", ` type="acquisition"`},
	{dublincore.Mediator, "note", ` type="mediator"`},
	{dublincore.InstructionalMethod, "note", ` type="instructional method"`},
}

func (w *writer) modsTexts(rec *dublincore.Record) {
	for _, t := range modsTexts {
		for v := range values(rec, t.term) {
			w.value(t.name, t.attrs, v)
		}
	}
}

func (w *writer) modsSubjects(rec *dublincore.Record) {
	for v := range values(rec, dublincore.Subject) {
		switch v.Scheme {
		case "LCSH":
			w.modsSubject(` authority="lcsh"`, "topic", v)
		case "MESH":
			w.modsSubject(` authority="mesh"`, "topic", v)
		case "DDC":
			w.value("classification", ` authority="ddc"`, v)
		case "LCC":
			w.value("classification", ` authority="lcc"`, v)
		case "UDC":
			w.value("classification", ` authority="udc"`, v)
		case "NLM":
			w.value("classification", ` authority="nlm"`, v)
		default:
			w.modsSubject("", "topic", v)
		}
	}
	for v := range values(rec, dublincore.Spatial) {
		if v.Scheme == "Point" || v.Scheme == "Box" {
			w.raw("<subject><cartographics>")
			w.value("coordinates", "", v)
			w.raw("</cartographics></subject>")
		} else {
			w.modsSubject("", "geographic", v)
		}
	}
	for v := range values(rec, dublincore.Coverage) {
		if _, err := date.Parse(v.Text, date.AnyOrder); err == nil {
			w.modsSubject("", "temporal", v)
		} else {
			w.modsSubject("", "geographic", v)
		}
	}
	for v := range values(rec, dublincore.Temporal) {
		w.modsSubject("", "temporal", v)
	}
}

func (w *writer) modsSubject(attrs, part string, v *dublincore.Value) {
	w.open("subject", attrs)
	if part == "temporal" {
		w.modsDate(part, "", v)
	} else {
		w.value(part, "", v)
	}
	w.close("subject")
}

// modsRelations are the relations as types of relatedItem. MODS lets one name others.
var modsRelations = [...]struct {
	term  dublincore.Term
	attrs string
}{
	{dublincore.Source, ` type="original"`},
	{dublincore.IsPartOf, ` type="host"`},
	{dublincore.HasPart, ` type="constituent"`},
	{dublincore.HasVersion, ` type="otherVersion"`},
	{dublincore.IsVersionOf, ` type="otherVersion"`},
	{dublincore.HasFormat, ` type="otherFormat"`},
	{dublincore.IsFormatOf, ` type="otherFormat"`},
	{dublincore.IsReferencedBy, ` type="isReferencedBy"`},
	{dublincore.References, ` type="references"`},
	{dublincore.Replaces, ` type="preceding"`},
	{dublincore.IsReplacedBy, ` type="succeeding"`},
	{dublincore.ConformsTo, ` otherType="conformsTo"`},
	{dublincore.Requires, ` otherType="requires"`},
	{dublincore.IsRequiredBy, ` otherType="isRequiredBy"`},
	{dublincore.Relation, ""},
}

// modsRelated writes a related thing by its identifier if it has one, a web page by its URL, any other by its title.
func (w *writer) modsRelated(rec *dublincore.Record) {
	for _, rel := range modsRelations {
		for v := range values(rec, rel.term) {
			w.open("relatedItem", rel.attrs)
			id, known := dublincore.ParseIdentifier(v.Text)
			switch {
			case isWebURL(v.Text) && (!known || id.Kind == dublincore.URL):
				w.modsURL("", v.Text)
			case known || strings.HasPrefix(v.Text, "info:"):
				w.modsIdentifier(v)
			default:
				w.open("titleInfo", "")
				w.value("title", "", v)
				w.close("titleInfo")
			}
			w.close("relatedItem")
		}
	}
}

func (w *writer) modsIdentifiers(rec *dublincore.Record) {
	for v := range values(rec, dublincore.Identifier) {
		w.modsIdentifier(v)
	}
}

// modsIdentifier writes an identifier with its type in the MODS list of them, and without a resolver
// where that list has its names so.
func (w *writer) modsIdentifier(v *dublincore.Value) {
	id, _ := dublincore.ParseIdentifier(v.Text)
	switch id.Kind {
	case dublincore.DOI:
		w.element("identifier", ` type="doi"`, id.Value)
	case dublincore.ISBN:
		w.element("identifier", ` type="isbn"`, id.Value)
	case dublincore.ISSN:
		w.element("identifier", ` type="issn"`, id.Value)
	case dublincore.Handle:
		w.element("identifier", ` type="hdl"`, id.Value)
	case dublincore.ARK, dublincore.URN, dublincore.URL, dublincore.ORCID, dublincore.ISNI:
		w.element("identifier", ` type="uri"`, v.Text)
	default:
		attrs := ""
		if strings.HasPrefix(v.Text, "info:") {
			attrs = ` type="uri"`
		}
		w.element("identifier", attrs, v.Text)
	}
}

// modsLocation writes where the thing is. Only the landing page of the holder is marked as the object in context, not
// the page of the gateway, which stands in for it.
func (w *writer) modsLocation(rec *dublincore.Record, item Item) {
	start := len(w.dst)
	w.open("location", "")
	empty := len(w.dst)
	for v := range values(rec, dublincore.DataProvider) {
		w.value("physicalLocation", ` type="repository"`, v)
	}
	switch landing := webURL(rec, dublincore.Landing); {
	case landing != "" && landing != item.Page:
		w.modsURL(` usage="primary" access="object in context"`, landing)
	case isWebURL(item.Page):
		w.modsURL(` usage="primary"`, item.Page)
	}
	for v := range values(rec, dublincore.Object) {
		if isWebURL(v.Text) {
			w.modsURL(` access="raw object"`, v.Text)
		}
	}
	for v := range values(rec, dublincore.Thumbnail) {
		if isWebURL(v.Text) {
			w.modsURL(` access="preview"`, v.Text)
		}
	}
	if len(w.dst) == empty {
		w.dst = w.dst[:start]
		return
	}
	w.close("location")
}

// modsURL writes a url. The url of a relatedItem stands in a location of its own.
func (w *writer) modsURL(attrs, url string) {
	if attrs == "" {
		w.open("location", "")
	}
	w.open("url", attrs)
	w.uri(url)
	w.close("url")
	if attrs == "" {
		w.close("location")
	}
}

func (w *writer) modsRights(rec *dublincore.Record) {
	for v := range values(rec, dublincore.AccessRights) {
		w.modsCondition(` type="restriction on access"`, v)
	}
	for v := range each(rec, dublincore.Rights, dublincore.License) {
		w.modsCondition(` type="use and reproduction"`, v)
	}
	for v := range values(rec, dublincore.RightsHolder) {
		w.modsCondition(` displayLabel="Rights holder"`, v)
	}
}

func (w *writer) modsCondition(attrs string, v *dublincore.Value) {
	w.raw("<accessCondition" + attrs)
	if isWebURL(v.Text) {
		w.uriAttribute("xlink:href", v.Text)
	}
	w.lang(v.Lang)
	w.raw(">")
	w.text(v.Text)
	w.close("accessCondition")
}

func (w *writer) modsRecordInfo(rec *dublincore.Record, item Item) {
	w.open("recordInfo", "")
	if has(rec, dublincore.Provider) {
		for v := range values(rec, dublincore.Provider) {
			w.value("recordContentSource", "", v)
		}
	} else if xmlscan.Clean(item.Provider) != "" {
		w.element("recordContentSource", "", item.Provider)
	}
	w.element("recordIdentifier", "", item.Identifier)
	w.raw("<recordOrigin>Made from Dublin Core.</recordOrigin>")
	w.close("recordInfo")
}
