package listing

import (
	"context"
	"errors"
	"net/url"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
)

// fetch asks the web for a page, if the site allows it.
func (s *Source) fetch(ctx context.Context, address string) (*harvest.Response, error) {
	if err := s.allowed(ctx, address); err != nil {
		return nil, err
	}
	return s.fetcher.Fetch(ctx, harvest.Request{
		URL: address, Accept: "text/html, text/plain;q=0.9, */*;q=0.1", Access: s.config.Access, MaxBody: s.config.MaxBytes,
	})
}

// allowed returns nil if the site's robots.txt lets programs fetch the page, or does not count.
func (s *Source) allowed(ctx context.Context, address string) error {
	u := parseURL(address)
	if s.gate == nil || u == nil {
		return nil
	}
	err := s.gate.Check(ctx, u)
	var forbidden *harvest.Error
	if robots.IsForbidden(err) && errors.As(err, &forbidden) {
		said := *forbidden
		said.Detail += "; ask those who run it, and if they allow it set robots: ignore"
		return &said
	}
	return err
}

// accessTo is what a site is asked with for its robots.txt.
func (s *Source) accessTo(*url.URL) harvest.Access { return s.config.Access }
