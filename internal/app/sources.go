package app

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// OpenRules reads the rules of a source, from the files as they are now.
func OpenRules(cfg *config.Config, source string) (*rules.Rules, error) {
	return draftRules(cfg, source, nil)
}

// draftRules is OpenRules with a draft of a mapping in the place of the source's, if there is one.
func draftRules(cfg *config.Config, source string, draft []byte) (*rules.Rules, error) {
	sets, err := rules.CompileSets(cfg)
	if err != nil {
		return nil, err
	}
	return openRules(cfg, source, rules.Options{Sets: sets, Draft: draft})
}

// openRules reads the rules of a source; the options need nothing that its kind says.
func openRules(cfg *config.Config, source string, o rules.Options) (*rules.Rules, error) {
	if s := cfg.Sources[source]; s != nil {
		kind, err := kinds.Of(s.Kind)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", source, err)
		}
		o.FileFormat = kind.FileFormat
		if kind.Canonical != nil {
			if o.Canonical, err = kind.Canonical(s); err != nil {
				return nil, fmt.Errorf("source %s: %w", source, err)
			}
		}
	}
	r, err := rules.Open(cfg, source, o)
	if err != nil && cfg.Sources[source] != nil {
		err = fmt.Errorf("source %s: %w", source, err)
	}
	return r, err
}

// ConfigOptions are what this program knows and a configuration may name.
func ConfigOptions() config.Options {
	o := config.Options{Kinds: kinds.Configurable(), Mappings: rules.MappingNames(), Condition: rules.CheckCondition, Doubt: crosswalk.DoubtContext}
	for _, t := range dublincore.Terms() {
		o.Terms = append(o.Terms, t.String())
	}
	return o
}

// Check tries everything of a configuration that can be tried without touching data, addresses or
// sources: whether the mappings compile, the selectors are selectors and the templates are templates.
func Check(cfg *config.Config) error {
	if _, err := newSourcing(observe.NewUpstream(prometheus.NewRegistry(), &observe.Labels{})).build(cfg, nil); err != nil {
		return err
	}
	if _, err := rules.DescribedSets(cfg); err != nil {
		return ConfigError{err}
	}
	_, err := readLook(cfg)
	return err
}

// connectTime bounds how long a connection to a source may take to come about.
const connectTime = 30 * time.Second

// A source is a configured one, with the rules that it began with.
type source struct {
	*pipeline.Source
	rules *rules.Rules
	job   *pipeline.Job // nil if it sends by itself
}

// A sourcing makes the configured sources. Requests to one host are polite together, whatever sources they are for.
type sourcing struct {
	version  string
	upstream *observe.Upstream
	formats  *formats.Table // nil for those of this release
	hosts    *harvest.Hosts
}

func newSourcing(m *observe.Upstream) *sourcing {
	return &sourcing{upstream: m, hosts: harvest.NewHosts(harvest.HostLimits{})}
}

// build makes every configured source, in order of their names. Those that are as they were before (nil if there was nothing
// before) are the same ones.
func (s *sourcing) build(cfg *config.Config, before *Core) (out []source, err error) {
	sets, err := rules.CompileSets(cfg)
	if err != nil {
		return nil, ConfigError{err}
	}
	var errs []error
	for name, c := range cfg.Sources {
		r, err := openRules(cfg, name, rules.Options{Sets: sets, Formats: s.formats})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		one, same := before.alike(cfg, name, r)
		if !same {
			src, err := buildSource(name, c, fetcherOptions(cfg, name, c, s.version, s.hosts, s.upstream.Transport(name, sourceTransport(c))), s.upstream)
			if err != nil {
				errs = append(errs, fmt.Errorf("source %s: %w", name, err))
				continue
			}
			src.Mapper = r
			one = source{Source: src, rules: r}
		}
		if !same || !before.timedAlike(cfg, name) {
			one.job = job(cfg, one.Source)
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b source) int { return strings.Compare(a.Name, b.Name) })
	if len(errs) > 0 {
		return nil, ConfigError{errors.Join(errs...)}
	}
	return out, nil
}

// A ConfigError is what is wrong with a configuration and shows only when it is put to use: a line for
// each source.
type ConfigError struct{ error }

// Unwrap gives the cause.
func (e ConfigError) Unwrap() error { return e.error }

// alike gives the source of this name, if it would be the same by another configuration, with these rules.
func (c *Core) alike(cfg *config.Config, name string, r *rules.Rules) (source, bool) {
	if c == nil || cfg.Gateway.Contact != c.Config.Gateway.Contact || c.Config.Sources[name] == nil {
		return source{}, false
	}
	was, err := c.source(name)
	if err != nil || was.rules.Version() != r.Version() {
		return source{}, false
	}
	return was, reflect.DeepEqual(asked(c.Config.Sources[name]), asked(cfg.Sources[name]))
}

