package site

import (
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

const (
	searchFeed  = "/search.atom"
	feedEntries = 50
)

// newest answers with the newest hits of a search: who subscribes to it is told of new ones.
func (s *site) newest(r *http.Request) (*web.Answer, error) {
	l := words.English() // a feed is one for all of its readers
	w, _ := parseWanted(r.URL.Query())
	w = w.at(1)
	w.size, w.sort, w.chosen = sizes[0], search.Best, s.renamed(w.chosen)
	got, err := s.Finder.Find(r.Context(), &search.Query{Text: w.text, Chosen: s.minted(w.chosen), From: w.from, To: w.to, Sort: search.Newest, Limit: feedEntries})
	if err != nil {
		return nil, s.found(err)
	}
	records, err := s.live(r.Context(), got.Hits)
	if err != nil {
		return nil, err
	}
	title := web.Clipped(strings.TrimSuffix(s.Frame.Name+": "+w.words(func(facet, value string) string { return s.label(l, facet, value) }), ": "), listTitle)
	h := http.Header{"Content-Type": {"application/atom+xml; charset=utf-8"}, "X-Robots-Tag": {"noindex"}}
	page := w
	page.sort = search.Newest
	return &web.Answer{Header: h, Body: s.Feed(part{wanted: w}.path(searchFeed), page.path(), title, records)}, nil
}
