package app

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
)

// PreviewSource fetches and maps the first items of a source, up to limit, as a full harvest would, and
// calls f for each. Nothing is stored, and the log is not even opened.
func PreviewSource(ctx context.Context, cfg *config.Config, name string, limit int, version string, f func(*rules.Previewed) error) (*rules.Preview, error) {
	s := cfg.Sources[name]
	if s == nil {
		return nil, fmt.Errorf("there is no source %q in the configuration; sheaf sources lists them", name)
	}
	m := observe.NewUpstream(prometheus.NewRegistry(), &observe.Labels{})
	o := fetcherOptions(cfg, name, s, version, harvest.NewHosts(harvest.HostLimits{}), sourceTransport(s))
	src, err := buildSource(name, s, o, m)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", name, err)
	}
	r, err := OpenRules(cfg, name)
	if err != nil {
		return nil, err
	}
	p, err := r.PreviewPages(ctx, src.Harvest, cfg.Gateway.Namespace, limit, f)
	if err != nil {
		return p, fmt.Errorf("preview %s: %w", name, err)
	}
	return p, nil
}
