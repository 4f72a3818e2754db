package app

import (
	"context"
	"errors"

	"github.com/sheaf-gateway/sheaf/harvest"
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
	for i := range items[:min(len(items), limit)] {
		out = append(out, explainItem(r, kind, &items[i]))
	}
	return out, true, err
}

func explainItem(r *rules.Rules, kind kinds.Kind, item *harvest.Item) *rules.Explained {
	if bad := item.Rejected; bad != nil {
		why := bad.Detail
		if bad.Reason != "" {
			why = bad.Reason + ": " + why
		}
		return &rules.Explained{Identifier: item.Identifier, Format: kind.FileFormat, Rules: r.Version(), Original: string(item.Original), Error: why}
	}
	if item.Format.Prefix == "" {
		item.Format.Prefix = r.FormatIn(item.Original).Prefix
	}
	e := r.ExplainItem("", []string{r.Source}, item)
	e.Identifier = item.Identifier
	return e
}
