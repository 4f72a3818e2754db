package site

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An archive is a tree: a file is part of a series, and the series of a fonds. Records say so by the title or an identifier of what
// they are part of (isPartOf), and a component of a finding aid by the titles of the level above it and of the whole. What is
// directly below a record is found exactly, by all that may be said of it together (see [search.WholesKey]); what is above it is
// searched for within the source. Where two records may be meant, none is taken.

const (
	maxLevels   = 8  // above a record
	maxParts    = 60 // directly below a record, on a page
	maxMeant    = 60 // looked at of what a record may be part of
	maxBesides  = 3  // shown before a record, and behind it
	maxNamesFor = 4  // under which the parts of a record are looked for
	maxTops     = 10 // of a source, of which one must have parts
)

// behindParameter is a seq: of what is below a record, the page shows what stands behind it in the log.
const behindParameter = "parts"

// treeData is where a record stands in its tree.
type treeData struct {
	Above         []leaf // the outermost first
	Before, After []leaf // on its level, the nearest to it
	Below         []leaf // directly
	FirstBelow    string // the path of the page with the first of them; empty if this is it
	MoreBelow     string // that of the page with the next of them; empty if there are no more
	AllBelow      int    // how many there are, if not all are on the page
}

// A leaf is another record of the tree.
type leaf struct {
	Title text
	Date  string
	Path  string
}

// tree finds where a record stands; nil if it is neither part of a record nor has parts. The record is shown whatever
// comes of it. What is below it is shown from behind a place of the log on.
func (s *site) tree(ctx context.Context, rec *pipeline.Record, dc *dublincore.Record, behind int64) *treeData {
	if s.Finder == nil {
		return nil
	}
	out, err := s.around(ctx, &branch{rec, dc}, behind)
	if err != nil {
		s.Logger.Warn("the tree around a record was not found", "identifier", rec.Identifier, "err", err)
		return nil
	}
	return out
}

// A branch is a record with its values.
type branch struct {
	*pipeline.Record
	dc *dublincore.Record
}

func (s *site) around(ctx context.Context, own *branch, behind int64) (*treeData, error) {
	out := &treeData{}
	if q := s.partsOf(own); q != nil {
		below, err := s.below(ctx, out, q, recordPath(s.Library.Namespace(), own.Identifier), behind)
		if err != nil {
			return nil, err
		}
		out.Below = s.leaves(without(below, own))
	}
	seen := map[string]bool{own.Identifier: true}
	for at := own; len(out.Above) < maxLevels; {
		whole, err := s.whole(ctx, at)
		if err != nil {
			return nil, err
		}
		if whole == nil || seen[whole.Identifier] {
			break
		}
		if at == own {
			if out.Before, out.After, err = s.beside(ctx, own, whole); err != nil {
				return nil, err
			}
		}
		seen[whole.Identifier] = true
		out.Above = slices.Insert(out.Above, 0, s.leaves([]*branch{whole})...)
		at = whole
	}
	if len(out.Above)+len(out.Below) == 0 {
		return nil, nil
	}
	return out, nil
}

// below gives the records of a query that stand below something, from behind a place of the log on, and notes where the others are:
// on pages of a path.
func (s *site) below(ctx context.Context, out *treeData, q *search.Query, path string, behind int64) ([]*branch, error) {
	below, upto, err := s.walked(ctx, q, behind, maxParts)
	if err != nil {
		return nil, err
	}
	if behind > 0 {
		out.FirstBelow = s.Root + path + "#tree"
	}
	if upto != 0 {
		out.MoreBelow = s.Root + address(path, "&"+behindParameter+"="+strconv.FormatInt(upto, 10)) + "#tree"
	}
	if upto != 0 || behind > 0 {
		out.AllBelow, err = s.counted(ctx, q)
	}
	return below, err
}

// treeOf is the top of a source's tree: the records that are part of nothing, from behind a place of the log on. It is nil if none
// of the first ones has parts, as in a source that is no archive. The source's page is shown whatever comes of it.
func (s *site) treeOf(ctx context.Context, source string, behind int64) *treeData {
	if s.Finder == nil {
		return nil
	}
	out, err := s.top(ctx, source, behind)
	if err != nil {
		s.Logger.Warn("the tree of a source was not found", "source", source, "err", err)
		return nil
	}
	return out
}

func (s *site) top(ctx context.Context, source string, behind int64) (*treeData, error) {
	q := &search.Query{Chosen: s.minted(map[string][]string{search.Source: {source}, search.PartOf: {search.WholesKey(nil)}})}
	out := &treeData{}
	tops, err := s.below(ctx, out, q, sourcePath(source), behind)
	if err != nil {
		return nil, err
	}
	out.Below = s.leaves(tops)
	if behind > 0 {
		return out, nil
	}
	for _, b := range tops[:min(len(tops), maxTops)] {
		parts := s.partsOf(b)
		if parts == nil {
			continue
		}
		if got, err := s.Finder.Walk(ctx, parts, 0, 1); err != nil || len(got.Hits) > 0 {
			return out, err
		}
	}
	return nil, nil
}

// whole is the record that another one is part of; nil if there is none, or if more than one may be meant.
func (s *site) whole(ctx context.Context, of *branch) (*branch, error) {
	var found *branch
	for _, name := range search.Wholes(of.dc) {
		meant, err := s.saying(ctx, of.Source, name)
		if err != nil {
			return nil, err
		}
		for _, b := range meant {
			switch {
			case b.Identifier == of.Identifier || !b.holds(of) || found != nil && found.Identifier == b.Identifier:
			case found != nil:
				return nil, nil
			default:
				found = b
			}
		}
	}
	return found, nil
}

