package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/backup"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type backupCmd struct {
	File string `arg:"" optional:"" help:"A new file for the copy. Default: one more copy where the configuration keeps them (backup)."`
}

func (backupCmd) Help() string {
	return "Writes a consistent copy of the log, also while the gateway runs and harvests: to a file, or to the folder or the bucket that the configuration has for copies. Take a file off the machine: it holds everything that the records need, but not the configuration."
}

func (backupCmd) Examples() []string {
	return []string{"sheaf backup /backup/sheaf-monday.db", "sheaf backup"}
}

func (c *backupCmd) Run(e *env) error {
	if c.File == "" {
		return e.with(func(ctx context.Context, client *control.Client) error {
			where, err := client.KeepBackup(ctx)
			if err == nil {
				fmt.Fprintf(e.stdout, "The log is copied to %s. sheaf restore %s brings it back.\n", where, path.Base(where))
			}
			return err
		})
	}
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
	File   string `arg:"" optional:"" help:"A file that sheaf backup wrote, or the name of a copy where the configuration keeps them (backup)."`
	Latest bool   `help:"The newest copy that is kept."`
	List   bool   `help:"List the copies that are kept, and restore nothing."`
}

func (restoreCmd) Help() string {
	return `Puts a backup in the place of the log. The gateway must not be running. The log that was there is kept beside it.

Whatever was harvested or published after the backup is forgotten, so the log begins a new epoch: harvesters' resumption tokens and consumers' cursors are refused, and they start again instead of missing records.`
}

func (restoreCmd) Examples() []string {
	return []string{"sheaf restore /backup/sheaf-monday.db", "sheaf restore --list", "sheaf restore sheaf-20261127T031500Z.db", "sheaf restore --latest"}
}

func (c *restoreCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	if cfg.Store.Kind == "postgres" {
		return usagef("restore puts a log in SQLite back, and this one is in PostgreSQL: stop the gateway, restore the database with its own tools, and start the gateway, which begins a new epoch")
	}
	if c.List {
		return listBackups(e, cfg)
	}
	name, in, err := c.open(e.ctx, cfg)
	if err != nil {
		return err
	}
	defer in.Close()
	had := hasLog(cfg)
	if err := sqlite.RestoreFrom(e.ctx, cfg.Data, name, in, app.AuditLog(cfg)); errors.Is(err, datadir.ErrInUse) {
		return fmt.Errorf("%w; stop the gateway first", err)
	} else if err != nil {
		return err
	}
	if err := app.AuditLog(cfg).Note(audit.Entry{What: audit.Restore, Who: whoami(), Via: audit.ByCommand, File: name}); err != nil {
		fmt.Fprintln(e.stderr, err) // it is done
	}
	fmt.Fprintf(e.stdout, `The log in %s is that of %s, which was read to its end and is whole. Takedowns of since the backup are kept. Start the gateway: it begins a new epoch, so that
  harvesters  are refused their resumption tokens, and get every record again, with a new datestamp
  subscribers get every record again as an event of the new epoch; packages that follow the gateway begin anew by themselves
  /changes    answers 410 to old places; the dump is made anew
  those who harvest single sets must begin again: tell them, for nobody else can know what has left a set since
Sources are harvested from where they stood at the time of the backup.
`, cfg.Data, name)
	if had {
		fmt.Fprintf(e.stdout, "The one that was there is kept as %s.before-restore-N, N being the largest number.\n", filepath.Join(cfg.Data, "sheaf.db"))
	}
	return nil
}

// open finds the backup that is asked for, and says its whole name.
func (c *restoreCmd) open(ctx context.Context, cfg *config.Config) (name string, in io.ReadCloser, err error) {
	switch info, err := os.Stat(c.File); {
	case c.Latest == (c.File != ""):
		return "", nil, usagef("name a backup, or give --latest; sheaf restore --list says which copies are kept")
	case c.File != "" && err == nil && !info.Mode().IsRegular():
		return "", nil, fmt.Errorf("restore: %s is not a file; name one that sheaf backup wrote", c.File)
	case c.File != "" && err == nil:
		if name, err = filepath.Abs(c.File); err != nil {
			name = c.File
		}
		in, err := os.Open(c.File)
		return name, in, err
	case c.File != "" && cfg.Backup.Kept():
		if _, kept := backup.Begun(c.File); !kept {
			return "", nil, fmt.Errorf("restore: %w; name a file that sheaf backup wrote, or a copy that sheaf restore --list shows", err)
		}
	case c.File != "":
		return "", nil, fmt.Errorf("restore: %w; name a file that sheaf backup wrote", err)
	}
	place, copies, err := keptBackups(ctx, cfg)
	if err != nil {
		return "", nil, err
	}
	if c.Latest && len(copies) > 0 {
		c.File = copies[len(copies)-1].Name
	}
	if !slices.ContainsFunc(copies, func(b backup.Copy) bool { return b.Name == c.File }) {
		return "", nil, fmt.Errorf("restore: there is no such copy as %s; sheaf restore --list says which ones there are", place.Where(cmp.Or(c.File, "sheaf-….db")))
	}
	in, err = place.Open(ctx, c.File)
	return place.Where(c.File), in, err
}

// keptBackups are the copies that are where the configuration keeps them, the oldest first.
func keptBackups(ctx context.Context, cfg *config.Config) (backup.Place, []backup.Copy, error) {
	place, err := app.Backups(cfg)
	switch {
	case err != nil:
		return nil, nil, err
	case place == nil:
		return nil, nil, usagef("the configuration does not say where backups are kept (backup: {to: DIR}, or s3)")
	}
	copies, err := place.List(ctx)
	return place, copies, err
}

func listBackups(e *env, cfg *config.Config) error {
	place, copies, err := keptBackups(e.ctx, cfg)
	if err != nil {
		return err
	}
	if len(copies) == 0 {
		fmt.Fprintf(e.stdout, "There is no copy at %s yet.\n", place.Where(""))
	}
	for _, c := range copies {
		fmt.Fprintf(e.stdout, "%s  %s  %s\n", c.Name, c.At.Format(time.DateTime), wording.Count(c.Size, "byte", "bytes"))
	}
	return nil
}
