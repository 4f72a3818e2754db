package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// mintedSchema is applied to every log that is opened: it only adds.
const mintedSchema = `CREATE TABLE IF NOT EXISTS minted ( -- the names of renamed sources in the identifiers of their records
  source INTEGER PRIMARY KEY,
  name   TEXT NOT NULL
) STRICT`

const mintedByName = "CREATE INDEX IF NOT EXISTS minted_name ON minted (name)"

// ownSet is the key of the set in which all records of a source are, tombstones too: the one of the name in their
// identifiers. The source is found by that name as well as by its own. The parameter is what the query calls it.
func ownSet(parameter string) string {
	return `(SELECT key FROM list WHERE kind = 'set' AND name = coalesce(
		(SELECT coalesce(minted.name, source.name) FROM source LEFT JOIN minted USING (source) WHERE source.name = ` + parameter + `),
		(SELECT name FROM minted WHERE name = ` + parameter + `)))`
}

// errTaken says that a name can't be given to a source.
var errTaken = errors.New("there are records of a source with that name")

// Rename gives a source another name (see [store.Curator]).
func (s *Store) Rename(ctx context.Context, from, to string) error {
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		var source, other, items int64
		if err := one(conn, `SELECT coalesce((SELECT source FROM source WHERE name = ?1), 0), coalesce(source, 0), coalesce(live + deleted, 0)
			FROM (SELECT 1) LEFT JOIN source ON name = ?2`, []any{from, to}, func(r *sqlite.Stmt) {
			source, other, items = r.ColumnInt64(0), r.ColumnInt64(1), r.ColumnInt64(2)
		}); err != nil {
			return err
		}
		switch {
		case source == 0:
			return pipeline.ErrNotFound
		case items > 0:
			return errTaken
		}
		return inOrder(
			step(conn, "DELETE FROM quarantine WHERE source = ?", other), // of harvests that brought nothing
			step(conn, "DELETE FROM stopped WHERE source = ?", other),
			step(conn, "DELETE FROM source WHERE source = ?", other),
			step(conn, "UPDATE source SET name = ? WHERE source = ?", to, source),
			step(conn, "INSERT OR IGNORE INTO minted (source, name) VALUES (?, ?)", source, from),
			step(conn, "UPDATE suppressed SET source = ? WHERE source = ?", to, from),
			step(conn, "DELETE FROM meta WHERE name = ?", remapMeta(from)),
		)
	})
	if err != nil {
		return fmt.Errorf("rename %s to %s: %w", from, to, err)
	}
	return nil
}
