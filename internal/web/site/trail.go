package site

import (
	"context"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A record that is opened from the results of a search has the parameters of the search behind its address. So its page can
// lead to the results before and behind it, without scripts and without remembering anybody. Its canonical link has none of
// them, and the links that have are not for robots.

// maxTrail bounds those parameters, in bytes: a page of results has them behind every link.
const maxTrail = 1000

// trail puts the parameters of the search behind the path of a record, unless they are too long.
func (w wanted) trail(path string) string {
	if state := w.at(w.stretch()).state(); len(state) <= maxTrail {
		return address(path, state)
	}
	return path
}

// trailData is where a record stands among the results of a search.
type trailData struct {
	Results       string // the path of the page of results on which it is
	Number, Total int    // Number is 0 if it is not among them any more
	More          bool
	Prev, Next    string
}

// trail finds the results around a record; nil if the address has no search. The record is shown whatever comes of it.
func (s *site) trail(ctx context.Context, rec *pipeline.Record, v url.Values) *trailData {
	w, searched := parseWanted(v)
	if !searched || s.Finder == nil {
		return nil
	}
	w = w.at(w.stretch())
	w.chosen = s.renamed(w.chosen)
	out := &trailData{Results: s.Root + w.path()}
	got, err := s.Finder.Around(ctx, &search.Query{Text: w.text, Chosen: s.minted(w.chosen), From: w.from, To: w.to, Sort: w.sort, Language: words.Of(ctx).Code, Before: w.before.Seq}, rec.Identifier)
	if err != nil {
		s.Logger.Warn("the results around a record were not found", "identifier", rec.Identifier, "err", err)
		return out
	}
	if got.Number == 0 {
		return out
	}
	above := w.start - 1 // results before this stretch
	out.Results = s.Root + w.at(above+got.Number-(got.Number-1)%w.size).path()
	out.Number, out.Total, out.More = above+got.Number, above+got.Total, got.More
	out.Prev, out.Next = s.trodden(got.Prev, w), s.trodden(got.Next, w)
	return out
}

// trodden is the path of another result of the same search; empty if there is none.
func (s *site) trodden(identifier string, w wanted) string {
	if identifier == "" {
		return ""
	}
	return w.trail(s.Root + recordPath(s.Library.Namespace(), identifier))
}
