package rules

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// asWritten is a crosswalk that says the same of each item, except for how the source had it.
type asWritten struct{ once string }

func (asWritten) Version() string { return "new" }

func (a asWritten) Map(item *harvest.Item) (*dublincore.Record, error) {
	return &dublincore.Record{Values: []dublincore.Value{{Term: dublincore.Title, Text: string(item.Original), Original: a.once + string(item.Original)}}}, nil
}

// Writers of formats may look at a value as its source wrote it, which is no part of what the record says. A
// record of which they make something else must move, or those who harvest that format never hear of it.
func TestRemapMovesWhatFormatsMakeOtherwise(t *testing.T) {
	qdc, _ := formats.Named("oai_qdc")
	looking := formats.Builtin().With(qdc.Next(nil, func(dst []byte, rec *dublincore.Record, _ formats.Item) []byte {
		return append(append(append(dst, "<t>"...), rec.Values[0].Original...), "</t>"...)
	}))
	for _, c := range []struct {
		name  string
		table *formats.Table
		same  bool
	}{{"writers that don't look", nil, true}, {"a writer that does", looking, false}} {
		old := &Rules{Source: "b", Crosswalk: asWritten{}, Formats: c.table}
		made, err := old.Map("oai:a:b/1", []string{"b"}, &pipeline.Origin{}, &harvest.Item{Original: []byte("a")})
		if err != nil {
			t.Fatal(err)
		}
		kept := &pipeline.StoredRecord{
			Record: pipeline.Record{Identifier: "oai:a:b/1", Sets: made.Sets, DC: made.DC, Original: []byte("a")},
			OAIDC:  made.OAIDC, Formats: made.Formats,
		}
		again, err := (&Rules{Source: "b", Crosswalk: asWritten{"once "}, Formats: c.table}).Remap(kept, true)
		if err != nil || again.Same != c.same || len(again.Terms) != 0 {
			t.Errorf("%s: same %v, terms %v, %v", c.name, again.Same, again.Terms, err)
		}
		if again, err := old.Remap(kept, true); err != nil || !again.Same {
			t.Errorf("%s: the same rules again: %+v, %v", c.name, again, err)
		}
	}
}
