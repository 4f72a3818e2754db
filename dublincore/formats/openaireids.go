package formats

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// An identifier is an identifier of the record, with its type in the vocabularies of OpenAIRE and DataCite.
type identifier struct {
	kind  string // DOI, HANDLE, ARK, URN, PURL, URL, ISBN…; empty if no system is known
	value string // as a URI where it has one
	rank  int    // the record is named by the identifier with the highest rank; 0 means that it cannot be this one
}

func readIdentifier(text string) identifier {
	id, ok := dublincore.ParseIdentifier(text)
	if !ok {
		return identifier{value: xmlscan.Clean(text)}
	}
	out := identifier{kind: id.Kind.String(), value: id.URI}
	switch id.Kind {
	case dublincore.DOI:
		out.rank = 6
	case dublincore.Handle:
		out.kind, out.rank = "HANDLE", 5
	case dublincore.ARK:
		out.rank = 4
	case dublincore.URN:
		out.rank = 3
	case dublincore.URL:
		out.value, out.rank = xmlscan.Clean(text), 1
		if isPURL(out.value) {
			out.kind, out.rank = "PURL", 2
		} else if !isWebURL(out.value) {
			out.rank = 0
		}
	default:
		if out.value == "" {
			out.value = id.Value
		}
	}
	return out
}

func isPURL(url string) bool {
	host, ok := cutFold(url, "https://")
	if !ok {
		host, _ = cutFold(url, "http://")
	}
	return strings.HasPrefix(strings.ToLower(host), "purl.")
}

// primaryIdentifier is the identifier that the record is named by: the one of the best system, or else its landing
// page.
func primaryIdentifier(rec *dublincore.Record) (identifier, bool) {
	var best identifier
	for v := range values(rec, dublincore.Identifier) {
		if id := readIdentifier(v.Text); id.rank > best.rank {
			best = id
		}
	}
	if best.rank == 0 {
		if landing := webURL(rec, dublincore.Landing); landing != "" {
			best = identifier{kind: "URL", value: xmlscan.Clean(landing), rank: 1}
		}
	}
	return best, best.rank > 0
}

// openaireIdentifiers writes the one identifier that the guidelines have room for, and before it the
// others, with the landing page unless it is among them.
func (w *writer) openaireIdentifiers(rec *dublincore.Record) {
	primary, ok := primaryIdentifier(rec)
	landing := xmlscan.Clean(webURL(rec, dublincore.Landing))
	listed := landing == "" || landing == primary.value
	open := false
	alternate := func(id identifier) {
		if !open {
			w.open("datacite:alternateIdentifiers", "")
			open = true
		}
		w.element("datacite:alternateIdentifier", ` alternateIdentifierType="`+id.dataCite()+`"`, id.value)
	}
	for v := range values(rec, dublincore.Identifier) {
		listed = listed || xmlscan.Clean(v.Text) == landing
		if id := readIdentifier(v.Text); !ok || id.value != primary.value {
			alternate(id)
		}
	}
	if id := readIdentifier(landing); !listed && id.value != primary.value {
		alternate(id)
	}
	if open {
		w.close("datacite:alternateIdentifiers")
	}
	if ok {
		w.element("datacite:identifier", ` identifierType="`+primary.kind+`"`, primary.value)
	}
}

// dataCite is the name of the kind in DataCite. Only OpenAIRE's list of main identifiers has it in capitals.
func (id identifier) dataCite() string {
	switch id.kind {
	case "":
		return "Other"
	case "HANDLE":
		return "Handle"
	}
	return id.kind
}

// openaireRelations are the relations as DataCite names them.
var openaireRelations = [...]struct {
	term dublincore.Term
	name string
}{
	{dublincore.HasFormat, "IsVariantFormOf"},
	{dublincore.HasPart, "HasPart"},
	{dublincore.HasVersion, "HasVersion"},
	{dublincore.IsFormatOf, "IsVariantFormOf"},
	{dublincore.IsPartOf, "IsPartOf"},
	{dublincore.IsReferencedBy, "IsReferencedBy"},
	{dublincore.IsReplacedBy, "IsPreviousVersionOf"},
	{dublincore.IsRequiredBy, "IsRequiredBy"},
	{dublincore.IsVersionOf, "IsVersionOf"},
	{dublincore.References, "References"},
	{dublincore.Replaces, "IsNewVersionOf"},
	{dublincore.Requires, "Requires"},
	{dublincore.Source, "IsDerivedFrom"},
}

// openaireRelated writes the relations to things that have an identifier. The guidelines have no place for a relation of
// an unknown kind.
func (w *writer) openaireRelated(rec *dublincore.Record) {
	open := false
	for _, rel := range openaireRelations {
		for v := range values(rec, rel.term) {
			id := readIdentifier(v.Text)
			switch id.kind {
			case "", "ORCID", "ISNI": // of no system, or names of people
				continue
			}
			if !open {
				w.open("datacite:relatedIdentifiers", "")
				open = true
			}
			w.element("datacite:relatedIdentifier", ` relatedIdentifierType="`+id.dataCite()+`" relationType="`+rel.name+`"`, id.value)
		}
	}
	if open {
		w.close("datacite:relatedIdentifiers")
	}
}
