package site

import (
	"net/http"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// asMapping is the form of a record that shows its original beside what became of it (?as=mapping).
const asMapping = "mapping"

// Bounds of that page. sheaf map shows the rest to whoever runs the gateway.
const (
	maxExplained     = 256 << 10 // bytes of an original that is mapped again for a visitor
	maxOriginalShown = 64 << 10  // bytes of it
	maxMade          = 500       // values
	maxMadeValue     = 2000      // bytes of one
	maxWhy           = 10        // rules that gave one value
	maxLeft          = 100       // fields that gave none
	maxField         = 300       // bytes of a field's name, of what it says, and of a rule
)

// mappingData shows the original of a record beside what the rules of its source make of it.
type mappingData struct {
	Heading                 text
	RecordPath              string
	SourceTitle, SourcePath string
	Format, Size, Original  string
	Cut                     bool // there is more of the original
	Missing                 string
	Changed                 bool // the record was made by other rules than those of now
	Terms                   []madeTerm
	More                    int64 // values that are not shown
	Unused                  []why
	Unread                  []unreadField
}

type madeTerm struct {
	Label  string
	Values []madeValue
}

type madeValue struct {
	text
	Scheme, Original, From string
	Why                    []why
}

// A why is a rule, and the field of the original that it took.
type why struct{ Label, Place, Rule, Field, Input, Reason string }

// An unreadField is a field that no rule looks at.
type unreadField struct {
	Field, Text string
	Count       int64
}

// mapping makes that page. The rules are those of now: a record that others made says so. Who corrected a record, and why,
// is for those who run the gateway, so a correction is only said to be one.
func (s *site) mapping(l *words.Language, rec *pipeline.Record, d *recordData, path string) (*web.Answer, error) {
	if s.Explain == nil || len(rec.Original) == 0 {
		return nil, &web.Problem{Status: http.StatusNotFound, Title: "There is no original of this record", Text: "The gateway keeps none of it, or does not show it."}
	}
	m := &mappingData{
		Heading: d.Heading, RecordPath: s.Root + path, SourceTitle: d.SourceTitle, SourcePath: d.SourcePath,
		Format: d.Format(), Size: size(l, len(rec.Original)),
	}
	e := &rules.Explained{Original: string(rec.Original)}
	if len(rec.Original) > maxExplained {
		m.Missing = "The original is too large to be mapped again for each visitor."
	} else if e = s.Explain(rec); e == nil {
		e = &rules.Explained{Original: string(rec.Original)}
		m.Missing = "The source of this record is not configured any more, so it has no rules to tell of."
	} else if e.Error != "" {
		m.Missing = "The rules of today can make nothing of this original. The record is the one that earlier rules made of it."
	}
	m.Original, m.Cut = web.Clip(e.Legible(), maxOriginalShown)
	if m.Missing == "" {
		m.Changed = rec.Rules != "" && rec.Rules != e.Rules
		m.explain(e)
	}
	return &web.Answer{Template: "mapping", Title: l.T("What became of: %s", d.Heading.Text), Path: path + "?as=" + asMapping, Data: m, Header: http.Header{"X-Robots-Tag": {"noindex"}}}, nil
}

func (m *mappingData) explain(e *rules.Explained) {
	left := maxRecord
	for i := range e.Values {
		v := &e.Values[i]
		if i >= maxMade || left <= 0 {
			m.More = int64(len(e.Values) - i)
			break
		}
		if n := len(m.Terms); n == 0 || m.Terms[n-1].Label != label(v.Term) {
			m.Terms = append(m.Terms, madeTerm{Label: label(v.Term)})
		}
		t := &m.Terms[len(m.Terms)-1]
		shown := made(v)
		left -= shown.bytes()
		t.Values = append(t.Values, shown)
	}
	for i := range e.Unused[:min(len(e.Unused), maxLeft)] {
		m.Unused = append(m.Unused, whyOf(&e.Unused[i]))
	}
	for _, u := range e.Unread[:min(len(e.Unread), maxLeft)] {
		m.Unread = append(m.Unread, unreadField{wording.ClipLine(u.Field, maxField), web.Clipped(u.Text, maxField), int64(u.Count)})
	}
}

// bytes is how much of the page a value takes.
func (v *madeValue) bytes() int {
	n := len(v.Text) + len(v.Original)
	for _, w := range v.Why {
		n += len(w.Rule) + len(w.Field) + len(w.Input) + len(w.Reason)
	}
	return n
}

func made(v *rules.ExplainedValue) madeValue {
	out := madeValue{text: text{web.Clipped(v.Value, maxMadeValue), language(v.Lang)}, Scheme: web.Clipped(v.Scheme, maxScheme)}
	if v.Original != "" && v.Original != v.Value {
		out.Original = web.Clipped(v.Original, maxField)
	}
	if v.From != dublincore.Extracted.String() {
		out.From = v.From
	}
	if v.From == dublincore.Curated.String() {
		return out
	}
	for i := range v.Rules[:min(len(v.Rules), maxWhy)] {
		if r := &v.Rules[i]; r.Line > 0 {
			w := whyOf(r)
			if w.Input == web.Clipped(v.Value, maxField) { // it stands there already
				w.Input = ""
			}
			out.Why = append(out.Why, w)
		}
	}
	return out
}

func whyOf(r *rules.ExplainedRule) why {
	return why{
		Label: label(r.Term), Place: wording.ClipLine(r.Place(), maxField), Rule: wording.ClipLine(r.Rule, maxField), Field: wording.ClipLine(r.Field, maxField),
		Input: web.Clipped(r.Input, maxField), Reason: wording.ClipLine(r.Reason, maxField),
	}
}
