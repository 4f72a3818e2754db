package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type backupCmd struct {
	File string `arg:"" help:"A new file for the copy."`
}

func (backupCmd) Help() string {
	return "Writes a consistent copy of the log to a file, also while the gateway runs and harvests. Take it off the machine: it holds everything that the records need, but not the configuration."
}

func (backupCmd) Examples() []string { return []string{"sheaf backup /backup/sheaf-monday.db"} }

func (c *backupCmd) Run(e *env) error {
	file, err := filepath.Abs(c.File) // a running gateway writes the file, and has another working folder
	if err != nil {
		return fmt.Errorf("back up to %s: %w", c.File, err)
	}
	if err := e.with(func(ctx context.Context, client *control.Client) error { return client.Backup(ctx, file) }); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("back up to %s: %w", file, err)
	}
	fmt.Fprintf(e.stdout, "The log is copied to %s (%s). sheaf restore %s brings it back.\n", c.File, wording.Count(info.Size(), "byte", "bytes"), c.File)
	return nil
}

type restoreCmd struct {
	File string `arg:"" help:"A file that sheaf backup wrote."`
}

func (restoreCmd) Help() string {
	return `Puts a backup in the place of the log. The gateway must not be running. The log that was there is kept beside it.

Whatever was harvested or published after the backup is forgotten, so the log begins a new epoch: harvesters' resumption tokens and consumers' cursors are refused, and they start again instead of missing records.`
}

func (restoreCmd) Examples() []string { return []string{"sheaf restore /backup/sheaf-monday.db"} }

func (c *restoreCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	if cfg.Store.Kind == "postgres" {
		return usagef("restore puts a log in SQLite back, and this one is in PostgreSQL: stop the gateway, restore the database with its own tools, and start the gateway, which begins a new epoch")
	}
	switch info, err := os.Stat(c.File); {
	case err != nil:
		return fmt.Errorf("restore: %w; name a file that sheaf backup wrote", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("restore: %s is not a file; name one that sheaf backup wrote", c.File)
	}
	had := hasLog(cfg)
	if err := sqlite.Restore(e.ctx, cfg.Data, c.File); errors.Is(err, datadir.ErrInUse) {
		return fmt.Errorf("%w; stop the gateway first", err)
	} else if err != nil {
		return err
	}
	file, err := filepath.Abs(c.File)
	if err != nil {
		file = c.File
	}
	if err := audit.Open(cfg.Data).Note(audit.Entry{What: audit.Restore, Who: whoami(), Via: audit.ByCommand, File: file}); err != nil {
		fmt.Fprintln(e.stderr, err) // it is done
	}
	fmt.Fprintf(e.stdout, `The log in %s is that of %s, which was read to its end and is whole. Takedowns of since the backup are kept. Start the gateway: it begins a new epoch, so that
  harvesters  are refused their resumption tokens, and get every record again, with a new datestamp
  subscribers get every record again as an event of the new epoch; packages that follow the gateway begin anew by themselves
  /changes    answers 410 to old places; the dump is made anew
  those who harvest single sets must begin again: tell them, for nobody else can know what has left a set since
Sources are harvested from where they stood at the time of the backup.
`, cfg.Data, c.File)
	if had {
		fmt.Fprintf(e.stdout, "The one that was there is kept as %s.before-restore-N, N being the largest number.\n", filepath.Join(cfg.Data, "sheaf.db"))
	}
	return nil
}
