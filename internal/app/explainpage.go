package app

import (
	"context"
	"errors"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/rules"
)

// ExplainPage maps the items of a page that somebody saved, up to limit. isPage is false if the file holds one original
// instead.
func ExplainPage(ctx context.Context, r *rules.Rules, cfg *config.Config, f kinds.File, limit int) (out []*rules.Explained, isPage bool, err error) {
	s := cfg.Sources[r.Source]
	kind, err := kinds.Of(s.Kind)
	if err != nil || kind.IsPage == nil || !kind.IsPage(f.Content) {
		return nil, false, err
	}
	items, err := kind.ItemsOf(ctx, r.Source, s, f)
	if err == nil && len(items) == 0 {
		err = errors.New("there is no item on the page")
	}
	return r.ExplainFetched(items[:min(len(items), limit)]), true, err
}
