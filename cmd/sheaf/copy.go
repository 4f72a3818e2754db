package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store/datadir"
	"github.com/sheaf-gateway/sheaf/internal/store/move"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type copyCmd struct {
	From string `enum:"sqlite" required:"" placeholder:"KIND" help:"Where the log is: sqlite, in the data folder."`
	To   string `enum:"postgres" required:"" placeholder:"KIND" help:"Where it goes: postgres, to the empty database that the configuration names."`
}

func (copyCmd) Help() string {
	return `Carries the log from SQLite into PostgreSQL, as it is: places, tombstones, originals, quarantine, runs, takedowns, keys. Harvesters and consumers go on where they are, and nothing is harvested again. The gateway must have stopped, and the configuration say store: {kind: postgres, dsn_file: …}; the data folder stays.

It can be stopped and called again, and goes on. In the end the copy is read again and held to the digest of the log; then the file is set aside as sheaf.db.copied, and the gateway can be started.`
}

func (copyCmd) Examples() []string { return []string{"sheaf copy --from sqlite --to postgres"} }

// progressEvery is how often the command says how far it is.
const progressEvery = 10 * time.Second

func (c *copyCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	if cfg.Store.Kind != "postgres" {
		return usagef("the configuration says store.kind %s; set store: {kind: postgres, dsn_file: …}, with an empty database", cfg.Store.Kind)
	}
	said := time.Now()
	records, head, err := move.Log(e.ctx, move.Options{
		Dir: cfg.Data, DSN: cfg.Store.DSN.Value(), Pooled: cfg.Store.Pooled(), Logger: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Progress: func(table string, rows int64) {
			if time.Since(said) > progressEvery {
				said = time.Now()
				fmt.Fprintf(e.stderr, "%s: %s\n", table, wording.Count(rows, "row", "rows"))
			}
		},
	})
	if errors.Is(err, datadir.ErrInUse) {
		return fmt.Errorf("%w; stop the gateway first", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s, tombstones included, are in PostgreSQL, with the digest that they had; the log ends at %s, as before. Start the gateway: harvesters and consumers go on.\nThe file is kept as %s in %s; remove it when you have a backup of the database.\n",
		wording.Count(records, "record", "records"), head.Cursor, move.Copied, cfg.Data)
	return nil
}
