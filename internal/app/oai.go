package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// oaiHandler is the OAI-PMH door on the log.
func (g *Gateway) oaiHandler(ctx context.Context) (http.Handler, error) {
	cfg := g.Config
	var keys [][]byte
	if k := cfg.OAI.Key.Value(); k != "" {
		keys = append(keys, []byte(k))
	} else {
		k, err := g.Store.Key(ctx, "resumption_token")
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
	descriptions, err := describeGateway(cfg)
	if err != nil {
		return nil, err
	}
	describe, err := describeSets(cfg)
	if err != nil {
		return nil, err
	}
	repo := &sqlite.Repository{
		Store: g.Store, Name: cfg.Gateway.Name, AdminEmails: []string{contact}, Descriptions: descriptions,
		Describe: describe, Declared: rules.DeclaredSets(cfg), Page: recordPage(g.Store.Namespace()),
	}
	metrics := observe.NewOAI(g.Registry)
	h, err := oaipmh.NewHandler(repo, oaipmh.Options{
		BaseURL: g.baseURL + "/oai", Keys: keys, PageSize: cfg.OAI.PageSize, MaxPageBytes: int(cfg.OAI.PageBytes), CacheBytes: int(cfg.OAI.Cache),
		Admit: g.limits.Turn,
		Observe: func(r *http.Request, o oaipmh.Observation) {
			metrics.Observe(&o)
			g.limits.Served(r, o.Records)
			g.harvesters.Observe(g.limits.Client(r), r, &o)
		},
	})
	if err != nil {
		return nil, err
	}
	return metrics.Handler(h), nil
}
