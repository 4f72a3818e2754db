package control

import (
	"context"
	"net/http"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Info says which gateway answers, and how it stands.
type Info struct {
	Version   string        `json:"version"`
	Name      string        `json:"name"`
	URL       string        `json:"url"` // the public root, without a slash at the end
	Namespace string        `json:"namespace"`
	Head      pipeline.Head `json:"head"`
	Trouble   string        `json:"trouble,omitempty"` // why commits are paused
	Store     string        `json:"store,omitempty"`   // what is wrong with the log and its disk
	// Certificates says which of the gateway's own certificates clients refuse, or soon will, and what to do.
	Certificates string      `json:"certificates,omitempty"`
	Free         uint64      `json:"free,omitempty"`    // bytes that can still be written beside the log; 0 if the system does not say
	Refused      *Refusal    `json:"refused,omitempty"` // the configuration in the files; nil if it is in force
	Events       *EventsInfo `json:"events,omitempty"`  // nil where nothing is published

	Webhooks []webhook.Standing `json:"webhooks,omitempty"`
	Gateways []store.Peer       `json:"gateways,omitempty"` // that have the log open
}

// A Refusal says that the configuration was read again and is no good, so that the gateway goes on with the one before.
type Refusal struct {
	At  time.Time `json:"at"`
	Why string    `json:"why"` // each problem in a line of its own
}

func (g *Gateway) serveInfo(w http.ResponseWriter, r *http.Request) {
	head, err := g.Log.Head(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	info := Info{Version: g.Version, Name: g.Config.Gateway.Name, URL: g.URL, Namespace: g.Log.Namespace(), Head: head}
	if err := g.Log.Trouble(); err != nil {
		info.Trouble = err.Error()
	}
	if err := g.Log.Health(); err != nil {
		info.Store = err.Error()
	}
	if free, ok := g.Log.DiskFree(); ok {
		info.Free = uint64(free)
	}
	if g.Certificates != nil {
		info.Certificates = g.Certificates()
	}
	if g.Refusal != nil {
		if at, why := g.Refusal(); !at.IsZero() {
			info.Refused = &Refusal{At: at.UTC(), Why: why}
		}
	}
	if g.Events != nil {
		info.Events = g.Events()
	}
	if info.Webhooks, err = g.standings(r.Context()); err != nil {
		refuse(w, err)
		return
	}
	if info.Gateways, err = g.Log.Peers(r.Context()); err != nil {
		refuse(w, err)
		return
	}
	answer(w, info)
}

// Info says which gateway answers, and how it stands.
func (c *Client) Info(ctx context.Context) (i Info, err error) {
	return i, c.get(ctx, "/info", nil, &i)
}
