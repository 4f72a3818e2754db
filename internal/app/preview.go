package app

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Previewed item is one that a harvest would bring.
type Previewed struct {
	Key        string `json:"key"`        // the source's own
	Identifier string `json:"identifier"` // the one that it would get; empty without a namespace
	Deleted    bool   `json:"deleted,omitempty"`
	Rejected   string `json:"rejected,omitempty"` // why it would go to quarantine
	// Record is what the mapping makes of the item, with its notes; nil if it is deleted or rejected.
	Record *dublincore.Record `json:"record,omitempty"`
	// Sets are those made by rules that it would be in.
	Sets []string `json:"sets,omitempty"`
}

// A Preview is what came of looking at the beginning of a source.
type Preview struct {
	Items    int // looked at
	Rejected int
	Total    int      // the source's own estimate of a full pass; 0 if it gives none
	More     bool     // there was more to look at
	Warnings []string // of the pages that were read
}

// PreviewSource fetches and maps the first items of a source, up to limit, as a full harvest would, and
// calls f for each. Nothing is stored, and the log is not even opened.
func PreviewSource(ctx context.Context, cfg *config.Config, name string, limit int, version string, f func(*Previewed) error) (*Preview, error) {
	s := cfg.Sources[name]
	if s == nil {
		return nil, fmt.Errorf("there is no source %q in the configuration; sheaf sources lists them", name)
	}
	m := observe.NewUpstream(prometheus.NewRegistry(), observe.Labels{})
	o := fetcherOptions(cfg, name, s, version, harvest.NewHosts(harvest.HostLimits{}), sourceTransport(s))
	src, err := buildSource(name, s, o, m)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", name, err)
	}
	r, err := OpenRules(cfg, name)
	if err != nil {
		return nil, err
	}
	p := &Preview{}
	for at := harvest.Cursor(""); ; {
		page, err := src.Harvest.Page(ctx, at)
		if err != nil {
			return p, fmt.Errorf("preview %s: %w", name, err)
		}
		p.Total = page.Total
		for _, w := range page.Warnings {
			p.Warnings = wording.AddOnce(p.Warnings, w)
		}
		for i := range page.Items {
			if p.Items == limit {
				p.More = true
				return p, nil
			}
			p.Items++
			one := previewItem(cfg.Gateway.Namespace, name, r, &page.Items[i])
			if one.Rejected != "" {
				p.Rejected++
			}
			if err := f(one); err != nil {
				return p, err
			}
		}
		if page.Done {
			return p, nil
		}
		if page.Next == at {
			return p, fmt.Errorf("preview %s: the source gave the same place again; its cursor must move on", name)
		}
		if p.Items == limit {
			p.More = true
			return p, nil
		}
		at = page.Next
	}
}

func previewItem(namespace, source string, r *rules.Rules, item *harvest.Item) *Previewed {
	one := &Previewed{Key: item.Key, Deleted: item.Deleted}
	id, err := pipeline.Mint(namespace, source, item.Key)
	if namespace != "" {
		one.Identifier = id
	}
	switch {
	case item.Rejected != nil:
		one.Rejected = item.Rejected.Reason + ": " + item.Rejected.Detail
	case err != nil:
		one.Rejected = err.Error()
	case !item.Deleted:
		if one.Record, one.Sets, err = r.Preview(id, item); err != nil {
			one.Rejected = err.Error()
		}
	}
	return one
}
