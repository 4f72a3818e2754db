package site

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/internal/web"
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

type startData struct {
	Shelves []shelf
	Total   int64
	Sources int64 // that have records
	More    int64 // sources that are not named
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
		d.More = int64(n - maxSources)
		d.Shelves = d.Shelves[:maxSources]
	}
	return &web.Answer{Template: "start", Path: "/", Feed: feedOfAll, Data: &d}, nil
}
