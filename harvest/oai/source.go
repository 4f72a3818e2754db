// Package oai harvests OAI-PMH repositories.
//
// A pass lists everything (full), or what has changed since the last complete pass (incremental). The cursor says which
// of the two it is, and holds all that is needed to go on; nothing is kept between calls. These rules keep records from
// being lost:
//
//   - The next pass asks from the responseDate of the first answer of the last complete pass, less an overlap. It never
//     asks from the largest datestamp that it has seen, and never until a time.
//   - A list is complete only if the repository says so, by an empty token or none. After an expired token, a token for
//     the second time, or an empty page the list is asked for again a bounded number of times. Then it is an error.
//   - The completeListSize is a hint. A list that ends before it is searched for what it lacks: first by its headers,
//     then in windows of time. It ends no list by itself.
//   - A list that announces no size is compared with its headers, once: at the end of the first full pass.
package oai

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Config says what to harvest of a repository.
type Config struct {
	// BaseURL is the repository's base URL. A query in it (an API key) is kept.
	BaseURL string
	// Formats are the metadata formats to ask for, best first: prefixes, or namespaces. The first
	// that is offered is taken; default oai_dc.
	Formats []string
	// Sets are harvested one after the other; none is the whole repository.
	Sets []string
	// Granularity is "day" or "second" if the repository is wrong about its own; otherwise empty or "auto".
	Granularity string
	// Overlap is how far an incremental pass reaches back before the beginning of the last one. The default is five
	// minutes, because the index of most repositories lags behind by less, or a day if datestamps are days, which
	// may be those of another time zone.
	Overlap time.Duration
	// POST asks with POST instead of GET.
	POST bool
	// Domain is the domain in the repository's identifiers (oai:<domain>:…), which is left out of Item.Key; "-" means
	// none. The default is the domain that Identify declares.
	Domain string
	// Access holds what the repository wants before it lets us in.
	Access harvest.Access
	// Restarts is how often within six hours a list is begun again because the repository has lost our place in it;
	// default 3, negative means never.
	Restarts int
	// MaxPages bounds the pages of one list; default 1,000,000.
	MaxPages int
	// Now is the clock that is used if a repository sends no responseDate; default time.Now.
	Now func() time.Time
}

// A Source harvests one repository. It implements [harvest.Source].
type Source struct {
	cfg   Config
	base  *url.URL // without the arguments of the protocol
	fetch *harvest.Fetcher
}

var (
	_ harvest.Source     = (*Source)(nil)
	_ harvest.Reconciler = (*Source)(nil)
)

// New makes a source. An error says what is wrong with the configuration.
func New(cfg Config, f *harvest.Fetcher) (*Source, error) {
	base, err := url.Parse(strings.TrimSpace(cfg.BaseURL))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("the base URL %q must be a whole http or https URL", harvest.Shown(cfg.BaseURL))
	}
	base.Fragment = ""
	query := base.Query()
	for _, argument := range arguments { // people paste requests
		query.Del(argument)
	}
	base.RawQuery = query.Encode()
	switch cfg.Granularity {
	case "", "auto", day, second:
	default:
		return nil, fmt.Errorf("the granularity %q is not one of auto, day, second", cfg.Granularity)
	}
	if cfg.Overlap < 0 {
		return nil, fmt.Errorf("the overlap %v is negative", cfg.Overlap)
	}
	if len(cfg.Formats) == 0 {
		cfg.Formats = []string{"oai_dc"}
	}
	if cfg.Restarts == 0 {
		cfg.Restarts = 3
	}
	if cfg.MaxPages <= 0 {
		cfg.MaxPages = 1_000_000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Source{cfg: cfg, base: base, fetch: f}, nil
}

var arguments = []string{"verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken"}

// Page implements [harvest.Source].
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	p, err := parsePlace(at)
	if err != nil {
		return nil, s.problem(harvest.Config, "the cursor can't be read; begin again with a full harvest", err)
	}
	w := &walk{s: s, p: p}
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	return w.page(ctx)
}

func (s *Source) problem(kind harvest.Kind, detail string, err error) *harvest.Error {
	return &harvest.Error{Kind: kind, URL: harvest.Shown(s.base.String()), Detail: detail, Err: err}
}
