package resourcesync

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Source is a set of resources that a server keeps in sync by ResourceSync. It is safe for concurrent use.
type Source struct {
	config  Config
	fetcher Fetcher
	id      string // tells one configuration from another, in cursors

	parking harvest.Parking[*walk]
}

// New makes a Source. It asks for nothing yet.
func New(c Config, fetcher Fetcher) (*Source, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.MaxDump <= 0 {
		c.MaxDump = defaultMaxDump
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if fetcher == nil {
		return nil, errors.New("a source of ResourceSync needs a fetcher")
	}
	s := &Source{config: c, fetcher: fetcher}
	s.id = digest(c.From, c.Only, strconv.FormatBool(c.DescribedBy), strings.Join(c.Hosts, " "))
	return s, nil
}

var (
	_ harvest.Source    = (*Source)(nil)
	_ harvest.Restarter = (*Source)(nil)
	_ harvest.Detourer  = (*Source)(nil)
)

// Page gives some dozen items. See [harvest.Source].
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

// Restart implements [harvest.Restarter]. A full pass tells the deletions since the last one too, if they are known: of what
// is gone, a list of resources says nothing.
func (s *Source) Restart(at harvest.Cursor) harvest.Cursor {
	c := s.readCursor(at)
	before := c.Before
	if before == "" {
		before = c.Place
	}
	next := cursor{Version: cursorVersion, From: s.id, Place: before, Known: c.Known, Again: true}
	return next.write()
}

// patience is how many runs in a row may fail at one place before the source passes over it.
const patience = 3

// Detour implements [harvest.Detourer]. What fails again and again is passed over, and makes the pass short.
func (s *Source) Detour(at harvest.Cursor, err error) harvest.Cursor {
	c := s.readCursor(at)
	switch harvest.KindOf(err) {
	case harvest.HTTP5xx, harvest.Malformed, harvest.Truncated, harvest.HTML, harvest.TooLarge, harvest.Timeout, harvest.Protocol:
	default:
		return at
	}
	if c.Failures++; c.Failures >= patience {
		c.Failures, c.Brave = 0, true
	}
	return c.write()
}
