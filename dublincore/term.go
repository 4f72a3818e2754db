package dublincore

import "fmt"

// A Term is a property of a record: one of the fifteen elements of Dublin Core, a refinement of one
// (DCMI Metadata Terms, http://purl.org/dc/terms/), or one of the few properties that aggregators
// need and Dublin Core lacks (landing page, object, thumbnail, data provider, provider).
//
// The zero Term is not a term.
type Term uint8

// The terms, in the order in which a record is written: the fifteen elements, each followed by its
// refinements, then what Dublin Core lacks.
const (
	noTerm Term = iota

	Title
	Alternative
	Creator
	Subject
	Description
	Abstract
	TableOfContents
	Publisher
	Contributor
	Date
	Created
	Issued
	Available
	Modified
	Valid
	DateAccepted
	DateCopyrighted
	DateSubmitted
	Type
	Format
	Extent
	Medium
	Identifier
	BibliographicCitation
	Source
	Language
	Relation
	ConformsTo
	HasFormat
	HasPart
	HasVersion
	IsFormatOf
	IsPartOf
	IsReferencedBy
	IsReplacedBy
	IsRequiredBy
	IsVersionOf
	References
	Replaces
	Requires
	Coverage
	Spatial
	Temporal
	Rights
	AccessRights
	License
	RightsHolder
	Audience
	EducationLevel
	Mediator
	Provenance
	AccrualMethod
	AccrualPeriodicity
	AccrualPolicy
	InstructionalMethod

	// What aggregators need and Dublin Core lacks. oai_dc and oai_qdc have no elements for these.
	Landing      // the page about the item, for people (an http or https URL)
	Object       // the digital object itself
	Thumbnail    // a small picture of it
	DataProvider // who holds the item
	Provider     // who passes the record on

	termCount
)

// termInfo has for each term its name in rules, JSON and XML, and which of the fifteen elements it refines: itself
// for an element, noTerm if oai_dc has no place for it.
var termInfo = [termCount]struct {
	name    string
	element Term
}{
	Title:                 {"title", Title},
	Alternative:           {"alternative", Title},
	Creator:               {"creator", Creator},
	Subject:               {"subject", Subject},
	Description:           {"description", Description},
	Abstract:              {"abstract", Description},
	TableOfContents:       {"tableOfContents", Description},
	Publisher:             {"publisher", Publisher},
	Contributor:           {"contributor", Contributor},
	Date:                  {"date", Date},
	Created:               {"created", Date},
	Issued:                {"issued", Date},
	Available:             {"available", Date},
	Modified:              {"modified", Date},
	Valid:                 {"valid", Date},
	DateAccepted:          {"dateAccepted", Date},
	DateCopyrighted:       {"dateCopyrighted", Date},
	DateSubmitted:         {"dateSubmitted", Date},
	Type:                  {"type", Type},
	Format:                {"format", Format},
	Extent:                {"extent", Format},
	Medium:                {"medium", Format},
	Identifier:            {"identifier", Identifier},
	BibliographicCitation: {"bibliographicCitation", Identifier},
	Source:                {"source", Source},
	Language:              {"language", Language},
	Relation:              {"relation", Relation},
	ConformsTo:            {"conformsTo", Relation},
	HasFormat:             {"hasFormat", Relation},
	HasPart:               {"hasPart", Relation},
	HasVersion:            {"hasVersion", Relation},
	IsFormatOf:            {"isFormatOf", Relation},
	IsPartOf:              {"isPartOf", Relation},
	IsReferencedBy:        {"isReferencedBy", Relation},
	IsReplacedBy:          {"isReplacedBy", Relation},
	IsRequiredBy:          {"isRequiredBy", Relation},
	IsVersionOf:           {"isVersionOf", Relation},
	References:            {"references", Relation},
	Replaces:              {"replaces", Relation},
	Requires:              {"requires", Relation},
	Coverage:              {"coverage", Coverage},
	Spatial:               {"spatial", Coverage},
	Temporal:              {"temporal", Coverage},
	Rights:                {"rights", Rights},
	AccessRights:          {"accessRights", Rights},
	License:               {"license", Rights},
	RightsHolder:          {"rightsHolder", Rights},
	Audience:              {"audience", noTerm},
	EducationLevel:        {"educationLevel", noTerm},
	Mediator:              {"mediator", noTerm},
	Provenance:            {"provenance", noTerm},
	AccrualMethod:         {"accrualMethod", noTerm},
	AccrualPeriodicity:    {"accrualPeriodicity", noTerm},
	AccrualPolicy:         {"accrualPolicy", noTerm},
	InstructionalMethod:   {"instructionalMethod", noTerm},
	Landing:               {"landing", noTerm},
	Object:                {"object", noTerm},
	Thumbnail:             {"thumbnail", noTerm},
	DataProvider:          {"dataProvider", noTerm},
	Provider:              {"provider", noTerm},
}

// String is the name of the term in the DCMI namespace: "title", "tableOfContents".
func (t Term) String() string {
	if t == noTerm || t >= termCount {
		return ""
	}
	return termInfo[t].name
}

// Element is the element of the fifteen that t is or refines. It is the zero Term if oai_dc has no place for t.
func (t Term) Element() Term {
	if t >= termCount {
		return noTerm
	}
	return termInfo[t].element
}

// Terms are all terms, in canonical order.
func Terms() []Term {
	all := make([]Term, 0, termCount-1)
	for t := Title; t < termCount; t++ {
		all = append(all, t)
	}
	return all
}

// Elements are the fifteen elements of Dublin Core, in canonical order.
func Elements() []Term {
	all := make([]Term, 0, 15)
	for t := Title; t < termCount; t++ {
		if termInfo[t].element == t {
			all = append(all, t)
		}
	}
	return all
}

// MarshalText is the same as [Term.String], so that terms are names in JSON and in the configuration.
func (t Term) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the name of a term. An empty text is the zero Term.
func (t *Term) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = noTerm
		return nil
	}
	found, ok := TermNamed(string(text))
	if !ok {
		return fmt.Errorf("read a term: there is no term %q", text)
	}
	*t = found
	return nil
}

// TermNamed finds a term by its exact name. It is false if there is none.
func TermNamed(name string) (Term, bool) {
	t, ok := termsByName[name]
	return t, ok
}

var termsByName = func() map[string]Term {
	m := make(map[string]Term, termCount)
	for t := Title; t < termCount; t++ {
		m[termInfo[t].name] = t
	}
	return m
}()
