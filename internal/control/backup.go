package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/audit"
)

func (g *Gateway) serveBackup(w http.ResponseWriter, r *http.Request) {
	if err := g.Log.Backup(r.Context(), r.FormValue("file")); err != nil {
		refuse(w, err)
		return
	}
	if err := g.BackedUp(r.Context()); err != nil {
		g.Logger.Warn("sheaf_backup_last_success_timestamp_seconds is out of date", "err", err)
	}
	g.note(r, audit.Entry{What: audit.Backup, File: r.FormValue("file")})
	answer(w, struct{}{})
}

// Backup writes a copy of the log to a file on the gateway's machine.
func (c *Client) Backup(ctx context.Context, file string) error {
	body, err := c.do(ctx, http.MethodPost, "/backup", url.Values{"file": {file}})
	if err != nil {
		return err
	}
	return body.Close()
}
