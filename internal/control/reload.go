package control

import (
	"context"
	"errors"
	"net/http"

	"github.com/sheaf-gateway/sheaf/internal/audit"
)

// errNoReload is for processes that read no configuration again: a command that has the folder open, or a demonstration.
var errNoReload = errors.New("nothing is reloaded: no gateway with a configuration of its own runs on this data folder")

// serveReload has the configuration read again. The answer says whether it is good; what is good is in force soon after, when
// the gateway has stopped and started in its process.
func (g *Gateway) serveReload(w http.ResponseWriter, r *http.Request) {
	if g.Reload == nil {
		refuse(w, errNoReload)
		return
	}
	if err := g.Reload(); err != nil {
		g.note(r, audit.Entry{What: audit.Reload, More: "refused"})
		refuse(w, err)
		return
	}
	g.note(r, audit.Entry{What: audit.Reload})
	answer(w, struct{}{})
}

// Reload has the gateway read its configuration again. The error has each problem in a line of its own if it is not good; then
// the old one stays in force.
func (c *Client) Reload(ctx context.Context) error {
	return c.ask(ctx, http.MethodPost, "/reload", nil, &struct{}{})
}
