package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// hooks are the webhooks of a Core: those of its gateway, or, if a command has opened it, those that the command asks for.
type hooks struct {
	doors bool // a gateway opens them
	mu    sync.Mutex
	all   *webhook.Hooks
	shown prometheus.Collector // of them
}

// open opens the webhooks.
func (h *hooks) open(ctx context.Context, c *Core, baseURL string) (_ *webhook.Hooks, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all != nil {
		return h.all, nil
	}
	if h.all, err = openWebhooks(ctx, c, baseURL); h.all != nil {
		h.shown = c.ofAll(&observe.Webhooks{Hooks: h.all, Logger: c.logger})
		c.Registry.MustRegister(h.shown)
	}
	return h.all, err
}

// close closes the webhooks, if they are open. They must not be at work.
func (h *hooks) close(r *prometheus.Registry) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		return nil
	}
	r.Unregister(h.shown)
	err := h.all.Close()
	h.all = nil
	return err
}

// removed returns when no webhook sends anything of a record that a person has removed.
func (h *hooks) removed(_ context.Context, s *pipeline.Suppression) error {
	if all := h.opened(); all != nil {
		all.Removed(s.Identifier)
	}
	return nil
}

// get gives the webhooks to a command; nil if there are none, or the gateway has not opened them yet.
func (h *hooks) get(ctx context.Context, c *Core) (*webhook.Hooks, error) {
	if !h.doors {
		return h.open(ctx, c, c.Config.Gateway.URL)
	}
	return h.opened(), nil
}

// opened are the webhooks if they are open, else nil.
func (h *hooks) opened() *webhook.Hooks {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all
}

// openWebhooks makes the webhooks ready; nil if there are none, and never were (as far as a file tells). What is kept of one that
// was taken out of the configuration can be looked at.
func openWebhooks(ctx context.Context, c *Core, baseURL string) (*webhook.Hooks, error) {
	file, shared := filepath.Join(c.Config.Data, "webhooks.db"), c.Store.Tables()
	if _, err := os.Stat(file); shared == nil && len(c.Config.Webhooks) == 0 && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	o := webhook.Options{File: file, Tables: shared, Log: c.Store, URL: baseURL, Pointer: c.pointsTo, Version: c.version, Logger: c.logger}
	var err error
	if o.Subscriptions, err = subscriptions(c.Config); err != nil {
		return nil, err
	}
	return webhook.Open(ctx, o)
}

// subscriptions are the webhooks of a configuration.
func subscriptions(cfg *config.Config) (out []webhook.Subscription, err error) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Webhooks)) {
		sub, err := subscription(name, cfg.Webhooks[name])
		if err != nil {
			return nil, err
		}
		out = append(out, sub)
	}
	return out, nil
}

// subscription is a webhook of the configuration.
func subscription(name string, w *config.Webhook) (webhook.Subscription, error) {
	secrets, err := w.Secrets()
	if err != nil {
		return webhook.Subscription{}, ConfigError{fmt.Errorf("webhooks.%s: the secret %w", name, err)}
	}
	return webhook.Subscription{
		Name: name, URL: w.URL, Secrets: secrets, Sources: w.Sources, Set: w.Set, Operations: w.Operations, FromBeginning: w.From == "beginning",
		Private: w.AllowPrivate, Timeout: w.Timeout, Parallel: w.Parallel, Retries: w.Retries,
	}, nil
}
