package resourcesync

import (
	"context"
	"errors"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// ask asks for a document.
func (s *Source) ask(ctx context.Context, address string) (*document, error) {
	res, err := s.get(ctx, address, "application/xml, text/xml;q=0.9, */*;q=0.5", maxList)
	if err != nil {
		return nil, err
	}
	doc, err := parse(res.Body)
	if err == nil {
		return doc, nil
	}
	e := &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(res.URL), Status: res.Status, Detail: err.Error()}
	var broken *xmlscan.SyntaxError
	switch {
	case len(res.Body) == 0 || errors.As(err, &broken) && broken.Truncated:
		e.Kind = harvest.Truncated
	case harvest.LooksLikeHTML(res.Body):
		e.Kind, e.Detail = harvest.HTML, "a web page instead of a list"
	case broken != nil:
		e.Kind = harvest.Malformed
	}
	return nil, e
}

// get asks for something at a host that may be asked.
func (s *Source) get(ctx context.Context, address, accept string, limit int64) (*harvest.Response, error) {
	if err := s.config.allowed(address); err != nil {
		return nil, &harvest.Error{Kind: harvest.Config, URL: harvest.Shown(address), Detail: err.Error()}
	}
	return s.fetcher.Fetch(ctx, harvest.Request{URL: address, Accept: accept, Access: s.config.access(address), MaxBody: limit})
}

// isFinal reports whether asking again makes no sense as long as the server is what it is: a thing is gone, or can't be had.
func isFinal(err error) bool {
	switch harvest.KindOf(err) {
	case harvest.HTTP4xx, harvest.Forbidden, harvest.NotPublic:
		return true
	}
	return false
}
