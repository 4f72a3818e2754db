package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const (
	namespaceOpenAIRE = "http://namespace.openaire.eu/schema/oaire/"
	schemaOpenAIRE    = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"
	namespaceDataCite = "http://datacite.org/schema/kernel-4"
)

const openaireOpen = `<oaire:resource xmlns:oaire="` + namespaceOpenAIRE + `" xmlns:datacite="` + namespaceDataCite +
	`" xmlns:dc="` + namespaceDC + `" xmlns:dcterms="` + namespaceTerms + `" xmlns:xsi="` + namespaceXSI +
	`" xsi:schemaLocation="` + namespaceOpenAIRE + ` ` + schemaOpenAIRE + `">`

// demandsOpenAIRE are the elements that the guidelines call mandatory. (The schema asks for none.)
var demandsOpenAIRE = []Demand{
	{Code: "title", Words: "a title", Met: func(rec *dublincore.Record) bool { return has(rec, dublincore.Title) }},
	{Code: "creator", Words: "a creator", Met: func(rec *dublincore.Record) bool { return has(rec, dublincore.Creator) }},
	{Code: "identifier", Words: "an identifier (DOI, Handle, ARK, URN or web address) or a landing page", Met: func(rec *dublincore.Record) bool {
		if webURL(rec, dublincore.Landing) != "" {
			return true // most have one, and the systems need not be told apart
		}
		_, ok := primaryIdentifier(rec)
		return ok
	}},
	{Code: "publication-date", Words: "a date of publication, or another one, with a year", Met: func(rec *dublincore.Record) bool {
		return publicationDate(rec) != ""
	}},
	{Code: "resource-type", Words: "a resource type that COAR's vocabulary has", Met: func(rec *dublincore.Record) bool {
		_, ok := coarType(rec)
		return ok
	}},
	{Code: "access-rights", Words: "its access right (open, embargoed, restricted or metadata only), in COAR's words or those of info:eu-repo",
		Met: func(rec *dublincore.Record) bool { return accessRight(rec) != "" }},
}

// appendOpenAIRE appends the record by the OpenAIRE guidelines for literature repositories, version 4. The elements
// are in the order of the guidelines; the schema accepts any order.
func appendOpenAIRE(dst []byte, rec *dublincore.Record, _ Item) []byte {
	w := &writer{dst}
	w.raw(openaireOpen)
	w.openaireTitles(rec)
	w.openaireNames(rec)
	w.openaireFunding(rec)
	w.openaireIdentifiers(rec)
	w.openaireRelated(rec)
	w.openaireDates(rec)
	w.openaireLanguages(rec)
	w.openaireTexts(rec, "dc:publisher", dublincore.Publisher)
	w.openaireType(rec)
	w.openaireTexts(rec, "dc:description", dublincore.Description, dublincore.Abstract, dublincore.TableOfContents)
	w.openaireTexts(rec, "dc:format", dublincore.Format, dublincore.Medium)
	w.openaireAccess(rec)
	w.openaireTexts(rec, "dc:source", dublincore.Source, dublincore.BibliographicCitation)
	w.openaireSubjects(rec)
	w.openaireLicence(rec)
	w.openaireTexts(rec, "dc:coverage", dublincore.Coverage, dublincore.Temporal)
	w.openaireWrapped(rec, "datacite:sizes", "datacite:size", dublincore.Extent)
	w.openairePlaces(rec)
	w.openaireContainer(rec)
	w.openaireFiles(rec)
	w.openaireTexts(rec, "dcterms:audience", dublincore.Audience)
	w.raw("</oaire:resource>")
	return w.dst
}

func (w *writer) openaireTitles(rec *dublincore.Record) {
	if !has(rec, dublincore.Title, dublincore.Alternative) {
		return
	}
	w.open("datacite:titles", "")
	for v := range values(rec, dublincore.Title) {
		w.value("datacite:title", "", v)
	}
	for v := range values(rec, dublincore.Alternative) {
		w.value("datacite:title", ` titleType="AlternativeTitle"`, v)
	}
	w.close("datacite:titles")
}

