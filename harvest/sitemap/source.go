package sitemap

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
)

// A Source is the pages of a site that a sitemap names. It is safe for concurrent use.
type Source struct {
	config Config
	client Client
	gate   *robots.Gate
	id     string // tells one configuration from another, in cursors

	parking harvest.Parking[*walk]

	mu     sync.Mutex
	memory memory
	// refused counts the pages in a row that could not be had.
	refused int
	// strangers are the sites beside our own that the pass has asked for their robots.txt, with the sitemaps that it names.
	strangers map[string][]string
}

// A memory has what a Source knows of the sitemaps that an index names. It is not in cursors: a Source that was made anew
// reads all of them again, and so does one that could not have something in the pass before, because what that was no
// cursor knows.
type memory struct {
	lastmod map[string]string // of sitemaps that were read to their end, by their URLs
	whole   bool              // the pass before came to its end in this Source
	trouble bool              // something could not be had since it began
}

// New makes a Source. It asks for nothing yet.
func New(c Config, client Client) (*Source, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if client == nil {
		return nil, errors.New("a source of sitemaps needs a fetcher")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Source{config: c, client: client, gate: robots.NewGate(client, c.access)}
	s.id = digest(c.From, strings.Join(c.Match, " "), strings.Join(c.Skip, " "), strings.Join(c.Hosts, " "), strconv.FormatBool(c.Copies))
	s.memory.lastmod, s.strangers = map[string]string{}, map[string][]string{}
	return s, nil
}

var (
	_ harvest.Source    = (*Source)(nil)
	_ harvest.Asker     = (*Source)(nil)
	_ harvest.Restarter = (*Source)(nil)
	_ harvest.Detourer  = (*Source)(nil)
)

// Page lists some pages of the site; [Source.Ask] asks for them. See [harvest.Source].
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	w, waited := s.parking.Take(at)
	if !waited {
		w = &walk{s: s, c: s.readCursor(at)}
		if err := w.open(ctx); err != nil {
			return nil, err
		}
	}
	page, err := w.fill(ctx)
	if err == nil && !page.Done {
		s.parking.Leave(ctx, w, page.Next)
	}
	return page, err
}

// Restart implements [harvest.Restarter]: the new pass asks for all pages, whatever lastmod says.
func (s *Source) Restart(harvest.Cursor) harvest.Cursor {
	return (&cursor{Version: cursorVersion, From: s.id}).write()
}

// patience is how many runs in a row may fail at one place before the source passes over it.
const patience = 3

// Detour implements [harvest.Detourer]. A sitemap that fails again and again is passed over, and makes the pass short.
func (s *Source) Detour(at harvest.Cursor, err error) harvest.Cursor {
	c := s.readCursor(at)
	switch harvest.KindOf(err) {
	case harvest.HTTP5xx, harvest.Truncated, harvest.Timeout:
	default:
		return at
	}
	if c.Failures++; c.Failures >= patience && len(c.Path) > 0 {
		c.Failures, c.Brave = 0, true
	}
	return c.write()
}

// forget makes the source ask the sites again what they allow.
func (s *Source) forget() {
	s.gate.Forget()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = 0
	clear(s.strangers)
}

// note changes what the source knows of sitemaps.
func (s *Source) note(f func(*memory)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.memory)
}
