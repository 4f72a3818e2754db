package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A sourceKind makes a source of its configuration.
type sourceKind struct {
	name  string
	build func(name string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error)
}

// kinds is the table of source kinds: a new one is a package below harvest and a row here.
var kinds = []sourceKind{
	{"oai", buildOAI},
	{"listing", buildListing},
}

// ruleOptions are what the rules of a source need to know of its kind.
func ruleOptions(kind string) rules.Options {
	switch kind {
	case "listing":
		return rules.Options{Canonical: listing.Canonical, FileFormat: "listing"}
	case "marc":
		return rules.Options{FileFormat: "marc21"}
	}
	return rules.Options{}
}

// OpenRules reads the rules of a source, from the files as they are now.
func OpenRules(cfg *config.Config, source string) (*rules.Rules, error) {
	sets, err := rules.CompileSets(cfg)
	if err != nil {
		return nil, err
	}
	return openRules(cfg, source, sets, nil)
}

func openRules(cfg *config.Config, source string, sets []rules.Set, table *formats.Table) (*rules.Rules, error) {
	o := rules.Options{}
	if s := cfg.Sources[source]; s != nil {
		o = ruleOptions(s.Kind)
	}
	o.Sets, o.Formats = sets, table
	r, err := rules.Open(cfg, source, o)
	if err != nil && cfg.Sources[source] != nil {
		err = fmt.Errorf("source %s: %w", source, err)
	}
	return r, err
}

// ConfigOptions are what this program knows and a configuration may name.
func ConfigOptions() config.Options {
	o := config.Options{Mappings: rules.MappingNames(), Condition: rules.CheckCondition}
	for _, k := range kinds {
		o.Kinds = append(o.Kinds, k.name)
	}
	for _, t := range dublincore.Terms() {
		o.Terms = append(o.Terms, t.String())
	}
	return o
}

// Check tries everything of a configuration that can be tried without touching data, addresses or
// sources: whether the mappings compile and the selectors are selectors.
func Check(cfg *config.Config) error {
	if _, err := buildSources(cfg, "", observe.NewUpstream(prometheus.NewRegistry(), observe.Labels{}), nil); err != nil {
		return err
	}
	for name, s := range cfg.Sets {
		if _, err := rules.AboutSet(s); err != nil {
			return ConfigError{fmt.Errorf("sets.%s.description: %w", name, err)}
		}
	}
	return nil
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
		r, err := openRules(cfg, name, sets, table)
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
		UserAgent: "Sheaf/" + version, Contact: cfg.Gateway.Contact, Transport: t, Hosts: hosts, Answer: s.HTTP.Timeout,
	}
}

func buildSource(name string, s *config.Source, o harvest.Options, m *observe.Upstream) (*pipeline.Source, error) {
	i := slices.IndexFunc(kinds, func(k sourceKind) bool { return k.name == s.Kind })
	if i < 0 {
		return nil, fmt.Errorf("kind %s is not in this release", s.Kind)
	}
	src, err := kinds[i].build(name, s, harvest.NewFetcher(o))
	if err != nil {
		return nil, err
	}
	return &pipeline.Source{Name: name, Harvest: &discreetSource{m.Watch(name, src), secretsOf(s)}, Host: hostOf(s), BaseURL: repositoryURL(s), FullEvery: s.FullEvery}, nil
}

// hostOf is the host that a source is asked at; empty if it is read from files.
func hostOf(s *config.Source) string {
	u, err := url.Parse(s.From[0])
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// repositoryURL is the base URL of an OAI-PMH source as the world may see it: a query or a user in it
// may be a secret. Empty for other kinds.
func repositoryURL(s *config.Source) string {
	if s.Kind != "oai" {
		return ""
	}
	if address := strings.TrimSpace(s.From[0]); strings.Contains(address, "://") {
		return harvest.Shown(address)
	}
	return ""
}

// access is how the source is asked.
func access(s *config.Source) harvest.Access {
	a := harvest.Access{Header: http.Header{}, Username: s.HTTP.User, Password: s.HTTP.Password.Value(), Token: s.HTTP.Token.Value()}
	for k, v := range s.HTTP.Headers {
		a.Header.Set(k, v)
	}
	return a
}

func buildOAI(_ string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return oai.New(oai.Config{
		BaseURL: s.From[0], Formats: s.Formats, Sets: s.Sets, Granularity: s.Granularity, Overlap: s.Overlap,
		POST: s.Post, Domain: s.Domain, Access: access(s),
	}, f)
}

func buildListing(name string, s *config.Source, f *harvest.Fetcher) (harvest.Source, error) {
	return listing.New(listing.Config{
		From: s.From, Canonical: cmp.Or(s.Canonical, name), Access: access(s),
		Pages:  listing.Pages{First: s.Pages.First, Step: s.Pages.Step, Max: s.Pages.Max},
		Select: listing.Select(s.Select),
	}, f)
}