func (w *writer) openaireNames(rec *dublincore.Record) {
	if has(rec, dublincore.Creator) {
		w.open("datacite:creators", "")
		for v := range values(rec, dublincore.Creator) {
			w.raw("<datacite:creator>")
			w.element("datacite:creatorName", "", withoutYears(v.Text))
			w.raw("</datacite:creator>")
		}
		w.close("datacite:creators")
	}
	if has(rec, dublincore.Contributor) {
		w.open("datacite:contributors", "")
		for v := range values(rec, dublincore.Contributor) {
			w.raw(`<datacite:contributor contributorType="Other">`)
			w.element("datacite:contributorName", "", withoutYears(v.Text))
			w.raw("</datacite:contributor>")
		}
		w.close("datacite:contributors")
	}
}

// withoutYears is a name without the years of life that catalogues add to it. The guidelines want "Family, Given" and
// nothing else.
func withoutYears(name string) string {
	name = xmlscan.Clean(name)
	i := strings.LastIndex(name, ", ")
	if i <= 0 {
		return name
	}
	digits := 0
	for _, r := range name[i+2:] {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("-–?. ()", r):
			return name
		}
	}
	if digits < 3 {
		return name
	}
	return xmlscan.Clean(name[:i])
}

// openaireTexts writes each value under the terms as an element of its own.
func (w *writer) openaireTexts(rec *dublincore.Record, name string, terms ...dublincore.Term) {
	for v := range each(rec, terms...) {
		w.value(name, "", v)
	}
}

// openaireWrapped writes the values under the term, without languages, in one wrapper.
func (w *writer) openaireWrapped(rec *dublincore.Record, wrapper, name string, term dublincore.Term) {
	if !has(rec, term) {
		return
	}
	w.open(wrapper, "")
	for v := range values(rec, term) {
		w.element(name, "", v.Text)
	}
	w.close(wrapper)
}

// openaireLanguages writes codes, of ISO 639-3 or BCP 47, as they are, and without a language of theirs.
func (w *writer) openaireLanguages(rec *dublincore.Record) {
	for v := range values(rec, dublincore.Language) {
		w.element("dc:language", "", v.Text)
	}
}

func (w *writer) openaireSubjects(rec *dublincore.Record) {
	if !has(rec, dublincore.Subject) {
		return
	}
	w.open("datacite:subjects", "")
	for v := range values(rec, dublincore.Subject) {
		w.raw("<datacite:subject")
		switch {
		case v.Scheme == "URI" && isWebURL(v.Text):
			w.uriAttribute("valueURI", v.Text)
		case xmlscan.Clean(v.Scheme) != "":
			w.attribute("subjectScheme", v.Scheme)
		}
		w.lang(v.Lang)
		w.raw(">")
		w.text(v.Text)
		w.close("datacite:subject")
	}
	w.close("datacite:subjects")
}

func (w *writer) openairePlaces(rec *dublincore.Record) {
	if !has(rec, dublincore.Spatial) {
		return
	}
	w.open("datacite:geoLocations", "")
	for v := range values(rec, dublincore.Spatial) {
		w.raw("<datacite:geoLocation>")
		w.element("datacite:geoLocationPlace", "", v.Text)
		w.raw("</datacite:geoLocation>")
	}
	w.close("datacite:geoLocations")
}

// openaireContainer writes in what the thing was published: the first value that is more than an identifier.
func (w *writer) openaireContainer(rec *dublincore.Record) {
	for v := range values(rec, dublincore.IsPartOf) {
		if _, isID := dublincore.ParseIdentifier(v.Text); !isID {
			w.element("oaire:citationTitle", "", v.Text)
			return
		}
	}
}

func (w *writer) openaireFiles(rec *dublincore.Record) {
	if !has(rec, dublincore.Object) {
		return
	}
	code, _ := coarType(rec)
	kind := coarConcepts[code].general.object()
	access, media := accessRight(rec), onlyMediaType(rec)
	for v := range values(rec, dublincore.Object) {
		if !isWebURL(v.Text) {
			continue
		}
		w.raw("<oaire:file")
		if access != "" {
			w.attribute("accessRightsURI", access)
		}
		if media != "" {
			w.attribute("mimeType", media)
		}
		w.raw(` objectType="` + kind + `">`)
		w.uri(v.Text)
		w.close("oaire:file")
	}
}
