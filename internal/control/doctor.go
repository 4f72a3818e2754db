package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// A Finding is what one check of the data folder found.
type Finding struct {
	Check  string `json:"check"`
	Found  string `json:"found"`            // what is so, if all is well
	Advice string `json:"advice,omitempty"` // what is wrong, and what to do; empty if nothing is
	Broken bool   `json:"broken,omitempty"` // the log can't be relied on
}

// serveDoctor checks the data folder, and answers with one finding a line.
func (g *Gateway) serveDoctor(w http.ResponseWriter, r *http.Request) {
	out := newStream(w)
	for _, check := range []func(context.Context) Finding{g.folderChecked, g.clockChecked, g.logChecked} {
		out.send(check(r.Context()))
	}
	for _, remark := range g.Log.Server(r.Context()) {
		out.send(Finding{Check: remark.Check, Found: remark.Found, Advice: remark.Advice})
	}
}

func (g *Gateway) folderChecked(context.Context) Finding {
	f := Finding{Check: "folder", Found: g.Config.Data + " is there, and the last write went well"}
	if free, ok := g.Log.DiskFree(); ok {
		f.Found += fmt.Sprintf("; %d MiB are free", free>>20)
	}
	if err := g.Log.Health(); err != nil && !errors.Is(err, store.ErrDamaged) {
		f.Advice = err.Error()
	}
	return f
}

func (g *Gateway) clockChecked(ctx context.Context) Finding {
	f := Finding{Check: "clock", Found: "it can be trusted"}
	if _, err := g.Log.Head(ctx); err != nil {
		f.Advice, f.Broken = err.Error(), true
	} else if err := g.Log.Trouble(); err != nil {
		f.Advice = err.Error()
	}
	return f
}

func (g *Gateway) logChecked(ctx context.Context) Finding {
	n, err := g.Log.Check(ctx, true)
	f := Finding{Check: "log", Found: fmt.Sprintf("it is whole: the structure of the database, and the digest of its %d records", n)}
	if err != nil {
		f.Advice, f.Broken = err.Error(), true
	}
	return f
}

// Doctor checks the data folder, and calls f for each finding.
func (c *Client) Doctor(ctx context.Context, f func(*Finding) error) error {
	return lines(ctx, c, http.MethodPost, "/doctor", nil, f)
}
