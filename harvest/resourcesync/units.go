package resourcesync

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A unit is what is read at once: a list, or a part of one, or a package of a dump.
type unit struct {
	url string
	id  string // tells one state of it from another, as far as an index says it
	md  metadata
	doc *document // if it was read already
}

// A feed is everything that a source offers of one capability.
type feed struct {
	capability string
	units      []unit
	at, from   time.Time // when it was made, and from when it has changes; zero if it does not say so
}

// feed reads the document of a capability, and finds its parts.
func (s *Source) feed(ctx context.Context, o *offered, capability string) (*feed, error) {
	root := o.lists[capability]
	doc := o.root[root]
	if doc == nil {
		var err error
		if doc, err = s.ask(ctx, root); err != nil {
			return nil, err
		}
	}
	if err := is(doc, capability, root); err != nil {
		return nil, err
	}
	f := &feed{capability: capability, at: earliest(doc.md.at), from: earliest(doc.md.from)}
	if doc.index {
		f.parts(doc)
		return f, nil
	}
	f.units = []unit{{url: root, id: digest(root), md: doc.md, doc: doc}}
	if f.at.IsZero() { // it has what was changed then, so it is not older
		f.at = earliest(newest(doc))
	}
	return f, nil
}

// parts takes the parts of an index. Where the index does not say its times, the earliest of its parts count; a part that
// does not say when it was made may be older than all.
func (f *feed) parts(index *document) {
	var at, from time.Time
	unsaid := false
	for i := range index.entries {
		e := &index.entries[i]
		f.units = append(f.units, unit{url: e.loc, id: digest(e.loc, e.lastmod, e.md.at), md: e.md})
		at, from = sooner(at, earliest(e.md.at)), sooner(from, earliest(e.md.from))
		unsaid = unsaid || earliest(e.md.at).IsZero()
	}
	if f.at.IsZero() && !unsaid {
		f.at = at
	}
	if f.from.IsZero() {
		f.from = from
	}
}

// sooner is the earlier of two times, where the zero time says nothing.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// is makes sure that a document is of a capability.
func is(doc *document, capability, at string) error {
	if doc.md.capability == capability {
		return nil
	}
	return &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(at), Detail: fmt.Sprintf("a document that should be of capability %s is of %q", capability, doc.md.capability[:min(len(doc.md.capability), 60)])}
}

// newest is the last date of the entries of a list.
func newest(doc *document) (out string) {
	for i := range doc.entries {
		out = later(out, doc.entries[i].changed())
	}
	return out
}

// later is the later of two dates.
func later(a, b string) string {
	if earliest(b).After(earliest(a)) {
		return b
	}
	return a
}

// packages are those that a dump names.
func (s *Source) packages(ctx context.Context, f *feed) (out []unit, err error) {
	for i := range f.units {
		doc, err := s.part(ctx, &f.units[i], f.capability)
		if err != nil {
			return nil, err
		}
		for n := range doc.entries {
			e := &doc.entries[n]
			out = append(out, unit{url: e.loc, id: digest(e.loc, e.lastmod, e.md.hash, e.md.from, e.md.until), md: e.md})
		}
	}
	return out, nil
}

// parts are what a feed is read in: the parts of a list, or the packages of a dump.
func (s *Source) parts(ctx context.Context, f *feed) ([]unit, error) {
	if f.capability == aResourceDump || f.capability == aChangeDump {
		return s.packages(ctx, f)
	}
	return f.units, nil
}

func tooDeep(at string) error {
	return &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(at), Detail: "it is an index within an index"}
}

// digestUnits is a digest of the names of units.
func digestUnits(units []unit) (out string) {
	for i := range units {
		out = digest(out, units[i].id)
	}
	return out
}
