package quality

import (
	"strings"

	dc "github.com/sheaf-gateway/sheaf/dublincore"
)

// A kind is a sort of values that have a standard form.
type kind uint8

const (
	dates kind = iota
	languages
	types
	rights
	identifiers
	kindCount
	noKind = kindCount
)

var kindNames = [kindCount]string{"dates", "languages", "types", "rights", "identifiers"}

// kindOf is the kind of the values of a term; noKind for words.
func kindOf(t dc.Term) kind {
	switch t {
	case dc.RightsHolder, dc.BibliographicCitation:
		return noKind
	}
	switch t.Element() {
	case dc.Date:
		return dates
	case dc.Language:
		return languages
	case dc.Type:
		return types
	case dc.Rights:
		return rights
	case dc.Identifier:
		return identifiers
	}
	return noKind
}

// An outcome is how a value stands to the standard form of its kind.
type outcome uint8

const (
	standard      outcome = iota // in standard form, as the source wrote it
	normalized                   // in standard form, made of something else
	beside                       // the source's own word, beside a value in standard form
	recognizable                 // a standard form is known, but the value is as the source wrote it
	ambiguous                    // more than one reading is possible
	badCheckDigit                // an identifier whose check digit is wrong
	notUnderstood
	outcomeCount
)

var outcomeNames = [outcomeCount]string{"standard", "normalized", "beside", "recognizable", "ambiguous", "bad-check-digit", "not-understood"}

// outcomeOf is the outcome that a note of a normaliser tells.
func outcomeOf(note dc.NoteKind) outcome {
	switch note {
	case dc.NoNote:
		return standard
	case dc.Ambiguous:
		return ambiguous
	case dc.BadCheckDigit:
		return badCheckDigit
	case dc.NotUnderstood:
		return notUnderstood
	}
	return recognizable
}

// kindFacts are what a record has of a kind.
type kindFacts struct {
	values int
	good   bool // one at least is in standard form
}

// A kindTally counts a kind over all records.
type kindTally struct {
	records  int64 // with a value
	good     int64 // with a value in standard form
	outcomes [outcomeCount]tally
}

// A judge says what a value of each kind is. What a normaliser leaves as it is is in standard form.
type judge struct {
	date       recall[dateFacts]
	language   recall[outcome]
	typ        recall[typeFacts]
	right      recall[rightFacts]
	identifier recall[outcome]
}

func newJudge() judge {
	return judge{
		date:       recall[dateFacts]{find: judgeDate},
		language:   recall[outcome]{find: judgeLanguage},
		typ:        recall[typeFacts]{find: judgeType},
		right:      recall[rightFacts]{find: judgeRights},
		identifier: recall[outcome]{find: judgeIdentifier},
	}
}

func judgeLanguage(text string) outcome {
	l, ok := dc.ParseLanguage(text)
	switch {
	case !ok:
		return notUnderstood
	case text == l.ISO6393, text == l.ISO6392, text == l.BCP47:
		return standard
	}
	return recognizable
}

func judgeIdentifier(text string) outcome {
	_, note, _ := dc.NormalizeIdentifier(text)
	return outcomeOf(note)
}

// typeFacts are what a type, or the types of a record, tell.
type typeFacts struct {
	outcome outcome
	known   bool // any type that is recognised
	dcmi    bool // a class of the DCMI Type Vocabulary
}

const coarTypes = "http://purl.org/coar/resource_type/"

func judgeType(text string) typeFacts {
	if _, ok := dc.ParseType(text); !ok {
		return typeFacts{outcome: notUnderstood}
	}
	f := typeFacts{outcome: recognizable, known: true}
	f.dcmi = dc.IsDCMIType(text)
	if f.dcmi || strings.HasPrefix(text, coarTypes) {
		f.outcome = standard
	}
	return f
}

// also takes in another type of the same record.
func (f *typeFacts) also(g typeFacts) {
	f.known = f.known || g.known
	f.dcmi = f.dcmi || g.dcmi
}

type rightFacts struct {
	outcome   outcome
	statement bool // of rightsstatements.org or Creative Commons, as its URI
	licence   bool // of Creative Commons
	access    bool // an access right of COAR, as its URI
	embargo   bool // that of an embargo
}

const (
	coarAccess      = "http://purl.org/coar/access_right/"
	embargoedAccess = coarAccess + "c_f1cf"
)

func judgeRights(text string) rightFacts {
	_, note, _ := dc.NormalizeRights(text)
	f := rightFacts{outcome: outcomeOf(note)}
	if f.outcome == standard {
		f.access = strings.HasPrefix(text, coarAccess)
		f.embargo = text == embargoedAccess
		f.statement = !f.access
		f.licence = f.statement && strings.Contains(text, "creativecommons.org/")
	}
	return f
}

// judgeValues looks at every value that has a standard form.
func (m *Meter) judgeValues(f *facts) {
	for i := range f.values {
		v := &f.values[i]
		k, o := kindOf(v.Term), outcomeCount
		if k != noKind {
			o = m.judgeValue(f, v, k)
			if o == standard && v.Original != "" && v.Original != v.Text {
				o = normalized
			}
			f.kinds[k].values++
			f.kinds[k].good = f.kinds[k].good || o <= normalized
		}
		f.outcomes = append(f.outcomes, o)
	}
	for i, o := range f.outcomes {
		if o == outcomeCount {
			continue
		}
		k := kindOf(f.values[i].Term)
		if f.kinds[k].good && mayStandBeside(k) && (o == recognizable || o == notUnderstood) {
			o = beside
		}
		m.kinds[k].outcomes[o].add(f, f.values[i].Text)
	}
	for k := range m.kinds {
		if f.kinds[k].values > 0 {
			m.kinds[k].records++
		}
		if f.kinds[k].good {
			m.kinds[k].good++
		}
	}
}

// mayStandBeside tells the kinds of which a record may well have a value in the source's own words too:
// "telegram" beside Text, a note beside a licence, a shelf mark beside a DOI.
func mayStandBeside(k kind) bool { return k == types || k == rights || k == identifiers }

func (m *Meter) judgeValue(f *facts, v *dc.Value, k kind) outcome {
	switch k {
	case dates:
		d := m.judge.date.of(v.Text)
		m.judgeDay(f, v, d)
		return d.outcome
	case languages:
		return m.judge.language.of(v.Text)
	case types:
		t := m.judge.typ.of(v.Text)
		f.types.also(t)
		return t.outcome
	case rights:
		r := m.judge.right.of(v.Text)
		f.statedRights = f.statedRights || r.statement
		f.licensed = f.licensed || r.licence
		f.statedAccess = f.statedAccess || r.access
		f.embargoed = f.embargoed || r.embargo
		return r.outcome
	}
	return m.judge.identifier.of(v.Text)
}
