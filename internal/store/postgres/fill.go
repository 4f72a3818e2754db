package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// fillingMeta is in a database that is being filled: which state of which log it is to hold. Beside it stands, for each table,
// how many rows it has got, and where it goes on.
const fillingMeta = "filling"

// errFilling says that a database holds a part of a log.
var errFilling = errors.New("a log is being copied into the database, and is not there whole yet: run sheaf copy again, which goes on where it stopped")

// errFull says that there is a log already.
var errFull = errors.New("the database has a log already, and a copy would have to be put over it; give it an empty database")

// A Filling is a database into which a log is put that was elsewhere, table after table. Until [Filling.Finish] no gateway opens
// the database.
type Filling struct{ conn *db }

// Fill begins to fill an empty database with a log, or goes on where an earlier Fill of the same log stopped. from says which
// state of which log it is; what another state has left behind is removed first. The caller must Close it.
func Fill(ctx context.Context, o Options, from string) (_ *Filling, err error) {
	config, err := o.reach(o.DSN, "sheaf-copy")
	if err != nil {
		return nil, err
	}
	c, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, unreachable(err)
	}
	f := &Filling{&db{ctx: ctx, conn: c}}
	if err := checkServer(f.conn); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := f.begin(from); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// begin makes the tables, unless they are there from an earlier attempt at the same.
func (f *Filling) begin(from string) error {
	there, err := checkLog(f.conn)
	switch {
	case err != nil && !errors.Is(err, errFilling):
		return err
	case there:
		return errFull
	}
	if errors.Is(err, errFilling) {
		if had, err := metaText(f.conn, fillingMeta); err != nil || had == from {
			return err
		}
	}
	return f.transaction(func() error {
		var drop []string
		if err := each(f.conn, "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = current_schema()", nil, func(r *tuple) error {
			drop = append(drop, r.ColumnText(0))
			return nil
		}); err != nil {
			return err
		}
		if len(drop) > 0 {
			if err := f.conn.script("DROP TABLE " + strings.Join(drop, ", ")); err != nil {
				return err
			}
		}
		for _, script := range []string{schema, storage} {
			if err := f.conn.script(script); err != nil {
				return fmt.Errorf("make the log: %w", err)
			}
		}
		return setMeta(f.conn, fillingMeta, from)
	})
}

func (f *Filling) transaction(do func() error) error {
	if err := f.conn.script("BEGIN"); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = f.conn.script("COMMIT")
	}
	if err != nil {
		return errors.Join(err, f.conn.rollback())
	}
	return nil
}

// Place says how many rows a table has got, and the place that the last [Filling.Add] has noted; empty at the beginning.
func (f *Filling) Place(table string) (rows int64, place string, err error) {
	text, err := metaText(f.conn, fillingMeta+"_"+table)
	if err != nil || text == "" {
		return 0, "", err
	}
	number, place, _ := strings.Cut(text, " ")
	rows, err = strconv.ParseInt(number, 10, 64)
	return rows, place, err
}

// Add puts rows into a table, and notes with them how many it has got now, and where the next ones begin. Values are numbers
// (int64), texts, bytes, or nil.
func (f *Filling) Add(table string, columns []string, rows [][]any, total int64, place string) error {
	for _, row := range rows {
		for i, v := range row {
			if text, ok := v.(string); ok {
				row[i] = keepable(text)
			}
		}
	}
	err := f.transaction(func() error {
		if _, err := f.conn.conn.CopyFrom(f.conn.ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		return setMeta(f.conn, fillingMeta+"_"+table, strconv.FormatInt(total, 10)+" "+place)
	})
	if err != nil {
		return fmt.Errorf("fill the table %s: %w", table, err)
	}
	return nil
}

// Rows says how many rows a table has.
func (f *Filling) Rows(table string) (n int64, err error) {
	err = one(f.conn, "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize(), nil, func(r *tuple) { n = r.ColumnInt64(0) })
	return n, err
}

// Finish makes what was put there a log that gateways open: it has the numbers go on behind those that were given out.
func (f *Filling) Finish() error {
	err := f.transaction(func() error {
		return inOrder(
			step(f.conn, `INSERT INTO counter (name, number) SELECT 'item', coalesce(max(item), 0) FROM item UNION ALL SELECT 'quarantine', coalesce(max(id), 0) FROM quarantine
				UNION ALL SELECT 'source', coalesce(max(source), 0) FROM source UNION ALL SELECT 'decision', coalesce(max(decision), 0) FROM decision
				UNION ALL SELECT 'run', greatest((SELECT coalesce(max(run), 0) FROM run), (SELECT coalesce(max(run), 0) FROM source))`),
			step(f.conn, "DELETE FROM meta WHERE "+metaBeginning, fillingMeta),
			func() error { return setVersions(f.conn) },
		)
	})
	if err != nil {
		return fmt.Errorf("finish the log: %w", err)
	}
	return f.conn.script("ANALYZE")
}

// Close gives the database back.
func (f *Filling) Close() error { return f.conn.conn.Close(context.WithoutCancel(f.conn.ctx)) }
