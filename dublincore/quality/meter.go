package quality

import (
	"strings"
	"time"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// A Meter measures records. Only one goroutine may use it at a time. Several goroutines need a Meter each, which
// [Meter.Merge] then joins.
type Meter struct {
	horizon time.Time // dates after it are in the future

	records  int64
	elements [elementCount]elementTally
	kinds    [kindCount]kindTally
	lost     [kindCount][outcomeCount]tally // values that a mapping dropped
	notes    map[dc.NoteKind]*tally
	unmapped map[string]*tally // records, by the field that no rule looks at
	findings [findingCount]tally
	titles   frequent
	days     frequent
	shapes   frequent
	tiers    [tierDimensions][tierCount]int64
	asked    []rule
	rules    []tally // of each of asked
	accepted [aggregatorCount]int64
	tagging  taggingTally

	judge   judge
	similar similar
	facts   facts
}

const elementCount = 15

// An elementTally counts one of the fifteen elements, with its refinements.
type elementTally struct {
	records int64 // with a value
	values  int64
	words   int64 // values that are words, and so have a language
	tagged  int64 // of them, those whose language is said
	differ  distinct
}

// A taggingTally counts how records say the languages of their texts.
type taggingTally struct {
	all, some, none int64 // records: of all words, of some, of none
	languages       map[string]int64
}

// maxLanguages bounds how many language tags are told apart; others are counted together.
const maxLanguages = 256

// maxUnmapped bounds how many fields that no rule looks at are told apart; others are counted together.
const maxUnmapped = 500

// NewMeter is a Meter without records. Dates after today are reported as dates in the future; if today is the zero
// time, none are. demands says what a format requires of a record, by its metadataPrefix; formats.Demands does. It is
// asked for the formats that aggregators take (edm, oai_openaire), and may be nil, which leaves out what they require.
func NewMeter(today time.Time, demands func(prefix string) []dc.Demand) *Meter {
	asked := rulesOf(demands)
	m := &Meter{notes: make(map[dc.NoteKind]*tally), unmapped: make(map[string]*tally), asked: asked, rules: make([]tally, len(asked)), judge: newJudge()}
	m.tagging.languages = make(map[string]int64)
	if !today.IsZero() {
		m.horizon = today.AddDate(1, 0, 0)
	}
	return m
}

// elementIndex is the place of a term's element among the fifteen; -1 if oai_dc has no place for it.
var elementIndex = func() (index [64]int8) {
	for i := range index {
		index[i] = -1
	}
	for at, e := range dc.Elements() {
		for _, t := range dc.Terms() {
			if t.Element() == e {
				index[t] = int8(at)
			}
		}
	}
	return index
}()

// Add measures a record, which must not be a deleted one. The identifier should be the one that people know the record
// by, because samples show it; it also decides which records become samples. The record is not kept.
//
// The time grows with the size of the record, but not faster: the comparison of texts is bounded.
func (m *Meter) Add(identifier string, rec *dc.Record) {
	f := &m.facts
	f.read(identifier, rec)
	m.records++
	m.judgeElements(f)
	m.judgeValues(f)
	m.judgePatterns(f)
	m.judgeTiers(f)
	m.judgeRules(f)
	m.judgeNotes(f, rec.Notes)
	f.forget()
}

// judgeElements counts values and the languages of words.
func (m *Meter) judgeElements(f *facts) {
	var seen termSet
	words, tagged := 0, 0
	for i := range f.values {
		v := &f.values[i]
		at := elementIndex[v.Term]
		if at < 0 {
			continue
		}
		e := &m.elements[at]
		if e.values++; !seen.has(v.Term.Element()) {
			seen.set(v.Term.Element())
			e.records++
		}
		e.differ.add(hashText(v.Text))
		if !isWords(v) {
			continue
		}
		words++
		e.words++
		if v.Lang != "" {
			tagged++
			e.tagged++
			m.tagging.count(v.Lang, 1)
		}
	}
	switch {
	case words == 0:
	case tagged == words:
		m.tagging.all++
	case tagged > 0:
		m.tagging.some++
	default:
		m.tagging.none++
	}
}

// isWords reports whether a value is a text in a language, and not a name, a code or a link.
func isWords(v *dc.Value) bool {
	switch v.Term.Element() {
	case dc.Title, dc.Subject, dc.Description, dc.Coverage, dc.Type, dc.Format, dc.Rights, dc.Relation, dc.Source:
	default:
		return false
	}
	switch v.Scheme {
	case "":
	case "URI", "DCMIType", "W3CDTF", "EDTF", "IMT", "Period", "Point", "Box":
		return false
	}
	_, web := cutWeb(v.Text)
	return !web && !(v.Term == dc.Type && dc.IsDCMIType(v.Text))
}

func (t *taggingTally) count(tag string, n int64) {
	if _, known := t.languages[tag]; !known && len(t.languages) >= maxLanguages {
		tag = "…"
	} else if !known {
		tag = clip(tag)
	}
	t.languages[tag] += n
}

// judgeNotes counts what was noted while the record was mapped, and which values were lost by it.
func (m *Meter) judgeNotes(f *facts, notes []dc.Note) {
	for i := range notes {
		n := &notes[i]
		t := m.notes[n.Kind]
		if t == nil {
			if n.Kind.String() == "" {
				continue
			}
			t = new(tally)
			m.notes[n.Kind] = t
		}
		t.add(f, n.Text)
		if n.Kind == dc.NotMapped {
			for _, field := range dc.NotMappedNames(n.Text) {
				m.fieldTally(field).add(f, "")
			}
		}
		k := kindOf(n.Term)
		if o := outcomeOf(n.Kind); k != noKind && o >= ambiguous && o <= notUnderstood && !f.keeps(n) {
			m.lost[k][o].add(f, n.Text)
		}
	}
}

// fieldTally counts the records with a field that no rule looks at.
func (m *Meter) fieldTally(field string) *tally {
	field = clip(field)
	t := m.unmapped[field]
	if t == nil && len(m.unmapped) >= maxUnmapped {
		field = "…"
		t = m.unmapped[field]
	}
	if t == nil {
		t = new(tally)
		m.unmapped[field] = t
	}
	return t
}

// keeps reports whether the value that a note is about is still in the record.
func (f *facts) keeps(n *dc.Note) bool {
	for i := range f.values {
		v := &f.values[i]
		if kindOf(v.Term) == kindOf(n.Term) && (v.Text == n.Text || v.Original == n.Text || strings.HasPrefix(v.Text, strings.TrimSuffix(n.Text, "…"))) {
			return true
		}
	}
	return false
}

// Merge adds what other has measured, as if its records had been added to m too. The other Meter stays as it is.
func (m *Meter) Merge(other *Meter) {
	m.records += other.records
	for i := range m.elements {
		e, o := &m.elements[i], &other.elements[i]
		e.records += o.records
		e.values += o.values
		e.words += o.words
		e.tagged += o.tagged
		e.differ.merge(&o.differ)
	}
	for k := range m.kinds {
		m.kinds[k].records += other.kinds[k].records
		m.kinds[k].good += other.kinds[k].good
		for o := range m.kinds[k].outcomes {
			m.kinds[k].outcomes[o].merge(&other.kinds[k].outcomes[o])
			m.lost[k][o].merge(&other.lost[k][o])
		}
	}
	for kind, t := range other.notes {
		if m.notes[kind] == nil {
			m.notes[kind] = new(tally)
		}
		m.notes[kind].merge(t)
	}
	for field, t := range other.unmapped {
		m.fieldTally(field).merge(t)
	}
	for i := range m.findings {
		m.findings[i].merge(&other.findings[i])
	}
	m.titles.merge(&other.titles)
	m.days.merge(&other.days)
	m.shapes.merge(&other.shapes)
	for d := range m.tiers {
		for t := range m.tiers[d] {
			m.tiers[d][t] += other.tiers[d][t]
		}
	}
	for i := range m.rules {
		m.rules[i].merge(&other.rules[i])
	}
	for a := range m.accepted {
		m.accepted[a] += other.accepted[a]
	}
	m.tagging.merge(&other.tagging)
}

func (t *taggingTally) merge(u *taggingTally) {
	t.all += u.all
	t.some += u.some
	t.none += u.none
	for tag, n := range u.languages {
		t.count(tag, n)
	}
}
