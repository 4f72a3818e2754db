package ops

import (
	"errors"
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxValues bounds the values of a record that the page shows.
const maxValues = 200

// records shows a record that is looked for, and what is kept out.
func (s *ops) records(r *http.Request) (*finding, error) {
	id := strings.TrimSpace(r.FormValue("id"))
	data := struct {
		ID         string
		Record     *pipeline.Record
		Values     []dublincore.Value
		Missing    bool
		Withdrawn  bool
		Suppressed []pipeline.Suppression
		Next       string
	}{ID: id}
	if id != "" {
		rec, err := s.Commands.Record(r.Context(), id)
		switch {
		case errors.Is(err, pipeline.ErrNotFound):
			data.Missing = true
		case err != nil:
			return nil, err
		default:
			data.Record, data.Withdrawn = &rec.Record, rec.Deleted == pipeline.Withdrawn
			var dc dublincore.Record
			if len(rec.DC) > 0 && dc.UnmarshalJSON(rec.DC) == nil {
				data.Values = dc.Values[:min(len(dc.Values), maxValues)]
			}
		}
	}
	kept, err := s.Commands.Suppressed(r.Context(), r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	if data.Suppressed = kept[:min(len(kept), sourcesPage)]; len(kept) > sourcesPage {
		data.Next = kept[sourcesPage-1].Identifier
	}
	return &finding{template: "records", here: "/records", title: "Records", data: data}, nil
}
