package listing

import (
	"context"
	"errors"
	"net/url"
	"strings"

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

// accessTo is what a site is asked with. The secrets of the listing's site are for nobody else.
func (s *Source) accessTo(u *url.URL) harvest.Access {
	own := parseURL(pageURL(s.config.From[0], 0))
	if own == nil || u == nil || !strings.EqualFold(own.Host, u.Host) || own.Scheme == "https" && u.Scheme != "https" {
		return harvest.Access{}
	}
	return s.config.Access
}
