package kinds

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// probeSets bounds the sets that are shown.
const probeSets = 20

func probeOAI(ctx context.Context, p *Place) (*Proposal, error) {
	if p.URL == nil {
		return nil, NotThis{}
	}
	repo, base, err := askRepository(ctx, p.Fetcher, *p.URL)
	switch {
	case err == nil:
		return proposeOAI(base, repo, p.HasMapping), nil
	case maybePage(err), errors.Is(err, oaipmh.ErrNotOAI):
		return nil, NotThis{Advice: "The base URL of a repository often ends in /oai, /oai/request, /server/oai/request or /cgi/oai2"}
	}
	return nil, err
}

// askRepository asks whether there is a repository. base is the URL without the arguments of a request, because people paste
// whole requests.
func askRepository(ctx context.Context, f *harvest.Fetcher, u url.URL) (repo *oai.Repository, base string, err error) {
	query := u.Query()
	for _, argument := range []string{"verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken"} {
		query.Del(argument)
	}
	u.RawQuery = query.Encode()
	src, err := oai.New(oai.Config{BaseURL: u.String()}, f)
	if err != nil {
		return nil, "", err
	}
	repo, err = src.Probe(ctx, probeSets)
	return repo, u.String(), err
}

// maybePage reports whether the place may be a page although it is not a repository, because it answered with something
// else.
func maybePage(err error) bool {
	switch harvest.KindOf(err) {
	case harvest.HTML, harvest.HTTP4xx, harvest.Malformed, harvest.Protocol, harvest.Truncated, harvest.EmptyPage:
		return true
	}
	return false
}

// richest has the prefixes of formats, those first that say most of a record.
var richest = []string{"mods", "marc21", "marcxml", "datacite", "oai_datacite", "ead", "lido", "qdc", "oai_qdc", "oai_dc"}

func proposeOAI(base string, r *oai.Repository, hasMapping func(harvest.Format) bool) *Proposal {
	i := r.Identify
	p := &Proposal{Name: nameOf(base)}
	p.note("An OAI-PMH repository: %s", cmp.Or(wording.ClipLine(i.Name, 200), "without a name"))
	p.note("  asked at     %s", base)
	if i.Door.BaseURL != "" && i.Door.BaseURL != base {
		p.note("  calls itself %s", wording.ClipLine(i.Door.BaseURL, 300))
	}
	p.note("  granularity  %s, earliest datestamp %s", wording.ClipLine(i.Door.Granularity, 40), wording.ClipLine(i.Door.EarliestDatestamp, 40))
	p.note("  deletions    %s", cmp.Or(wording.ClipLine(i.DeletedRecord, 40), "not said"))
	if len(i.AdminEmails) > 0 {
		p.note("  contact      %s", wording.ClipLine(strings.Join(i.AdminEmails, ", "), 200))
	}
	formats := p.formats(r.Formats, hasMapping)
	p.sets(r)
	for _, w := range r.Warnings {
		p.note("Note: %s", wording.ClipLine(w, 300))
	}
	p.Keys = []Key{{"title", cmp.Or(wording.ClipLine(i.Name, 200), p.Name)}, {"kind", "oai"}, {"from", base}}
	if len(formats) > 0 {
		p.Keys = append(p.Keys, Key{"formats", formats})
	}
	p.Keys = append(p.Keys, Key{"every", "1d"})
	return p
}

// maxFormats bounds the formats that are shown.
const maxFormats = 30

// formats shows the formats and chooses those to ask for: the ones with a built-in mapping, the richest first.
func (p *Proposal) formats(offered []oaipmh.Format, hasMapping func(harvest.Format) bool) (chosen []string) {
	for n, f := range offered {
		mapped := hasMapping(harvest.Format{Prefix: f.Prefix, Namespace: f.Namespace})
		if mapped && oaipmh.ValidPrefix(f.Prefix) && len(f.Prefix) < 256 {
			chosen = append(chosen, f.Prefix)
		}
		switch {
		case n == maxFormats:
			p.note("  and %s", wording.Count(int64(len(offered)-n), "more format", "more formats"))
		case n < maxFormats && mapped:
			p.note("  format       %s: %s", wording.ClipLine(f.Prefix, 60), wording.ClipLine(f.Namespace, 120))
		case n < maxFormats:
			p.note("  format       %s: %s (there is no built-in mapping for it)", wording.ClipLine(f.Prefix, 60), wording.ClipLine(f.Namespace, 120))
		}
	}
	rank := func(prefix string) int {
		if i := slices.Index(richest, prefix); i >= 0 {
			return i
		}
		return slices.Index(richest, "oai_dc") - 1 // a known format by another name: before plain oai_dc
	}
	slices.SortStableFunc(chosen, func(a, b string) int { return rank(a) - rank(b) })
	if len(chosen) == 0 {
		p.note("Note: none of its formats has a built-in mapping; write one and name it under mapping:.")
	}
	return chosen
}

func (p *Proposal) sets(r *oai.Repository) {
	for _, s := range r.Sets {
		p.note("  set          %s: %s", wording.ClipLine(s.Spec, 100), wording.ClipLine(s.Name, 100))
	}
	switch {
	case r.MoreSets:
		p.note("  and more sets")
	case r.SetsError != nil:
		p.note("  its sets could not be listed: %s", wording.ClipLine(r.SetsError.Error(), 300))
	case len(r.Sets) == 0:
		p.note("  no sets")
	}
}
