package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/internal/audit"
)

func (g *Gateway) serveBackup(w http.ResponseWriter, r *http.Request) {
	where, err := g.backUp(r.Context(), r.FormValue("file"))
	if where != "" { // also if an old copy could not be removed
		g.note(r, audit.Entry{What: audit.Backup, File: where})
	}
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, backedUp{where})
}

// backUp copies the log to a file of the gateway's machine; if none is named, to where the configuration keeps copies.
func (g *Gateway) backUp(ctx context.Context, file string) (where string, err error) {
	switch {
	case file == "" && g.Kept == nil:
		return "", errors.New("the configuration does not say where backups are kept (backup: {to: DIR}, or s3); name a file")
	case file == "":
		return g.Kept.Once(ctx)
	}
	if err := g.Log.Backup(ctx, file); err != nil {
		return "", err
	}
	if err := g.BackedUp(ctx); err != nil {
		g.Logger.Warn("sheaf_backup_last_success_timestamp_seconds is out of date", "err", err)
	}
	return file, nil
}

// backedUp is the answer to a backup.
type backedUp struct {
	Where string `json:"where"`
}

// Backup writes a copy of the log to a file on the gateway's machine.
func (c *Client) Backup(ctx context.Context, file string) error {
	return c.ask(ctx, http.MethodPost, "/backup", url.Values{"file": {file}}, &backedUp{})
}

// KeepBackup writes a copy of the log to where the configuration keeps copies, and says where that is.
func (c *Client) KeepBackup(ctx context.Context) (where string, err error) {
	var done backedUp
	err = c.ask(ctx, http.MethodPost, "/backup", nil, &done)
	return done.Where, err
}
