package files

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Source is files of records. It is safe for concurrent use.
type Source struct {
	config  Config
	form    Form
	fetcher Fetcher
	from    string // tells one configuration from another, in cursors

	mu     sync.Mutex
	parked *parked
}

// parked is a walk that waits for the next page, so that a file is not read from its beginning for each page. It is only
// for speed: a cursor says all that is needed to go on without it.
type parked struct {
	walk *walk
	at   harvest.Cursor
	stop func() bool // calls off that it is let go of when its run ends
}

// New makes a Source. It neither reads nor asks for anything yet. For files the fetcher may be nil.
func New(c Config, fetcher Fetcher) (*Source, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	form := c.Form
	if form == nil {
		key, err := parseKey(c.Key)
		if err != nil {
			return nil, err
		}
		form = &marcForm{key: key, text: c.Key}
	}
	for _, from := range c.From {
		if isURL(from) && fetcher == nil {
			return nil, errors.New("a file on a server needs a fetcher")
		}
	}
	s := &Source{config: c, form: form, fetcher: fetcher}
	s.from = digest(append([]string{form.id(), strconv.FormatBool(c.Complete)}, c.From...)...).text()
	return s, nil
}

var _ harvest.Source = (*Source)(nil)

// Page gives some hundred records. See [harvest.Source].
//
// Beside those of the fetcher, its errors have these kinds: config (no file is there), unreachable (a file can't be
// read), and truncated (a file changed while it was read, so that it is read again from its beginning).
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	w := s.unpark(at)
	if w == nil {
		var err error
		if w, err = s.begin(ctx, s.readCursor(at)); err != nil {
			return nil, err
		}
	}
	page, err := w.page(ctx)
	if err != nil || page.Done {
		w.close()
		return page, err
	}
	s.park(ctx, w, page.Next)
	return page, nil
}

// unpark is the walk that waits at a cursor; nil if none does.
func (s *Source) unpark(at harvest.Cursor) *walk {
	s.mu.Lock()
	p := s.parked
	if p == nil || p.at != at {
		p = nil
	} else {
		s.parked = nil
	}
	s.mu.Unlock()
	if p == nil || !p.stop() { // the run has ended, and the walk is being let go of
		return nil
	}
	return p.walk
}

// park keeps a walk for the next page, in place of the one before, until its run ends.
func (s *Source) park(ctx context.Context, w *walk, at harvest.Cursor) {
	p := &parked{walk: w, at: at}
	s.mu.Lock()
	p.stop = context.AfterFunc(ctx, func() { s.letGo(p) })
	had := s.parked
	s.parked = p
	s.mu.Unlock()
	if had != nil && had.stop() {
		had.walk.close()
	}
}

// letGo closes a walk whose run has ended.
func (s *Source) letGo(p *parked) {
	s.mu.Lock()
	if s.parked == p {
		s.parked = nil
	}
	s.mu.Unlock()
	p.walk.close()
}

// nothing is the error of a place without files.
func (s *Source) nothing() error {
	var shown []string
	for _, from := range s.config.From {
		shown = append(shown, harvest.Shown(from))
	}
	return &harvest.Error{Kind: harvest.Config, Detail: "no file matches " + strings.Join(shown, " or ") + "; nothing was deleted because of that"}
}
