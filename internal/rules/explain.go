package rules

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An Explained says what the rules make of an original, and why.
type Explained struct {
	Identifier string             `json:"identifier,omitempty"` // empty for an original from a file
	Format     string             `json:"format,omitempty"`
	Rules      string             `json:"rules"`
	Sets       []string           `json:"sets"` // those of the source, as far as they are known, and those made by rules
	Original   string             `json:"original"`
	Values     []ExplainedValue   `json:"values"`
	Unused     []ExplainedRule    `json:"unused"`           // what a rule selected and made no value of
	Unread     []crosswalk.Unread `json:"unread,omitempty"` // what no rule looks at, in XML and MARC
	Notes      []dublincore.Note  `json:"notes"`
	Error      string             `json:"error,omitempty"` // why nothing could be made of it
}

// An ExplainedValue is a value of a record with the rules that gave it. The first rule made the value, and the others gave
// the same.
type ExplainedValue struct {
	Term     dublincore.Term `json:"term"`
	Value    string          `json:"value"`
	Lang     string          `json:"lang,omitempty"`
	Scheme   string          `json:"scheme,omitempty"`
	Original string          `json:"original,omitempty"` // as the source wrote it
	From     string          `json:"from"`               // extracted, context, curated
	Rules    []ExplainedRule `json:"rules"`
}

// An ExplainedRule is a rule and the field of the original that it took.
type ExplainedRule struct {
	Term   dublincore.Term `json:"term"`
	File   string          `json:"file"` // "context" for the configuration
	Line   int             `json:"line,omitempty"`
	Rule   string          `json:"rule,omitempty"`  // as written
	Field  string          `json:"field,omitempty"` // in the words of the format
	Input  string          `json:"input,omitempty"` // what the field says
	Reason string          `json:"reason,omitempty"`
}

// Place names the rule as people find it: the file, without its folder, and the line.
func (r *ExplainedRule) Place() string {
	if r.Line == 0 {
		return filepath.Base(r.File)
	}
	return filepath.Base(r.File) + ":" + strconv.Itoa(r.Line)
}

// Legible is an original for people to read: JSON and MARC (ISO 2709) with a line for each field, XML that stands in one line
// with a line for each tag, anything else as it came.
func (e *Explained) Legible() string {
	switch {
	case strings.HasPrefix(e.Original, "{"):
		var b bytes.Buffer
		if json.Indent(&b, []byte(e.Original), "", "  ") == nil {
			return b.String()
		}
	case strings.Contains(e.Original, isoFieldEnd):
		if rec, err := marc.Parse([]byte(e.Original)); err == nil {
			return rec.String()
		}
	case strings.HasPrefix(e.Original, "<") && !strings.Contains(e.Original, "\n"):
		return strings.ReplaceAll(e.Original, "><", ">\n<")
	}
	return e.Original
}

// isoFieldEnd ends a field in ISO 2709, and is in no text.
const isoFieldEnd = "\x1e"

// ExplainFile maps an original that somebody has in a file.
func (r *Rules) ExplainFile(original []byte) *Explained {
	e := r.ExplainItem("", []string{r.Minted}, &harvest.Item{Format: r.FormatIn(original), Original: original})
	switch what := harvest.WhatIs(original); {
	case e.Error == "" || what == "":
	case e.Format == unknownFormat:
		e.Error = "the file is " + what + ", and not an original that a mapping could be chosen for by its root; sheaf probe says what can be harvested from it"
	default:
		e.Error = "the file is " + what + ": " + e.Error
	}
	return e
}

// unknownFormat stands for the format of a file that has no root to tell it by.
const unknownFormat = "of the file"

// Explain maps the kept original of a record again.
func (r *Rules) Explain(rec *pipeline.Record) *Explained {
	kept := pipeline.StoredRecord{Record: *rec}
	return r.ExplainItem(rec.Identifier, rec.Sets, kept.Item())
}

