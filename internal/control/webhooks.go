package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
)

// MaxLetters is how many records a command about letters of a webhook may name.
const MaxLetters = 1000

// standings are how the webhooks stand; empty if there are none.
func (g *Gateway) standings(ctx context.Context) ([]webhook.Standing, error) {
	if g.Webhooks == nil {
		return nil, nil
	}
	h, err := g.Webhooks(ctx)
	if err != nil || h == nil {
		return nil, err
	}
	return h.Standings(ctx)
}

func (g *Gateway) serveWebhooks(w http.ResponseWriter, r *http.Request) {
	all, err := g.standings(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, all)
}

// ofWebhook answers a command about one webhook.
func (g *Gateway) ofWebhook(f func(r *http.Request, h *webhook.Hooks, name string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			refuse(w, err)
			return
		}
		name := r.FormValue("name")
		h, err := g.Webhooks(r.Context())
		var out any
		switch {
		case err != nil:
		case h == nil:
			err = fmt.Errorf("%s: %w", name, webhook.ErrUnknown)
		default:
			out, err = f(r, h, name)
		}
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, out)
	}
}

func (g *Gateway) letters(r *http.Request, h *webhook.Hooks, name string) (any, error) {
	return h.Letters(r.Context(), name)
}

func (g *Gateway) replay(r *http.Request, h *webhook.Hooks, name string) (any, error) {
	n, err := h.Replay(r.Context(), name, r.Form["id"])
	if err == nil {
		g.note(r, audit.Entry{What: audit.Retry, More: fmt.Sprintf("%d letters of the webhook %s", n, name)})
	}
	return n, err
}

func (g *Gateway) dropLetters(r *http.Request, h *webhook.Hooks, name string) (any, error) {
	n, err := h.Drop(r.Context(), name, r.Form["id"])
	if err == nil {
		g.note(r, audit.Entry{What: audit.Drop, More: fmt.Sprintf("%d letters of the webhook %s", n, name)})
	}
	return n, err
}

func (g *Gateway) testWebhook(r *http.Request, h *webhook.Hooks, name string) (any, error) {
	return h.Test(r.Context(), name)
}

// Webhooks says how the webhooks stand.
func (c *Client) Webhooks(ctx context.Context) (all []webhook.Standing, err error) {
	return all, c.get(ctx, "/webhooks", nil, &all)
}

// Letters are up to 1,000 changes that a webhook is still to deliver, the dead first.
func (c *Client) Letters(ctx context.Context, name string) (all []webhook.Letter, err error) {
	return all, c.get(ctx, "/webhooks/letters", url.Values{"name": {name}}, &all)
}

// Replay has letters of a webhook tried again: those of these records, or all that are dead. It says how many they are.
func (c *Client) Replay(ctx context.Context, name string, ids []string) (n int64, err error) {
	return n, c.ask(ctx, http.MethodPost, "/webhooks/replay", url.Values{"name": {name}, "id": ids}, &n)
}

// DropLetters gives up letters of a webhook: those of these records, or all that are dead. Of one that is not configured any
// more everything is forgotten if no record is named.
func (c *Client) DropLetters(ctx context.Context, name string, ids []string) (n int64, err error) {
	return n, c.ask(ctx, http.MethodPost, "/webhooks/drop", url.Values{"name": {name}, "id": ids}, &n)
}

// TestWebhook sends a ping, and says how long the answer took. The error says what was wrong with it.
func (c *Client) TestWebhook(ctx context.Context, name string) (took time.Duration, err error) {
	return took, c.ask(ctx, http.MethodPost, "/webhooks/test", url.Values{"name": {name}}, &took)
}
