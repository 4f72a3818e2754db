package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/rules"
)

// ExplainPage maps the items of a page that somebody saved, up to limit, and says how many follow. isPage is false if the
// file holds one original instead.
func ExplainPage(ctx context.Context, r *rules.Rules, cfg *config.Config, f kinds.File, limit int) (out []*rules.Explained, more int, isPage bool, err error) {
	s := cfg.Sources[r.Source]
	kind, err := kinds.Of(s.Kind)
	if err != nil {
		return nil, 0, false, err
	}
	var items []harvest.Item
	if kind.IsPage != nil && kind.IsPage(f.Content) {
		items, err = kind.ItemsOf(ctx, r.Source, s, f)
	} else if items, err = kinds.ItemsOfCollection(f); err == nil && len(items) == 0 {
		return nil, 0, false, nil
	}
	if err == nil && len(items) == 0 {
		err = errors.New("there is no item on the page")
		if what := harvest.WhatIs(f.Content); what != "" {
			err = fmt.Errorf("there is no item on the page, which is %s", what)
		}
	}
	n := min(len(items), limit)
	return r.ExplainFetched(items[:n]), len(items) - n, true, err
}
