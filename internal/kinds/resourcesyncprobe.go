package kinds

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/resourcesync"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

func probeResourceSync(ctx context.Context, p *Place) (*Proposal, error) {
	if p.URL == nil {
		return nil, NotThis{}
	}
	res, err := p.Content(ctx)
	switch {
	case err != nil:
		return nil, err
	case !resourcesync.IsDocument(res.Body) && !hasWellKnown(ctx, p, res):
		return nil, NotThis{}
	}
	look, err := resourcesync.Probe(ctx, p.Fetcher, p.URL.String())
	if err != nil {
		return nil, err
	}
	return proposeResourceSync(p, look), nil
}

// hasWellKnown reports whether a host whose first page was asked for has a source description.
func hasWellKnown(ctx context.Context, p *Place, page *harvest.Response) bool {
	if strings.Trim(p.URL.Path, "/") != "" || p.URL.RawQuery != "" || !harvest.LooksLikeHTML(page.Body) {
		return false
	}
	at := (&url.URL{Scheme: p.URL.Scheme, Host: p.URL.Host, Path: resourcesync.WellKnown}).String()
	res, err := p.Fetcher.Fetch(ctx, harvest.Request{URL: at})
	return err == nil && resourcesync.IsDocument(res.Body)
}

func proposeResourceSync(at *Place, look *resourcesync.Look) *Proposal {
	c := &look.Config
	p := &Proposal{Name: nameOf(c.From)}
	p.note("A document of ResourceSync: %s", wording.ClipLine(at.String(), 300))
	p.note("  it offers    %s", strings.Join(look.Offers, ", "))
	more := ""
	if look.More {
		more = " in the first part of the list"
	}
	p.note("  resources    %d%s: %d with a type of XML, %d without a type, %d with a link to their metadata", look.Entries, more, look.Metadata, look.Untyped, look.Described)
	known := at.HasMapping == nil || !slices.ContainsFunc(look.Formats, func(f harvest.Format) bool { return !at.HasMapping(f) })
	for _, f := range look.Formats {
		p.note("  format       %s: %s", wording.ClipLine(f.Prefix, 60), wording.ClipLine(f.Namespace, 120))
	}
	if !known {
		p.note("Note: not each of its formats has a built-in mapping; write one and name it under mapping:.")
	}
	p.warnings(look)
	p.Keys = []Key{{"title", p.Name}, {"kind", "resourcesync"}, {"from", c.From}}
	if c.DescribedBy {
		p.Keys = append(p.Keys, Key{"metadata", "describedby"})
	}
	if len(c.Hosts) > 0 {
		p.Keys = append(p.Keys, Key{"hosts", c.Hosts})
	}
	p.Keys = append(p.Keys, Key{"every", "1d"})
	return p
}

// warnings are what a person should look at before the first harvest.
func (p *Proposal) warnings(look *resourcesync.Look) {
	if look.Why != "" {
		p.note("Note: one of the first resources can't be used: %s", wording.ClipLine(look.Why, 300))
	}
	if look.Untyped > 0 {
		p.note("Note: what has no type is fetched to see what it is. If only some of it is metadata, only: says which, such as \"*/mods/*\".")
	}
	if len(look.Config.Hosts) > 0 {
		p.note("Note: resources are at other hosts than the list. Take hosts: out if they should not be asked.")
	}
	if !slices.Contains(look.Offers, "changelist") && !slices.Contains(look.Offers, "changedump") {
		p.note("Note: it offers no changes, so each harvest asks for everything, and hears of no deletion.")
	}
	for _, other := range look.Others {
		p.note("Note: another set of resources is at %s; make a source of it too if it is wanted.", wording.ClipLine(harvest.Shown(other), 300))
	}
}
