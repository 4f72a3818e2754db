package site

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Each source and each set has a page: what is in it, how fresh it is, what came last, and its own feed, sitemap and
// OAI-PMH set. Search engines may read these pages, which they may not with lists.

// Sets say which sets there are, as the OAI-PMH endpoint knows them.
type Sets interface {
	// Set is the set of this spec; nil if there is none.
	Set(ctx context.Context, spec string) (*oaipmh.Set, error)
	// Sets offers those whose specs come after one, in order, until offer returns false.
	Sets(ctx context.Context, after string, offer func(*oaipmh.Set) bool) (head time.Time, err error)
}

// How much the page of a source or set shows.
const (
	newestRecords = 10
	heldValues    = 5   // of a facet
	heldDecades   = 15  // of which none is more important than another
	listedSets    = 200 // within it

	// newestPieces bounds how often the log is read for the newest records, where most of what changed last is gone.
	newestPieces, newestPiece, newestBytes = 5, 50, 1 << 20
)

type collectionData struct {
	Set                bool // it is a set; otherwise a source
	Heading            string
	Description        text
	Spec               string // of the set in OAI-PMH
	Of, OfPath         string // the source that the set is of; empty if it is of none
	Total              int64
	More               bool // there are more than Total, which are not counted
	Counted            bool // Total is known
	Complete, Changed  time.Time
	Field, Value       string // the facet by which it is searched, and its value there
	Finder             bool
	Holds              []held
	Tree               *treeData // from the top of a source's tree; nil if it has none
	Newest             []result
	All                string // the path of the list of everything in it; empty if there is none
	Sets               []setLink
	MoreSets           string // where the others are listed; empty if these are all
	Feed, Sitemap, OAI string
	Linked             map[string]any
}

// held is what the records of a collection have of a facet.
type held struct {
	Facet  string
	Values []facetValue
	All    string // the path of the page of all values; empty if these are all
}

// A setLink is a set with the path of its page, which is empty if the set is none of OAI-PMH.
type setLink struct{ Spec, Title, Path string }

var errNoSet = &web.Problem{Status: http.StatusNotFound, Title: "There is no such set",
	Text: "This gateway has no set of this name. The list of all records is a good place to go on."}

func sourcePath(source string) string { return "/sources/" + source }

// SetPath is the path of the page of a set.
func SetPath(spec string) string { return "/sets/" + url.PathEscape(spec) }

// ownSet is the spec of the set that all records of a source are in: the name in its identifiers.
func (s *site) ownSet(source string) string { return cmp.Or(s.Minted[source], source) }

// source makes the page of a source, whose address events, feeds and links give.
func (s *site) source(r *http.Request) (*web.Answer, error) {
	name := r.PathValue("source")
	if now := s.Renamed[name]; now != "" {
		return &web.Answer{Redirect: s.Root + sourcePath(now), Status: http.StatusMovedPermanently}, nil
	}
	sh, err := s.shelfOf(r.Context(), name)
	if err != nil {
		return nil, err
	}
	if sh == nil {
		return nil, errNoSource
	}
	d := &collectionData{
		Heading: sh.Title, Spec: s.ownSet(name), Total: sh.Live, Counted: true, Complete: sh.Complete, Field: search.Source, Value: name,
		Feed: s.Root + feedPath(name), Sitemap: s.Root + "/sitemaps/sources/" + name + ".xml",
	}
	if sh.Live > 0 {
		d.All = s.Root + query{source: name}.path()
	}
	behind, _ := strconv.ParseInt(r.URL.Query().Get(behindParameter), 10, 64)
	d.Tree = s.treeOf(r.Context(), name, behind)
	described, err := s.describedSet(r.Context(), d.Spec)
	if err != nil {
		return nil, err
	}
	d.describe(described)
	return s.collection(r.Context(), d, sourcePath(name), feedPath(name), pipeline.Wanted{Source: name})
}

// set makes the page of a set. The set of all records of a source has the page of the source.
func (s *site) set(r *http.Request) (*web.Answer, error) {
	spec := r.PathValue("spec")
	if len(spec) > maxIdentifier || !oaipmh.ValidSetSpec(spec) {
		return nil, errNoSet
	}
	top, _, below := strings.Cut(spec, ":")
	name := cmp.Or(s.Renamed[top], s.present(search.Source, top))
	sh, err := s.shelfOf(r.Context(), name)
	switch {
	case err != nil:
		return nil, err
	case sh != nil && !below:
		return &web.Answer{Redirect: s.Root + sourcePath(name), Status: http.StatusMovedPermanently}, nil
	}
	described, err := s.describedSet(r.Context(), spec)
	if err != nil {
		return nil, err
	}
	if described == nil {
		return nil, errNoSet
	}
	feed := feedOfAll + "?set=" + url.QueryEscape(spec)
	d := &collectionData{
		Set: true, Heading: cmp.Or(web.Clipped(described.Name, listTitle), spec), Spec: spec, Field: search.Set, Value: spec,
		Feed: s.Root + feed, Sitemap: s.Root + "/sitemaps/sets/" + url.PathEscape(spec) + ".xml",
	}
	if sh != nil {
		d.Of, d.OfPath, d.Complete = sh.Title, s.Root+sourcePath(name), sh.Complete
	}
	d.describe(described)
	return s.collection(r.Context(), d, SetPath(spec), feed, pipeline.Wanted{Set: spec})
}

