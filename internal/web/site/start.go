package site

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// maxSources bounds how many sources a page names.
const maxSources = 1000

// A shelf is a source as the pages show it.
type shelf struct {
	Name, Title string
	Live        int64
	Complete    time.Time
	Path        string // of its page
	key         collation.Key
}

// shelves returns the sources that have records or are configured, in the order of their titles.
func (s *site) shelves(holdings []pipeline.SourceCounts) (out []shelf, total int64) {
	seen := map[string]bool{}
	for _, h := range holdings {
		seen[h.Source] = true
		if _, configured := s.Titles[h.Source]; h.Live == 0 && !configured {
			continue
		}
		sh := shelf{Name: h.Source, Title: s.title(h.Source), Live: h.Live, Complete: h.Complete, Path: s.Root + sourcePath(h.Source), key: collation.Of(s.title(h.Source))}
		out = append(out, sh)
		total += h.Live
	}
	for name := range s.Titles {
		if !seen[name] {
			out = append(out, shelf{Name: name, Title: s.title(name), Path: s.Root + sourcePath(name), key: collation.Of(s.title(name))})
		}
	}
	slices.SortFunc(out, func(a, b shelf) int {
		return cmp.Or(collation.Compare(a.key, b.key), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Name, b.Name))
	})
	return out, total
}

// startNewest is how many of the records that changed last the first page shows.
const startNewest = 5

type startData struct {
	Holds   []held // what the records have, to browse by
	More    bool   // not all of them are counted
	Newest  []result
	Changed time.Time // when one changed last
	Shelves []shelf
	Total   int64
	Sources int64 // that have records
	Others  int64 // sources that are not named
	OAI     string
	Changes string
	Schema  string // of a change
	Dump    string // empty if none is made
	Events  string // address of the broker; empty if there is none
	Finder  bool   // there is a search
}

// start makes the page that says what this gateway is, what it has, and where its doors are.
func (s *site) start(r *http.Request) (*web.Answer, error) {
	holdings, err := s.Library.Holdings(r.Context())
	if err != nil {
		return nil, err
	}
	d := startData{OAI: s.OAI(), Changes: s.Frame.URL + "/changes", Schema: s.Frame.URL + "/schemas/record-change.v1.json", Events: s.Events, Finder: s.Finder != nil}
	if s.Dumps {
		d.Dump = s.Frame.URL + "/dump"
	}
	d.Shelves, d.Total = s.shelves(holdings)
	for i := range d.Shelves {
		if d.Shelves[i].Live > 0 {
			d.Sources++
		}
	}
	if n := len(d.Shelves); n > maxSources {
		d.Others = int64(n - maxSources)
		d.Shelves = d.Shelves[:maxSources]
	}
	newest, err := s.newestOf(r.Context(), pipeline.Wanted{})
	if err != nil {
		return nil, err
	}
	if len(newest) > 0 {
		d.Changed = newest[0].Datestamp
	}
	for i := range newest[:min(len(newest), startNewest)] {
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(newest[i].DC); err != nil {
			return nil, err
		}
		d.Newest = append(d.Newest, s.result(&newest[i], &dc))
	}
	s.browse(r.Context(), &d)
	return &web.Answer{Template: "start", Path: "/", Feed: feedOfAll, Data: &d}, nil
}

// browse says what the records have, as the search counts them. The page is shown without it, too.
func (s *site) browse(ctx context.Context, d *startData) {
	if s.Finder == nil || d.Total == 0 {
		return
	}
	w := wanted{chosen: map[string][]string{}, sort: search.Newest, start: 1, size: sizes[0]}
	got, err := s.Finder.Find(ctx, &search.Query{Sort: w.sort})
	if err != nil {
		s.Logger.Warn("what the records have was not counted", "err", err)
		return
	}
	w.sort = search.Best
	d.More = got.More || got.Partial
	d.Holds = s.held(words.Of(ctx), w, got.Facets, search.Source, search.Set, search.Provider)
}
