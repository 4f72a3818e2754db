package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// takenRule stands for a rule, where people are told why a value is there.
const takenRule = "taken as the other gateway has it"

// maxUnknown bounds the terms of a record that are told to be unknown.
const maxUnknown = 20

// taken makes a record of the Dublin Core of another gateway, in JSON as its feed writes it, and adds the context of the
// source. Nothing of it is changed: what such a gateway serves is clean, and what is not clean came from none. Terms that
// this program does not know are told in notes.
func taken(original []byte, context []dublincore.Value) (*crosswalk.Result, error) {
	rec := &dublincore.Record{}
	if err := rec.UnmarshalJSON(original); err != nil {
		return nil, fmt.Errorf("%w: %w", crosswalk.ErrMalformed, err)
	}
	if len(rec.Values) == 0 {
		return nil, crosswalk.ErrEmpty
	}
	var terms map[string]json.RawMessage
	if err := json.Unmarshal(original, &terms); err != nil {
		return nil, fmt.Errorf("%w: %w", crosswalk.ErrMalformed, err)
	}
	rec.Clean()
	res := &crosswalk.Result{Record: rec}
	for _, name := range slices.Sorted(maps.Keys(terms)) {
		if _, known := dublincore.TermNamed(name); !known && len(rec.Notes) < maxUnknown {
			rec.Note(0, dublincore.UnknownElement, wording.Shorten(name, 100))
		}
	}
	for i := range rec.Values {
		v := &rec.Values[i]
		res.Trace = append(res.Trace, crosswalk.Trace{Value: i, Term: v.Term, Rule: takenRule, Source: v.Term.String(), Input: v.Text})
	}
	for _, v := range context {
		if rec.Add(v) {
			res.Trace = append(res.Trace, crosswalk.Trace{Value: len(rec.Values) - 1, Term: v.Term, File: "context", Input: v.Text})
		}
	}
	return res, nil
}