// shelfOf is a source as the pages show it; nil if there is none of this name.
func (s *site) shelfOf(ctx context.Context, name string) (*shelf, error) {
	holdings, err := s.Library.Holdings(ctx)
	if err != nil {
		return nil, err
	}
	shelves, _ := s.shelves(holdings)
	if i := slices.IndexFunc(shelves, func(sh shelf) bool { return sh.Name == name }); i >= 0 {
		return &shelves[i], nil
	}
	return nil, nil
}

// describedSet is a set as the OAI-PMH endpoint describes it; nil if there is none.
func (s *site) describedSet(ctx context.Context, spec string) (*oaipmh.Set, error) {
	if s.Sets == nil {
		return nil, nil
	}
	return s.Sets.Set(ctx, spec)
}

// describe takes the description of a set from what the endpoint says of it in Dublin Core.
func (d *collectionData) describe(set *oaipmh.Set) {
	if set == nil {
		return
	}
	for _, b := range set.Descriptions {
		dc, err := dublincore.ParseOAIDC(b)
		if err != nil { // it is in another format
			continue
		}
		if v, ok := dc.First(dublincore.Description); ok {
			d.Description = brief(&v, listSummary)
			return
		}
	}
}

// collection fills in what the pages of sources and sets have in common. wanted chooses its records in the log.
func (s *site) collection(ctx context.Context, d *collectionData, path, feed string, wanted pipeline.Wanted) (*web.Answer, error) {
	d.OAI, d.Finder = s.setOf(d.Spec), s.Finder != nil
	newest, err := s.newestOf(ctx, wanted)
	if err != nil {
		return nil, err
	}
	for i := range newest {
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(newest[i].DC); err != nil {
			return nil, err
		}
		d.Newest = append(d.Newest, s.result(&newest[i], &dc))
	}
	if len(newest) > 0 {
		d.Changed = newest[0].Datestamp
	}
	s.holds(ctx, d)
	if err := s.within(ctx, d); err != nil {
		return nil, err
	}
	d.Linked = s.linkedCollection(d, path)
	return &web.Answer{Template: "collection", Title: d.Heading, Path: path, Feed: feed, Data: d}, nil
}

// newestOf are the live records that changed last.
func (s *site) newestOf(ctx context.Context, w pipeline.Wanted) (out []pipeline.Record, err error) {
	w.After, w.Down, w.Limit, w.Bytes = math.MaxInt64, true, newestPiece, newestBytes
	for range newestPieces {
		piece, err := s.Library.Changes(ctx, w)
		if err != nil {
			return nil, err
		}
		for _, rec := range piece.Records {
			if rec.Deleted == pipeline.Live && len(out) < newestRecords {
				out = append(out, rec)
			}
		}
		if w.After = piece.Upto; len(out) == newestRecords || w.After == 0 {
			return out, nil
		}
	}
	return out, nil
}

// holds says what the records of a collection are, as the search counts them. The page is shown without it, too.
func (s *site) holds(ctx context.Context, d *collectionData) {
	if s.Finder == nil {
		return
	}
	w := wanted{chosen: map[string][]string{d.Field: {d.Value}}, sort: search.Newest, start: 1, size: sizes[0]}
	got, err := s.Finder.Find(ctx, &search.Query{Chosen: s.minted(w.chosen), Sort: w.sort})
	if err != nil {
		s.Logger.Warn("what a source or set has was not counted", "set", d.Spec, "err", err)
		return
	}
	if d.Set {
		d.Total, d.More, d.Counted = int64(w.total(got)), got.More && got.All == 0 || got.Partial, true
		if got.Total > 0 {
			d.All = s.Root + w.path()
		}
	}
	d.Holds = s.held(words.Of(ctx), w, got.Facets, search.Source, search.Set)
}

// held gives of each facet but some the most frequent values, each with the search for it.
func (s *site) held(l *words.Language, w wanted, facets []search.Facet, but ...string) (out []held) {
	for _, f := range facets {
		if slices.Contains(but, f.Name) {
			continue
		}
		most := heldValues
		if f.Name == search.Decade {
			most = heldDecades
		}
		h := held{Facet: facetTitles[f.Name]}
		for _, c := range f.Values[:min(len(f.Values), most)] {
			h.Values = append(h.Values, s.facetValue(l, w, f.Name, c))
		}
		if len(f.Values)+f.Others > most {
			h.All = s.Root + valuesWanted{wanted: w, facet: f.Name}.path()
		}
		out = append(out, h)
	}
	return out
}

// within lists the sets that are parts of a source or set.
func (s *site) within(ctx context.Context, d *collectionData) error {
	if s.Sets == nil {
		return nil
	}
	below := d.Spec + ":"
	_, err := s.Sets.Sets(ctx, below, func(set *oaipmh.Set) bool {
		if !strings.HasPrefix(set.Spec, below) {
			return false
		}
		if len(d.Sets) == listedSets {
			d.MoreSets = s.OAI() + "?verb=ListSets"
			return false
		}
		d.Sets = append(d.Sets, s.setLink(set.Spec, set.Name))
		return true
	})
	return err
}

func (s *site) setLink(spec, title string) setLink {
	out := setLink{Spec: web.Clipped(spec, listTitle), Title: web.Clipped(title, listTitle)}
	if oaipmh.ValidSetSpec(spec) {
		out.Path = s.Root + SetPath(spec)
	}
	return out
}
