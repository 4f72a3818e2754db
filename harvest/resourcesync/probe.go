package resourcesync

import (
	"context"
	"net/url"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Look is what was found out about a place that is a document of ResourceSync.
type Look struct {
	Config Config   // harvests it
	Others []string // capability lists of other sets of resources
	Offers []string // the capabilities of what records come from

	// Of the first part of the list of resources, or the first package of the dump:
	Entries   int
	Metadata  int // are metadata by their types
	Untyped   int // have no type
	Described int // have a link to their metadata
	More      bool

	Formats []harvest.Format // of the first of the metadata
	Why     string           // why one of those can't be used; empty if all can
}

// lookSamples is how many metadata records are looked at.
const lookSamples = 3

// IsDocument reports whether bytes are a document of ResourceSync, and not another sitemap.
func IsDocument(body []byte) bool {
	if len(body) > maxList {
		return false
	}
	doc, err := parse(body)
	return err == nil && doc.md.capability != ""
}

// Probe looks at a document, at the list of resources that it leads to, and at some resources.
func Probe(ctx context.Context, f Fetcher, from string) (*Look, error) {
	look := &Look{Config: Config{From: from}}
	s, err := New(look.Config, f)
	if err != nil {
		return nil, err
	}
	doc, err := s.ask(ctx, s.config.start())
	if err != nil {
		return nil, err
	}
	if all := listed(doc, aCapabilityList); doc.md.capability == aDescription && len(all) > 1 {
		look.Config.From, look.Others = all[0], all[1:]
		if s, err = New(look.Config, f); err != nil {
			return nil, err
		}
	}
	o, err := s.discover(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range usable {
		if o.lists[c] != "" {
			look.Offers = append(look.Offers, c)
		}
	}
	return look, look.resources(ctx, s, o)
}

// resources looks at the first part of the list of resources.
func (l *Look) resources(ctx context.Context, s *Source, o *offered) error {
	w := &walk{s: s, offer: o}
	base, err := w.choose(ctx)
	if err != nil {
		return err
	}
	units, err := s.parts(ctx, base)
	if err != nil || len(units) == 0 {
		return err
	}
	l.More = len(units) > 1
	var doc *document
	if base.capability == aResourceDump {
		if w.pack, err = s.fetchPack(ctx, &units[0], aResourceDumpIn); err == nil {
			doc = w.pack.manifest
		}
	} else {
		doc, err = s.part(ctx, &units[0], aResourceList)
	}
	if err != nil {
		return err
	}
	l.count(s, doc)
	l.Config.DescribedBy = l.Described > 0 && l.Described >= l.Metadata
	return l.samples(ctx, w, doc)
}

// count counts the entries of a list.
func (l *Look) count(s *Source, doc *document) {
	l.Entries = len(doc.entries)
	for i := range doc.entries {
		e := &doc.entries[i]
		switch {
		case s.description(e) != nil:
			l.Described++
		case e.md.mediaType == "":
			l.Untyped++
		case isMetadata(e.md.mediaType):
			l.Metadata++
		}
	}
}

// samples looks at some of the metadata, and finds out at which hosts they are.
func (l *Look) samples(ctx context.Context, w *walk, doc *document) error {
	l.Config.Hosts = hostsOf(l.Config, doc)
	s, err := New(l.Config, w.s.fetcher)
	if err != nil {
		return err
	}
	w.s = s
	tasks, _ := s.tasks("", doc)
	for n := range tasks {
		t := &tasks[n]
		if n == lookSamples {
			break
		}
		if t.reason != "" || t.deleted {
			continue
		}
		body, err := w.bytes(ctx, t)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			l.Why = err.Error()
			continue
		}
		f, why := formatOf(body)
		if why == "" {
			why = verify(body, t.Length, t.Hash)
		}
		if why != "" {
			l.Why = harvest.Shown(t.url()) + ": " + why
		} else if !slices.Contains(l.Formats, f) {
			l.Formats = append(l.Formats, f)
		}
	}
	return nil
}

// maxHosts bounds the hosts that are proposed.
const maxHosts = 5

// hostsOf are the hosts of the metadata of a list, except that of the list.
func hostsOf(c Config, doc *document) (out []string) {
	open := Source{config: c}
	for i := range doc.entries {
		t, ok := open.task(&doc.entries[i], false)
		u, err := url.Parse(t.url())
		if !ok || t.path != "" || err != nil || u.Host == "" || c.allowed(t.url()) == nil || slices.Contains(out, u.Host) || len(out) == maxHosts {
			continue
		}
		out = append(out, u.Host)
	}
	return out
}