// ExplainFetched maps items as a source gives them, some of which may be rejected.
func (r *Rules) ExplainFetched(items []harvest.Item) (out []*Explained) {
	for i := range items {
		item := &items[i]
		if bad := item.Rejected; bad != nil {
			why := bad.Detail
			if bad.Reason != "" {
				why = bad.Reason + ": " + why
			}
			out = append(out, &Explained{Identifier: item.Identifier, Format: r.fileFormat, Rules: r.Version(), Original: string(item.Original), Error: why})
			continue
		}
		if item.Format.Prefix == "" {
			item.Format.Prefix = r.FormatIn(item.Original).Prefix
		}
		e := r.ExplainItem("", []string{r.Minted}, item)
		if reads := r.readsOther(item); e.Error != "" && reads != "" {
			e.Error = fmt.Sprintf("the file holds records in %s, and the mapping of the source reads %s; give it to a source whose mapping reads %[1]s (sheaf probe FILE writes one)",
				item.Format.Prefix, reads)
		}
		e.Identifier = item.Identifier
		out = append(out, e)
	}
	return out
}

// readsOther is the format that the one mapping of the source reads, if the item is of another. Mappings of any XML and of any JSON
// read what they are written for, whatever it is called.
func (r *Rules) readsOther(item *harvest.Item) string {
	own, ok := r.Crosswalk.(*sourceCrosswalk)
	if !ok || own.one == nil {
		return ""
	}
	reads, first := own.one.Format(), string(item.Original[:min(len(item.Original), 1)])
	if reads == item.Format.Prefix || reads == "xml" && first == "<" || reads == "json" && first == "{" {
		return ""
	}
	return reads
}

// ExplainItem maps an item, and says why each value is there. sets has the sets that its source put it in.
func (r *Rules) ExplainItem(identifier string, sets []string, item *harvest.Item) *Explained {
	e := &Explained{
		Identifier: identifier, Format: item.Format.Prefix, Rules: r.Version(), Sets: []string{}, Original: string(item.Original),
		Values: []ExplainedValue{}, Unused: []ExplainedRule{}, Notes: []dublincore.Note{},
	}
	own, ok := r.Crosswalk.(*sourceCrosswalk)
	if !ok {
		e.Error = "this crosswalk does not explain itself"
		return e
	}
	res, err := own.apply(item, (*crosswalk.Mapping).Explain)
	if err != nil {
		e.Error = err.Error()
		return e
	}
	e.Unread = res.Unread
	why := map[dublincore.Value][]ExplainedRule{}
	for _, t := range res.Trace {
		rule := ExplainedRule{t.Term, t.File, t.Line, t.Rule, t.Source, t.Input, t.Reason}
		if t.Value < 0 {
			e.Unused = append(e.Unused, rule)
			continue
		}
		v := res.Record.Values[t.Value]
		why[v] = append(why[v], rule)
	}
	rec := noted(res)
	if r.Corrections != nil {
		for _, c := range r.Corrections.Apply(identifier, item.Identifier, rec) {
			if c.Index >= 0 {
				v := rec.Values[c.Index]
				why[v] = []ExplainedRule{{Term: v.Term, File: c.File, Line: c.Line, Reason: reasonOf(c)}}
			}
		}
	}
	if v, linked := r.linked(identifier, rec); linked {
		why[v] = []ExplainedRule{{Term: v.Term, File: "context", Reason: "gateway.url: the source gives no link, so the record's page stands in"}}
	}
	e.Notes = append(e.Notes, rec.Notes...)
	rec.Sort()
	e.Sets = r.SetsOf(sets, rec)
	for _, v := range rec.Values {
		e.Values = append(e.Values, ExplainedValue{v.Term, v.Text, v.Lang, v.Scheme, v.Original, v.From.String(), why[v]})
	}
	return e
}

// reasonOf says who corrected a value, and why.
func reasonOf(c Correction) string {
	switch {
	case c.Who == "":
		return c.Why
	case c.Why == "":
		return "by " + c.Who
	}
	return "by " + c.Who + ": " + c.Why
}

// FormatIn finds the format of an original in a file: by what its mapping reads, by the kind of its source, or by the
// content.
func (r *Rules) FormatIn(original []byte) harvest.Format {
	if own, ok := r.Crosswalk.(*sourceCrosswalk); ok && own.one != nil {
		return harvest.Format{Prefix: own.one.Format()}
	}
	if r.fileFormat != "" {
		return harvest.Format{Prefix: r.fileFormat}
	}
	dec := xml.NewDecoder(bytes.NewReader(original))
	for {
		t, err := dec.Token()
		if err != nil {
			return harvest.Format{Prefix: unknownFormat}
		}
		if root, ok := t.(xml.StartElement); ok {
			return harvest.Format{Prefix: root.Name.Local, Namespace: root.Name.Space}
		}
	}
}
