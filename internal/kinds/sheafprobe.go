package kinds

import (
	"context"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/sheaf"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

func probeSheaf(ctx context.Context, p *Place) (*Proposal, error) {
	if p.URL == nil || p.URL.RawQuery != "" {
		return nil, NotThis{}
	}
	res, err := p.Content(ctx)
	if err != nil || !harvest.LooksLikeHTML(res.Body) {
		return nil, NotThis{} // another kind says what is wrong
	}
	look, err := sheaf.Probe(ctx, p.Fetcher, strings.TrimRight(p.URL.String(), "/"))
	switch {
	case err != nil:
		return nil, err
	case look == nil:
		return nil, NotThis{}
	}
	out := &Proposal{Name: nameOf(p.URL.String())}
	out.note("A gateway of this kind: %s", wording.ClipLine(p.String(), 300))
	out.note("  its log      %d records, up to %s", look.Records, look.Datestamp)
	out.note("  identifiers  oai:%s:…", wording.ClipLine(look.Domain, 200))
	out.note("Its feed of changes says more than OAI-PMH, and is followed exactly. Its OAI-PMH endpoint is %s (kind: oai).", wording.ClipLine(look.BaseURL, 300))
	out.note("absent: is for the day on which its log is put back: what it has no more then is deleted here too.")
	out.Keys = []Key{{"title", out.Name}, {"kind", "sheaf"}, {"from", strings.TrimRight(p.URL.String(), "/")}, {"every", "1h"},
		{"absent", []Key{{"delete_after", 1}}}}
	return out, nil
}
