package control

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/audit"
)

// errNoReload is for processes that read no configuration again: a command that has the folder open, or a demonstration.
var errNoReload = errors.New("nothing is reloaded: no gateway with a configuration of its own runs on this data folder")

// serveReload has the configuration read again, and answers what has changed.
func (g *Gateway) serveReload(w http.ResponseWriter, r *http.Request) {
	if g.Reload == nil {
		refuse(w, errNoReload)
		return
	}
	changed, err := g.Reload(r.Context())
	if err != nil {
		g.note(r, audit.Entry{What: audit.Reload, More: "refused"})
		refuse(w, err)
		return
	}
	g.note(r, audit.Entry{What: audit.Reload, More: strings.Join(changed, "; ")})
	answer(w, changed)
}

// Reload has the gateway read its configuration again, and says what has changed. The error has each problem in a line of its
// own if it is not good; then the old one stays in force.
func (c *Client) Reload(ctx context.Context) (changed []string, err error) {
	return changed, c.ask(ctx, http.MethodPost, "/reload", nil, &changed)
}