// asked is a source without the keys that change nothing of how it is asked, and what is made of the answers.
func asked(s *config.Source) *config.Source {
	out := *s
	out.Every, out.At, out.Window, out.Title, out.Description, out.Group, out.Events = 0, nil, nil, "", "", "", ""
	return &out
}

// timedAlike says whether a source is due by another configuration as it was.
func (c *Core) timedAlike(cfg *config.Config, name string) bool {
	a, b := c.Config.Sources[name], cfg.Sources[name]
	return a.Every == b.Every && reflect.DeepEqual(a.At, b.At) && reflect.DeepEqual(a.Window, b.Window) && cfg.Gateway.Zone.String() == c.Config.Gateway.Zone.String()
}

// pause gives each host the longest pause that one of its sources asks for, where that was another one before.
func (s *sourcing) pause(before, cfg *config.Config) {
	had, pauses := pauses(before), pauses(cfg)
	for host, pause := range pauses {
		if had[host] != pause {
			s.hosts.Limit(host, harvest.HostLimits{Delay: pause})
		}
	}
	for host := range had {
		if pauses[host] == 0 {
			s.hosts.Limit(host, harvest.HostLimits{})
		}
	}
}

// pauses are the longest pauses that sources ask for, by host.
func pauses(cfg *config.Config) map[string]time.Duration {
	pauses := map[string]time.Duration{}
	for _, s := range cfg.Sources {
		for _, from := range s.From {
			if u, err := url.Parse(from); err == nil && u.Host != "" && s.HTTP.Pause > 0 {
				pauses[u.Host] = max(pauses[u.Host], s.HTTP.Pause)
			}
		}
	}
	return pauses
}

// sourceTransport is a transport of the source's own: another source's connections may lead where this one
// must not go.
func sourceTransport(s *config.Source) http.RoundTripper {
	return harvest.NewTransport(connectTime, harvest.Reach{From: s.From, Networks: s.HTTP.PrivateNetworks})
}

func fetcherOptions(cfg *config.Config, name string, s *config.Source, version string, hosts *harvest.Hosts, t http.RoundTripper) harvest.Options {
	return harvest.Options{
		UserAgent: "Sheaf/" + version, Contact: cfg.Gateway.Contact, Transport: t, Hosts: hosts, Answer: s.HTTP.Timeout, MaxBody: int64(s.HTTP.MaxSize),
	}
}

func buildSource(name string, s *config.Source, o harvest.Options, m *observe.Upstream) (*pipeline.Source, error) {
	kind, err := kinds.Of(s.Kind)
	if err != nil {
		return nil, err
	}
	src, err := kind.Build(name, s, harvest.NewFetcher(o))
	if err != nil {
		return nil, err
	}
	out := &pipeline.Source{
		Name: name, Minted: s.Minted(name), Harvest: kinds.Discreet(s, m.Watch(name, src)), Host: hostOf(s), BaseURL: repositoryURL(s), Guards: guardsOf(s),
		Deadline: s.Deadline, StuckAfter: s.StuckAfter, Pushed: kind.Sends,
	}
	if kind.FullEvery != nil {
		out.FullEvery = kind.FullEvery(s)
	}
	if kind.ReconcileEvery != nil {
		out.ReconcileEvery = kind.ReconcileEvery(s)
	}
	return out, nil
}

// guardsOf says what of a source needs a person's word.
func guardsOf(s *config.Source) pipeline.Guards {
	g := pipeline.Guards{Deleted: threshold(s.Hold.Deleted, &pipeline.DefaultThreshold), Changed: threshold(s.Hold.Changed, nil)}
	if s.Absent != nil {
		g.AbsentAfter, g.Absent = s.Absent.DeleteAfter, threshold(s.Absent.AskAbove, g.Deleted)
	}
	return g
}

func threshold(t *config.Threshold, otherwise *pipeline.Threshold) *pipeline.Threshold {
	switch {
	case t == nil:
		return otherwise
	case t.Never:
		return nil
	}
	return &pipeline.Threshold{Share: t.Percent / 100, Count: t.Count}
}

// hostOf is the host that a source is asked at; empty if it is read from files, or sends by itself.
func hostOf(s *config.Source) string {
	if len(s.From) == 0 {
		return ""
	}
	u, err := url.Parse(s.From[0])
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// repositoryURLs are the base URLs of the sources that have one, in the order of their names.
func repositoryURLs(cfg *config.Config) (out []string) {
	for _, name := range cfg.Names() {
		out = append(out, repositoryURL(cfg.Sources[name]))
	}
	return out
}

// repositoryURL is the base URL of a source's repository as the world may see it; empty if its kind has none.
func repositoryURL(s *config.Source) string {
	kind, err := kinds.Of(s.Kind)
	if err != nil || kind.BaseURL == nil {
		return ""
	}
	return kind.BaseURL(s)
}
