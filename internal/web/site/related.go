package site

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	maxRelated = 5  // records
	maxShared  = 12 // values
)

// relatedData is what a record has in common with others.
type relatedData struct {
	Records []result
	Shared  []sharedValue
}

// A sharedValue is a person, a subject or a set, with the search for all that has it.
type sharedValue struct {
	Facet, Text, Path string
	Others            int64
	More              bool // there are more than Others
}

// related finds records that are like one, and leads to the searches for more. The record is shown whatever comes of it.
func (s *site) related(ctx context.Context, rec *pipeline.Record) *relatedData {
	if s.Finder == nil {
		return nil
	}
	out, err := s.alike(ctx, rec.Identifier)
	if err != nil {
		s.Logger.Warn("records like one were not found", "identifier", rec.Identifier, "err", err)
		return nil
	}
	return out
}

func (s *site) alike(ctx context.Context, identifier string) (*relatedData, error) {
	got, err := s.Finder.Alike(ctx, identifier, maxRelated)
	if err != nil || len(got.Shared) == 0 {
		return nil, err
	}
	records, err := s.live(ctx, got.Hits)
	if err != nil {
		return nil, err
	}
	out := &relatedData{}
	for i := range records {
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(records[i].DC); err != nil {
			return nil, fmt.Errorf("show %s: %w", records[i].Identifier, err)
		}
		out.Records = append(out.Records, s.result(&records[i], &dc))
	}
	for _, v := range got.Shared[:min(len(got.Shared), maxShared)] {
		w := wanted{chosen: map[string][]string{v.Facet: {v.Value}}, sort: search.Best, size: sizes[0]}
		out.Shared = append(out.Shared, sharedValue{facetTitles[v.Facet], s.label(words.Of(ctx), v.Facet, v.Value), s.Root + w.path(), int64(v.Others), v.More})
	}
	return out, nil
}
