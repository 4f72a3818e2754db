package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/limit"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/selfprobe"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// An oaiDoor answers OAI-PMH from the log. repository is what it serves, and keeper has the pages that are kept.
type oaiDoor struct {
	http.Handler
	repository *endpoint.Repository
	keeper     *oaipmh.Handler
}

// openOAI makes a door, with the pages that another one has kept, if after is not nil.
func openOAI(ctx context.Context, c *Core, limits *limit.Limiter, metrics *observe.OAI, after *oaipmh.Handler) (*oaiDoor, error) {
	cfg := c.Config
	var keys [][]byte
	if k := cfg.OAI.Key.Value(); k != "" {
		keys = append(keys, []byte(k))
	} else {
		k, err := c.Store.Key(ctx, "resumption_token")
		if err != nil {
			return nil, fmt.Errorf("read the key of resumption tokens: %w", err)
		}
		keys = append(keys, k)
	}
	for _, old := range cfg.OAI.OldKeys {
		keys = append(keys, []byte(old.Value()))
	}
	contact := cfg.Gateway.Contact
	if contact == "" {
		contact = "nobody@invalid.invalid" // the protocol demands one; sheaf config check warns
	}
	descriptions, err := endpoint.DescribeGateway(cfg, repositoryURLs(cfg))
	if err != nil {
		return nil, err
	}
	sets, err := rules.DescribedSets(cfg)
	if err != nil {
		return nil, ConfigError{err}
	}
	made := map[string]endpoint.DescribedSet{}
	for spec, set := range sets {
		made[spec] = endpoint.DescribedSet(set)
	}
	repo := &endpoint.Repository{
		Log: c.Store, Writers: c.formats, Name: cfg.Gateway.Name, AdminEmails: []string{contact}, Descriptions: descriptions,
		Describe: endpoint.DescribeSets(cfg, made), Declared: rules.DeclaredSets(cfg), Page: endpoint.RecordPage(c.Store.Namespace()),
	}
	requests := &observe.RequestLog{Logger: c.logger, All: cfg.Log.Requests}
	h, err := oaipmh.NewHandler(repo, oaipmh.Options{
		BaseURL: c.baseURL + "/oai", Home: c.baseURL + "/", SetPage: func(spec string) string { return c.baseURL + site.SetPath(spec) }, Keys: keys, PageSize: cfg.OAI.PageSize, MaxPageBytes: int(cfg.OAI.PageBytes), CacheBytes: int(cfg.OAI.Cache), After: after,
		Admit: limits.Turn,
		Observe: func(r *http.Request, o oaipmh.Observation) {
			if selfprobe.Is(r) {
				return
			}
			metrics.Observe(&o)
			requests.Observe(limits.Client(r), r, &o)
			limits.Served(r, o.Records)
			if c.traces != nil {
				c.traces.Answered(observe.RequestOf(r), &o)
			}
			c.harvesters.Observe(limits.Client(r), r, &o)
		},
	})
	if err != nil {
		return nil, err
	}
	return &oaiDoor{requests.Handler(metrics.Handler(h)), repo, h}, nil
}