// partsOf finds the records that are directly part of one: all that each says to be part of is this one, by some of its names, and
// perhaps what this one is part of itself. It is nil if nothing can be part of the record.
func (s *site) partsOf(of *branch) *search.Query {
	names, wholes := of.names(), search.Wholes(of.dc)
	names = names[:min(len(names), maxNamesFor)]
	if len(names) == 0 {
		return nil
	}
	var keys []string
	for named := 1; named < 1<<len(names); named++ {
		for above := range 1 << len(wholes) {
			keys = append(keys, search.WholesKey(append(picked(names, named), picked(wholes, above)...)))
		}
	}
	return &search.Query{Chosen: s.minted(map[string][]string{search.Source: {of.Source}, search.PartOf: keys})}
}

// picked are the texts of which the bit is set.
func picked(texts []string, bits int) (out []string) {
	for i, text := range texts {
		if bits>>i&1 != 0 {
			out = append(out, text)
		}
	}
	return out
}

// beside are the nearest neighbours of a record in the log among the parts of what it is part of.
func (s *site) beside(ctx context.Context, own, whole *branch) (before, after []leaf, err error) {
	q := s.partsOf(whole)
	behind, _, err := s.walked(ctx, q, own.Seq, maxBesides)
	if err != nil {
		return nil, nil, err
	}
	got, err := s.Finder.Find(ctx, &search.Query{Chosen: q.Chosen, Sort: search.Newest, Before: own.Seq, Limit: maxBesides, Whole: search.Kind})
	if err != nil {
		return nil, nil, err
	}
	slices.Reverse(got.Hits)
	front, err := s.branches(ctx, got.Hits)
	return s.leaves(without(front, whole)), s.leaves(without(behind, whole)), err
}

// without leaves out a record that says to be part of something of its own name: it is no part of itself.
func without(of []*branch, own *branch) []*branch {
	return slices.DeleteFunc(of, func(b *branch) bool { return b.Identifier == own.Identifier })
}

// counted is how many records a query finds.
func (s *site) counted(ctx context.Context, q *search.Query) (int, error) {
	got, err := s.Finder.Find(ctx, &search.Query{Chosen: q.Chosen, Sort: search.Newest, Whole: search.Kind})
	if err != nil {
		return 0, err
	}
	return max(got.Total, got.All), nil
}

// walked are records that a query finds behind a place of the log, and the place behind which there are more; 0 if there are none.
func (s *site) walked(ctx context.Context, q *search.Query, behind int64, limit int) (out []*branch, upto int64, err error) {
	got, err := s.Finder.Walk(ctx, q, behind, limit)
	if err != nil {
		return nil, 0, err
	}
	var identifiers []string
	for _, h := range got.Hits {
		identifiers = append(identifiers, h.Identifier)
	}
	if got.More {
		upto = got.Upto.Seq
	}
	out, err = s.branches(ctx, identifiers)
	return out, upto, err
}

// branches are the records with these identifiers, those that are live.
func (s *site) branches(ctx context.Context, identifiers []string) (out []*branch, err error) {
	records, err := s.live(ctx, identifiers)
	if err != nil {
		return nil, err
	}
	for i := range records {
		b := &branch{&records[i], &dublincore.Record{}}
		if err := b.dc.UnmarshalJSON(records[i].DC); err != nil {
			return nil, fmt.Errorf("show %s: %w", records[i].Identifier, err)
		}
		out = append(out, b)
	}
	return out, nil
}

// saying are records of a source of which a title or an identifier has a text in it.
func (s *site) saying(ctx context.Context, source, name string) (out []*branch, err error) {
	for _, field := range []string{"title:", "identifier:"} {
		meant, _, err := s.walked(ctx, &search.Query{Text: field + quoted(name), Chosen: s.minted(map[string][]string{search.Source: {source}})}, 0, maxMeant)
		if err != nil {
			return nil, err
		}
		out = append(out, meant...)
	}
	return out, nil
}

// quoted is a query for words one behind the other.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, " ") + `"` }

// holds says whether another record is directly part of this one: all that it says to be part of is this one, or what this one
// is part of itself.
func (b *branch) holds(other *branch) bool {
	names, above, directly := b.names(), search.Wholes(b.dc), false
	for _, whole := range search.Wholes(other.dc) {
		is := slices.Contains(names, whole)
		if !is && !slices.Contains(above, whole) {
			return false
		}
		directly = directly || is
	}
	return directly
}

// names are the title and the identifiers of a record, by which others say that they are part of it.
func (b *branch) names() []string { return b.texts(dublincore.Title, dublincore.Identifier) }

func (b *branch) texts(terms ...dublincore.Term) (out []string) {
	for _, t := range terms {
		for i := range b.dc.Values {
			if v := &b.dc.Values[i]; v.Term == t && v.Text != "" && len(v.Text) <= listTitle {
				out = append(out, v.Text)
			}
		}
	}
	return out
}

func (s *site) leaves(of []*branch) (out []leaf) {
	for _, b := range of {
		r := s.result(b.Record, b.dc)
		out = append(out, leaf{r.Title, r.Date, r.Path})
	}
	return out
}
