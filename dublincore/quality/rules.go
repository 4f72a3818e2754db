package quality

import (
	"strings"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// An aggregator is somebody who sets rules for the records that he takes.
type aggregator uint8

const (
	dpla aggregator = iota
	europeana
	openaire
	base
	aggregatorCount
)

// aggregatorNames says who they are, and in which format they take records, if the demands of the format are what they
// require.
var aggregatorNames = [aggregatorCount]struct{ name, by, format string }{
	dpla:      {"DPLA", "Metadata Application Profile 5", ""},
	europeana: {"Europeana", "EDM mandatory elements and Publishing Framework", "edm"},
	openaire:  {"OpenAIRE", "Guidelines for literature repositories 4", "oai_openaire"},
	base:      {"BASE", "Golden rules for repository managers", ""},
}

// Level is how strongly an aggregator asks for something.
type Level string

// The levels.
const (
	Required    Level = "required"
	Recommended Level = "recommended"
)

// A rule is one demand of an aggregator. ok tells whether a record meets it; shown is the value that
// shows why it doesn't, or nothing where there is none.
type rule struct {
	of    aggregator
	code  string
	level Level
	label string
	ok    func(f *facts) bool
	shown func(f *facts) string
}

// rulesOf are the rules of all aggregators: first what the formats demand that they take, then ours. So a record breaks
// nothing that is required if, and only if, it is served in the format.
func rulesOf(demands func(prefix string) []dc.Demand) []rule {
	var out []rule
	for a, n := range aggregatorNames {
		if n.format == "" || demands == nil {
			continue
		}
		for _, d := range demands(n.format) {
			out = append(out, rule{aggregator(a), d.Code, Required, capital(d.Words), func(f *facts) bool { return d.Met(&f.rec) }, shownFor[d.Code]})
		}
	}
	return append(out, rules...)
}

func capital(words string) string { return strings.ToUpper(words[:1]) + words[1:] }

// shownFor has what shows that a demand of a format is not met.
var shownFor = map[string]func(*facts) string{
	"about":            valueOf(dc.Title),
	"creator":          valueOf(dc.Title),
	"edm-type":         valueOf(dc.Type),
	"resource-type":    valueOf(dc.Type),
	"text-language":    valueOf(dc.Language),
	"link":             valueOf(dc.Identifier),
	"identifier":       valueOf(dc.Identifier),
	"rights-uri":       valueOf(dc.Rights, dc.License, dc.AccessRights),
	"access-rights":    valueOf(dc.AccessRights, dc.Rights),
	"data-provider":    valueOf(dc.Publisher),
	"publication-date": valueOfKind(dates),
}

// rules are what can be seen in a record, beside the demands of formats. What needs the repository (time-outs,
// deletions, batch sizes) is for a validator of OAI-PMH.
var rules = []rule{
	{dpla, "title", Required, "A title", has(dc.Title), nil},
	{dpla, "rights-uri", Required, "A rights statement of rightsstatements.org or Creative Commons, as its URI",
		func(f *facts) bool { return f.statedRights }, valueOf(dc.Rights, dc.License, dc.AccessRights)},
	{dpla, "landing", Required, "A link to the item's page (isShownAt)", has(dc.Landing), valueOf(dc.Identifier)},
	{dpla, "data-provider", Required, "Who holds the item (dataProvider)", has(dc.DataProvider), valueOf(dc.Publisher)},
	{dpla, "type", Recommended, "A type of the DCMI Type Vocabulary", func(f *facts) bool { return f.types.dcmi }, valueOf(dc.Type)},
	{dpla, "date", Recommended, "A date with a beginning and an end", func(f *facts) bool { return f.kinds[dates].good }, valueOfKind(dates)},
	{dpla, "language", Recommended, "A language by its ISO 639 code", func(f *facts) bool { return f.kinds[languages].good }, valueOf(dc.Language)},
	{dpla, "thumbnail", Recommended, "A preview picture", has(dc.Thumbnail), nil},
	{dpla, "plain-text", Recommended, "No markup in texts", func(f *facts) bool { return f.shown&(1<<markupLeft) == 0 }, valueOf(dc.Title)},
	{dpla, "loose-ends", Recommended, "No brackets around texts, and no punctuation left at their ends", none(looseEnd), looseEnd},
	{dpla, "one-value", Recommended, "Each value by itself, not several with semicolons between", none(joined), joined},
	{dpla, "no-repeats", Recommended, "No value twice", none(twice), twice},

	{europeana, "tier-a", Recommended, "Metadata tier A or better", func(f *facts) bool { return f.tier[tierOverall] >= TierA }, valueOf(dc.Title)},

	{openaire, "embargo-dates", Recommended, "Under embargo: when it was accepted, and when it will be available",
		func(f *facts) bool {
			return !f.embargoed || f.present.has(dc.DateAccepted) && f.present.has(dc.Available)
		}, valueOf(dc.AccessRights, dc.Rights)},
	{openaire, "creator-form", Recommended, "Creators as \"Family, Given\"", invertedCreator, valueOf(dc.Creator)},
	{openaire, "language", Recommended, "A language in BCP 47 or ISO 639-3", func(f *facts) bool { return f.kinds[languages].good }, valueOf(dc.Language)},
	{openaire, "publisher", Recommended, "A publisher", has(dc.Publisher), valueOf(dc.Title)},
	{openaire, "description", Recommended, "A description", has(dc.Description, dc.Abstract), valueOf(dc.Title)},
	{openaire, "subject", Recommended, "A subject", has(dc.Subject), valueOf(dc.Title)},
	{openaire, "licence", Recommended, "A licence, as its URI", func(f *facts) bool { return f.licensed }, valueOf(dc.License, dc.Rights)},
	{openaire, "file", Recommended, "A link to the file", has(dc.Object), valueOf(dc.Landing, dc.Identifier)},

	{base, "web-identifier", Required, "An identifier that is an http or https address", func(f *facts) bool { return f.webID }, valueOf(dc.Identifier)},
	{base, "title", Required, "A title", has(dc.Title), nil},
	{base, "creator", Recommended, "An author", has(dc.Creator), valueOf(dc.Title)},
	{base, "abstract", Recommended, "An abstract or description", has(dc.Description, dc.Abstract), valueOf(dc.Title)},
	{base, "publication-date", Recommended, "A publication date that can be read", func(f *facts) bool { return f.kinds[dates].good }, valueOfKind(dates)},
	{base, "type", Recommended, "A type from a known vocabulary", func(f *facts) bool { return f.types.known }, valueOf(dc.Type)},
	{base, "language", Recommended, "A language by its code", func(f *facts) bool { return f.kinds[languages].good }, valueOf(dc.Language)},
	{base, "rights", Recommended, "Access rights or a licence, as a URI", func(f *facts) bool { return f.statedAccess || f.statedRights },
		valueOf(dc.Rights, dc.License, dc.AccessRights)},
}

// judgeRules asks every rule.
func (m *Meter) judgeRules(f *facts) {
	met := [aggregatorCount]bool{true, true, true, true}
	for i := range m.asked {
		r := &m.asked[i]
		if r.ok(f) {
			continue
		}
		if r.level == Required {
			met[r.of] = false
		}
		value := ""
		if r.shown != nil {
			value = r.shown(f)
		}
		m.rules[i].add(f, value)
	}
	for a, ok := range met {
		if ok {
			m.accepted[a]++
		}
	}
}

func has(terms ...dc.Term) func(*facts) bool {
	set := setOf(terms...)
	return func(f *facts) bool { return f.present.any(set) }
}

// valueOf shows the first value of the first of the terms that has one.
func valueOf(terms ...dc.Term) func(*facts) string {
	return func(f *facts) string {
		for _, t := range terms {
			for i := range f.values {
				if f.values[i].Term == t {
					return f.values[i].Text
				}
			}
		}
		return ""
	}
}

func valueOfKind(k kind) func(*facts) string {
	return func(f *facts) string {
		for i := range f.values {
			if kindOf(f.values[i].Term) == k {
				return f.values[i].Text
			}
		}
		return ""
	}
}

// invertedCreator reports whether a creator is written with the family name first. One is enough, as an
// organisation has no family name; and so is having none, which is another rule's business.
func invertedCreator(f *facts) bool {
	for i := range f.values {
		if f.values[i].Term == dc.Creator && strings.IndexByte(f.values[i].Text, ',') > 0 {
			return true
		}
	}
	return !f.present.has(dc.Creator)
}
