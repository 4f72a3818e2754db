package webpage

import (
	"regexp"
	"strings"
)

// A vocabulary is one that meta tags are named in.
type vocabulary int

const (
	none vocabulary = iota
	dublinCore
	highwire
)

// split divides the name of a meta tag into its vocabulary and the rest: "dc.date.issued", "dcterms.issued", "citation_title".
func split(name string) (vocabulary, string) {
	for _, p := range []string{"dcterms.", "dcterms:", "dc.", "dc:"} {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" {
			return dublinCore, rest
		}
	}
	for _, p := range []string{"citation_", "bepress_citation_"} {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" {
			return highwire, rest
		}
	}
	return none, ""
}

// terms say which property of schema.org a term of Dublin Core becomes. A refinement (dc.date.issued) counts before its
// element. What schema.org has no property for keeps its own name, with dc before it.
var terms = map[string]string{
	"title": "name", "alternative": "alternateName", "title.alternative": "alternateName",
	"creator": "author", "contributor.author": "author", "contributor": "contributor", "contributor.editor": "editor",
	"publisher": "publisher", "date": "datePublished", "issued": "datePublished", "date.issued": "datePublished",
	"created": "dateCreated", "date.created": "dateCreated", "modified": "dateModified", "date.modified": "dateModified",
	"abstract": "abstract", "description.abstract": "abstract", "description": "description",
	"subject": "about", "language": "inLanguage", "type": "additionalType", "identifier": "identifier",
	"rights": "copyrightNotice", "license": "license", "rights.license": "license", "rightsholder": "copyrightHolder",
	"ispartof": "isPartOf", "relation.ispartof": "isPartOf", "haspart": "hasPart", "relation.haspart": "hasPart",
	"references": "citation", "relation.references": "citation", "source": "isBasedOn", "format": "encodingFormat",
	"audience": "audience", "spatial": "spatialCoverage", "coverage.spatial": "spatialCoverage",
	"temporal": "temporalCoverage", "coverage.temporal": "temporalCoverage",
	"relation": "dcRelation", "coverage": "dcCoverage", "extent": "dcExtent", "format.extent": "dcExtent",
	"bibliographiccitation": "dcBibliographicCitation", "identifier.citation": "dcBibliographicCitation",
	"identifier.bibliographiccitation": "dcBibliographicCitation", "provenance": "dcProvenance", "tableofcontents": "dcTableOfContents",
	"accessrights": "conditionsOfAccess", "rights.accessrights": "conditionsOfAccess",
}

// citation says the same of the tags of Highwire Press. Several may say when something was published; the first that a page
// has counts.
var citation = map[string]string{
	"title": "name", "author": "author", "authors": "author", "editor": "editor",
	"publication_date": "datePublished", "date": "datePublished", "cover_date": "datePublished", "online_date": "datePublished", "year": "datePublished",
	"doi": "identifier", "hdl": "identifier", "isbn": "isbn", "issn": "issn", "abstract": "abstract", "keywords": "about",
	"language": "inLanguage", "publisher": "publisher", "dissertation_institution": "publisher", "technical_report_institution": "publisher",
	"pdf_url": "contentUrl", "public_url": "url", "abstract_html_url": "url", "fulltext_html_url": "url",
	"journal_title": "isPartOf", "conference_title": "isPartOf", "inbook_title": "isPartOf", "volume": "volumeNumber", "issue": "issueNumber",
	"firstpage": "pageStart", "lastpage": "pageEnd",
}

// kindOf says what type a thing has that has such a tag of Highwire Press.
var kindOf = map[string]string{
	"journal_title": "ScholarlyArticle", "conference_title": "ScholarlyArticle", "inbook_title": "Chapter",
	"dissertation_institution": "Thesis", "dissertation_name": "Thesis", "technical_report_institution": "Report",
}

// Thing is what the meta tags of a page say, in the properties of schema.org; nil if they don't even say a title. Of
// each property the tags of Dublin Core count, because they say more; where there are none, those of Highwire Press.
func (p *Page) Thing() map[string]any {
	dc, hw, kind := p.gather()
	out := map[string]any{}
	for _, from := range []map[string][]any{dc, hw} {
		for property, values := range from {
			switch had, _ := out[property].([]any); {
			case property == "identifier":
				out[property] = append(had, values...)
			case had == nil:
				out[property] = values
			}
		}
	}
	if out["name"] == nil {
		return nil
	}
	if out["additionalType"] == nil && kind != "" {
		out["@type"] = kind
	}
	if out["url"] == nil && p.Address != "" {
		out["url"] = p.Address
	}
	return out
}

