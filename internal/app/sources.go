package app

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	if _, err := buildSources(cfg, "", observe.NewUpstream(prometheus.NewRegistry(), observe.Labels{}), nil); err != nil {
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

// A source is a configured one, with the rules that the gateway starts with.
type source struct {
	*pipeline.Source
	rules *rules.Rules
}

// buildSources makes every configured source, in order of their names. Requests to one host are
// polite together, whatever sources they are for.
func buildSources(cfg *config.Config, version string, m *observe.Upstream, table *formats.Table) (out []source, err error) {
	hosts := politeHosts(cfg)
	sets, err := rules.CompileSets(cfg)
	if err != nil {
		return nil, ConfigError{err}
	}
	var errs []error
	for name, s := range cfg.Sources {
		src, err := buildSource(name, s, fetcherOptions(cfg, name, s, version, hosts, m.Transport(name, sourceTransport(s))), m)
		if err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", name, err))
			continue
		}
		r, err := openRules(cfg, name, rules.Options{Sets: sets, Formats: table})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		src.Mapper = r
		out = append(out, source{src, r})
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

// politeHosts gives each host the longest pause that one of its sources asks for.
func politeHosts(cfg *config.Config) *harvest.Hosts {
	pauses := map[string]time.Duration{}
	for _, s := range cfg.Sources {
		for _, from := range s.From {
			if u, err := url.Parse(from); err == nil && u.Host != "" && s.HTTP.Pause > 0 {
				pauses[u.Host] = max(pauses[u.Host], s.HTTP.Pause)
			}
		}
	}
	hosts := harvest.NewHosts(harvest.HostLimits{})
	for host, pause := range pauses {
		hosts.Limit(host, harvest.HostLimits{Delay: pause})
	}
	return hosts
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
