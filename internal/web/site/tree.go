package site

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An archive is a tree: a file is part of a series, and the series of a fonds. Records say so by the title or an identifier of what
// they are part of (isPartOf), and a component of a finding aid by the titles of the level above it and of the whole. The
// tree is found again by searching for these, within the source. Where two records may be meant, none is taken.

const (
	maxLevels   = 8  // above a record
	maxParts    = 60 // looked at of what may be directly below a record
	maxMeant    = 20 // looked at of what a record may be part of
	maxWholes   = 4  // that a record says it is part of
	maxBesides  = 3  // shown before a record, and behind it
	maxNamesFor = 4  // under which the parts of a record are looked for
)

// treeData is where a record stands in its tree.
type treeData struct {
	Above         []leaf // the outermost first
	Before, After []leaf // on its level, the nearest to it
	Below         []leaf // directly
	MoreBelow     string // the path of a search for more of them; empty if there are no more
}

// A leaf is another record of the tree.
type leaf struct {
	Title text
	Date  string
	Path  string
}

// tree finds where a record stands; nil if it is neither part of a record nor has parts. The record is shown whatever
// comes of it.
func (s *site) tree(ctx context.Context, rec *pipeline.Record, dc *dublincore.Record) *treeData {
	if s.Finder == nil {
		return nil
	}
	out, err := s.around(ctx, &branch{rec, dc})
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

func (s *site) around(ctx context.Context, own *branch) (*treeData, error) {
	below, more, err := s.parts(ctx, own)
	if err != nil {
		return nil, err
	}
	out := &treeData{Below: s.leaves(below)}
	if name := own.names(); more && len(name) > 0 {
		out.MoreBelow = s.Root + wanted{text: quoted(name[0]), chosen: map[string][]string{search.Source: {own.Source}}, sort: search.Best, size: sizes[0]}.path()
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
			beside, _, err := s.parts(ctx, whole)
			if err != nil {
				return nil, err
			}
			if i := slices.IndexFunc(beside, func(b *branch) bool { return b.Identifier == own.Identifier }); i >= 0 {
				out.Before, out.After = s.leaves(beside[max(0, i-maxBesides):i]), s.leaves(beside[i+1:min(len(beside), i+1+maxBesides)])
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

// whole is the record that another one is part of; nil if there is none, or if more than one may be meant.
func (s *site) whole(ctx context.Context, of *branch) (*branch, error) {
	var found *branch
	for _, name := range of.wholes() {
		meant, _, err := s.saying(ctx, of.Source, name, maxMeant)
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

// parts are the records that are directly part of one, in the order in which they came; more says that not all were looked for.
func (s *site) parts(ctx context.Context, of *branch) (out []*branch, more bool, err error) {
	seen := map[string]bool{of.Identifier: true}
	names := of.names()
	for _, name := range names[:min(len(names), maxNamesFor)] {
		saying, further, err := s.saying(ctx, of.Source, name, maxParts)
		if err != nil {
			return nil, false, err
		}
		more = more || further
		for _, b := range saying {
			if !seen[b.Identifier] && of.holds(b) {
				out = append(out, b)
			}
			seen[b.Identifier] = true
		}
	}
	return out, more && len(out) > 0, nil
}

// saying are the records of a source in which a title or an identifier stands.
func (s *site) saying(ctx context.Context, source, name string, limit int) (out []*branch, more bool, err error) {
	got, err := s.Finder.Walk(ctx, &search.Query{Text: quoted(name), Chosen: s.minted(map[string][]string{search.Source: {source}})}, 0, limit)
	if err != nil {
		return nil, false, err
	}
	var identifiers []string
	for _, h := range got.Hits {
		identifiers = append(identifiers, h.Identifier)
	}
	records, err := s.live(ctx, identifiers)
	if err != nil {
		return nil, false, err
	}
	for i := range records {
		b := &branch{&records[i], &dublincore.Record{}}
		if err := b.dc.UnmarshalJSON(records[i].DC); err != nil {
			return nil, false, fmt.Errorf("show %s: %w", records[i].Identifier, err)
		}
		out = append(out, b)
	}
	return out, got.More, nil
}

// quoted is a query for words one behind the other.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, " ") + `"` }

// holds says whether another record is directly part of this one: all that it says to be part of is this one, or what this one
// is part of itself.
func (b *branch) holds(other *branch) bool {
	names, above, directly := b.names(), b.wholes(), false
	for _, whole := range other.wholes() {
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

// wholes is what a record says that it is part of.
func (b *branch) wholes() []string {
	all := b.texts(dublincore.IsPartOf)
	return all[:min(len(all), maxWholes)]
}

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