// gather has the values of each property, by vocabulary, and the type that the tags speak of.
func (p *Page) gather() (dc, hw map[string][]any, kind string) {
	dc, hw = map[string][]any{}, map[string][]any{}
	dated := "" // the tag that says when it was published
	for _, t := range p.Tags {
		switch v, name := split(t.Name); v {
		case dublinCore:
			add(dc, propertyOf(name), t)
		case highwire:
			property := citation[name]
			if property == "datePublished" {
				if dated != "" && dated != name {
					continue
				}
				dated = name
			}
			add(hw, property, t)
			if kind == "" {
				kind = kindOf[name]
			}
		}
	}
	within(hw)
	return dc, hw, kind
}

// within puts a thing into the issue of the journal that its tags name, and says what it is cited by.
func within(hw map[string][]any) {
	first := func(property string) string {
		if values := hw[property]; len(values) > 0 {
			return textOf(values[0])
		}
		return ""
	}
	journal, cited := map[string]any{}, first("isPartOf")
	for _, k := range []struct{ property, key, before string }{{"isPartOf", "name", ""}, {"issn", "issn", ""}, {"volumeNumber", "volumeNumber", ", vol. "}, {"issueNumber", "", ", no. "}, {"pageStart", "", ", p. "}, {"pageEnd", "", "-"}} {
		text := first(k.property)
		if text != "" && k.key != "" {
			journal[k.key] = text
		}
		if text != "" && k.before != "" {
			cited += k.before + text
		}
	}
	issue := first("issueNumber")
	if pages := first("pageStart"); pages != "" && journal["name"] != nil {
		hw["dcBibliographicCitation"] = []any{cited}
	}
	switch {
	case issue != "" || journal["volumeNumber"] != nil:
		hw["isPartOf"] = []any{map[string]any{"isPartOf": journal, "issueNumber": issue}}
	case len(journal) > 0:
		hw["isPartOf"] = []any{journal}
	}
	for _, k := range []string{"issn", "volumeNumber", "issueNumber", "pageStart", "pageEnd"} {
		delete(hw, k)
	}
}

// propertyOf is that of a term of Dublin Core, or of the element that it refines.
func propertyOf(name string) string {
	if property := terms[name]; property != "" {
		return property
	}
	element, _, refined := strings.Cut(name, ".")
	switch {
	case refined && element == "date": // when something was accepted or made available is not when it was published
		return ""
	case refined:
		return terms[element]
	}
	return ""
}

// listed are the properties whose values stand in one tag with semicolons between them.
var listed = map[string]bool{"author": true, "editor": true, "about": true}

// slashed is a date as Highwire Press writes it.
var slashed = regexp.MustCompile(`^(\d{4})/(\d{1,2})(?:/(\d{1,2}))?$`)

func add(to map[string][]any, property string, t Tag) {
	if property == "" {
		return
	}
	contents := []string{t.Content}
	if vocabulary, _ := split(t.Name); vocabulary == highwire && listed[property] {
		contents = strings.Split(t.Content, ";")
	}
	for _, text := range contents {
		if text = strings.TrimSpace(text); text != "" {
			to[property] = append(to[property], valueOf(property, text, t.Lang))
		}
	}
}

// valueOf is a text as a value of a property.
func valueOf(property, text, lang string) any {
	switch property {
	case "author", "contributor", "editor", "publisher", "copyrightHolder", "isPartOf", "about":
		return map[string]any{"name": text}
	case "datePublished":
		if m := slashed.FindStringSubmatch(text); m != nil {
			return dashed(m[1:])
		}
	case "license", "url", "contentUrl", "identifier":
		return text
	}
	if lang != "" {
		return map[string]any{"@value": text, "@language": lang}
	}
	return text
}

// dashed writes a date of year, month and perhaps day.
func dashed(parts []string) string {
	out := parts[0]
	for _, p := range parts[1:] {
		if p == "" {
			break
		}
		out += "-" + strings.Repeat("0", 2-len(p)) + p
	}
	return out
}

func textOf(v any) string {
	if object, ok := v.(map[string]any); ok {
		text, _ := object["name"].(string)
		return text
	}
	text, _ := v.(string)
	return text
}
