package quality

import (
	"cmp"
	"slices"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// A Report is what a [Meter] has found. It is plain data in a fixed order, and complete: what was not found has a count
// of zero.
type Report struct {
	Records     int64        `json:"records"`
	Elements    []Element    `json:"elements"`  // the fifteen, in canonical order
	Standards   []Standard   `json:"standards"` // dates, languages, types, rights, identifiers
	Problems    []Finding    `json:"problems"`
	Titles      []Repeated   `json:"repeated_titles"`
	TitleError  int64        `json:"title_error"`   // the counts of Titles are low by at most this
	Days        []Repeated   `json:"repeated_days"` // days that a tenth of the records have, or more
	DateShapes  []Repeated   `json:"date_shapes"`   // dates that were not understood: digits as 9, words as "a"
	Tagging     Tagging      `json:"tagging"`
	Tiers       []Tiering    `json:"tiers"` // Europeana's, for each dimension and overall
	Aggregators []Aggregator `json:"aggregators"`
	Notes       []Noted      `json:"notes"` // what the mapping changed or met, where notes were fed
	// NotMapped are the fields that no rule of the mapping looks at, the most frequent first; "…" stands for all beyond
	// the first 500.
	NotMapped []Unmapped `json:"not_mapped"`
}

// Unmapped is a field of originals, in the words of their format, that no rule of the mapping looks at.
type Unmapped struct {
	Field   string   `json:"field"`
	Records int64    `json:"records"`
	Samples []Sample `json:"samples,omitempty"`
}

// An Element says how well one of the fifteen elements, with its refinements, is filled.
type Element struct {
	Term     dc.Term `json:"element"`
	Records  int64   `json:"records"`  // with at least one value
	Values   int64   `json:"values"`   // in all records
	Distinct int64   `json:"distinct"` // different values; an estimate from 4,096
	Words    int64   `json:"words"`    // values that are texts in a language: no names, codes or links
	Tagged   int64   `json:"tagged"`   // of those, how many say which language
}

// A Standard says how many values of a kind are in their standard form.
type Standard struct {
	Kind     string    `json:"kind"`     // "dates", "languages", "types", "rights", "identifiers"
	Records  int64     `json:"records"`  // with a value of the kind
	Good     int64     `json:"good"`     // with at least one in standard form
	Outcomes []Outcome `json:"outcomes"` // of the values
	// Dropped are values that the mapping left out because it did not understand them. Only records with notes tell
	// of them.
	Dropped []Outcome `json:"dropped"`
}

// An Outcome counts values: "standard" (as the source wrote it), "normalized", "beside" (the source's own
// word for a type, rights or an identifier, beside one in standard form), "recognizable" (there is a
// standard form, but the value is as the source wrote it), "ambiguous", "bad-check-digit" or
// "not-understood".
type Outcome struct {
	Name    string   `json:"outcome"`
	Values  int64    `json:"values"`
	Samples []Sample `json:"samples,omitempty"`
}

// A Finding counts the records that show a problem, or that break a rule of an aggregator.
type Finding struct {
	Code    string   `json:"code"`
	Label   string   `json:"label"`
	Level   Level    `json:"level,omitempty"`  // of a rule
	Advice  string   `json:"advice,omitempty"` // of a problem
	Records int64    `json:"records"`
	Samples []Sample `json:"samples,omitempty"`
}

// Repeated is a value (or a shape of values) that was met often.
type Repeated struct {
	Value   string   `json:"value"`
	Records int64    `json:"records"` // at least; of shapes, the values
	Samples []Sample `json:"samples"`
}

// Tagging says how many texts name the language that they are in, which is not the language of the item.
type Tagging struct {
	All  int64 `json:"all"`  // records whose texts all have a language tag
	Some int64 `json:"some"` // some of them
	None int64 `json:"none"` // none of them
	// Tags are the tags met, the most frequent first; "…" stands for all beyond the first 256.
	Tags []Tag `json:"tags"`
}

// A Tag is a BCP 47 tag and how many texts have it.
type Tag struct {
	Lang   string `json:"lang"`
	Values int64  `json:"values"`
}

// A Tiering counts the records in each of Europeana's metadata tiers, by one dimension or overall.
type Tiering struct {
	Code  string           `json:"dimension"` // "language", "enabling-elements", "contextual-classes", "overall"
	Label string           `json:"label"`
	Rule  string           `json:"rule"`
	Tiers [tierCount]int64 `json:"tiers"` // records in tier 0, A, B, C
}

// An Aggregator has the findings of one aggregator on the records.
type Aggregator struct {
	Name     string    `json:"name"`
	By       string    `json:"by"`       // the document that the rules are from
	Accepted int64     `json:"accepted"` // records that meet everything required
	Rules    []Finding `json:"rules"`    // with the records that break each
}

// Noted counts the notes of a kind.
type Noted struct {
	Kind    dc.NoteKind `json:"kind"`
	Notes   int64       `json:"notes"`
	Samples []Sample    `json:"samples,omitempty"`
}

// What is repeated: a title on a thousandth of the records and on minRepeated at least; a day on a tenth,
// and on minDays at least. Lists are cut at maxListed.
const (
	minRepeated = 5
	minDays     = 20
	maxListed   = 20
)

// Report is what the meter has found up to now. More records can be added afterwards.
func (m *Meter) Report() *Report {
	r := &Report{Records: m.records, TitleError: m.titles.lost}
	for i, term := range dc.Elements() {
		e := &m.elements[i]
		r.Elements = append(r.Elements, Element{term, e.records, e.values, e.differ.count(), e.words, e.tagged})
	}
	for k := range m.kinds {
		r.Standards = append(r.Standards, Standard{kindNames[k], m.kinds[k].records, m.kinds[k].good,
			outcomes(&m.kinds[k].outcomes, standard), outcomes(&m.lost[k], ambiguous)})
	}
	titles := m.titles.atLeast(max(minRepeated, m.records/1000))
	days := m.days.atLeast(max(minDays, (m.records+9)/10))
	r.Titles, r.Days, r.DateShapes = repeated(titles), repeated(days), repeated(m.shapes.atLeast(1))
	for i := range problems {
		t := &m.findings[i]
		switch finding(i) {
		case titleEverywhere:
			t = tallyOf(titles)
		case dateEverywhere:
			t = tallyOf(days)
		}
		r.Problems = append(r.Problems, Finding{Code: problems[i].code, Label: problems[i].label, Advice: problems[i].advice,
			Records: t.count, Samples: t.samples()})
	}
	r.Tagging = m.tagging.report()
	for d, n := range tierNames {
		r.Tiers = append(r.Tiers, Tiering{n.code, n.label, n.rule, m.tiers[d]})
	}
	r.Aggregators = m.aggregators()
	r.Notes = m.noted()
	r.NotMapped = m.fieldsNotMapped()
	return r
}

func outcomes(tallies *[outcomeCount]tally, from outcome) []Outcome {
	var out []Outcome
	for o := from; o < outcomeCount; o++ {
		out = append(out, Outcome{outcomeNames[o], tallies[o].count, tallies[o].samples()})
	}
	return out
}

func repeated(counters []*counter) []Repeated {
	out := []Repeated{}
	for _, c := range counters[:min(len(counters), maxListed)] {
		r := Repeated{Value: c.text, Records: c.count}
		for i := range c.where {
			r.Samples = append(r.Samples, c.where[i].Sample)
		}
		out = append(out, r)
	}
	return out
}

// tallyOf counts the records of all values, with samples of the most frequent.
func tallyOf(counters []*counter) *tally {
	t := new(tally)
	for i, c := range counters {
		t.count += c.count
		if i < maxSamples {
			t.varied = append(t.varied, c.where[0])
			t.plain = append(t.plain, c.where[1:]...)
		}
	}
	return t
}

func (t *taggingTally) report() Tagging {
	out := Tagging{All: t.all, Some: t.some, None: t.none, Tags: []Tag{}}
	for lang, n := range t.languages {
		out.Tags = append(out.Tags, Tag{lang, n})
	}
	slices.SortFunc(out.Tags, func(a, b Tag) int { return cmp.Or(cmp.Compare(b.Values, a.Values), cmp.Compare(a.Lang, b.Lang)) })
	return out
}

func (m *Meter) aggregators() []Aggregator {
	out := make([]Aggregator, aggregatorCount)
	for a, n := range aggregatorNames {
		out[a] = Aggregator{Name: n.name, By: n.by, Accepted: m.accepted[a]}
	}
	for i := range m.asked {
		r := &m.asked[i]
		a := &out[r.of]
		a.Rules = append(a.Rules, Finding{Code: r.code, Label: r.label, Level: r.level,
			Records: m.rules[i].count, Samples: m.rules[i].samples()})
	}
	return out
}

func (m *Meter) noted() []Noted {
	out := []Noted{}
	for _, kind := range dc.NoteKinds() {
		if t := m.notes[kind]; t != nil {
			out = append(out, Noted{kind, t.count, t.samples()})
		}
	}
	return out
}

func (m *Meter) fieldsNotMapped() []Unmapped {
	out := []Unmapped{}
	for field, t := range m.unmapped {
		out = append(out, Unmapped{field, t.count, t.samples()})
	}
	slices.SortFunc(out, func(a, b Unmapped) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Field, b.Field))
	})
	return out
}

// Ratios has for each of the fifteen elements, by its name, the share of records that have it, from 0 to 1. All are 0
// if there are no records.
func (r *Report) Ratios() map[string]float64 {
	ratios := make(map[string]float64, len(r.Elements))
	for _, e := range r.Elements {
		ratios[e.Term.String()] = share(e.Records, r.Records)
	}
	return ratios
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
