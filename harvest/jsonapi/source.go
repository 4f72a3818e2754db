package jsonapi

import (
	"context"
	"errors"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Source is a service that answers in JSON. It is safe for concurrent use.
type Source struct {
	config Config
	reading
	fetcher Fetcher
	id      string // tells one configuration from another, in cursors
}

// New makes a Source. It asks for nothing yet.
func New(c Config, fetcher Fetcher) (*Source, error) {
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if c.Since.Overlap == 0 {
		c.Since.Overlap = defaultOverlap
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	r, problems := c.read()
	var errs []error
	for _, p := range problems {
		errs = append(errs, errors.New(p.Field+": "+p.Text))
	}
	return &Source{config: c, reading: r, fetcher: fetcher, id: c.identity()}, errors.Join(errs...)
}

var (
	_ harvest.Source   = (*Source)(nil)
	_ harvest.Detourer = (*Source)(nil)
)

// Page asks for one page of the service. See [harvest.Source].
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	c := s.readCursor(at)
	a, err := s.ask(ctx, s.address(&c))
	if err != nil {
		return nil, err
	}
	if c.Pages == 0 {
		c.Began = s.began(a)
	}
	p := &harvest.Page{Full: c.Since == ""}
	for _, e := range a.items {
		item := s.item(e)
		c.Newest = later(c.Newest, s.changed(e.data))
		p.Items = append(p.Items, item)
	}
	if a.said != nil {
		p.Total = a.said.Total
	}
	if s.moved(&c, a) {
		p.Next = c.write()
		return p, nil
	}
	more, err := s.more(&c, a, p.Items)
	if c.Past > 0 {
		p.Items = nil // they came before
	}
	switch {
	case err != nil:
		return nil, err
	case more:
		p.Next = c.write()
	default:
		s.end(&c, p)
	}
	return p, nil
}

// Detour implements [harvest.Detourer]. Cursors and links are kept by servers for minutes only. If one is refused, the
// pass begins again.
func (s *Source) Detour(at harvest.Cursor, err error) harvest.Cursor {
	c := s.readCursor(at)
	if c.Next == "" || harvest.KindOf(err) != harvest.HTTP4xx {
		return at
	}
	again := s.begin(c.Since)
	return again.write()
}

// Items are the items of an answer that somebody saved.
func (s *Source) Items(body []byte) (out []harvest.Item, err error) {
	a, err := s.read(&harvest.Response{Body: body})
	if err != nil {
		return nil, err
	}
	for _, e := range a.items {
		out = append(out, s.item(e))
	}
	return out, nil
}
