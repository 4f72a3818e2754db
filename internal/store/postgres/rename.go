package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// ownSet is the key of the set in which all records of a source are, tombstones too: the one of the name in their
// identifiers. The source is found by that name as well as by its own. The parameter is what the query calls it.
func ownSet(parameter string) string {
	return `(SELECT key FROM list WHERE kind = 'set' AND name = coalesce(
		(SELECT coalesce(minted.name, source.name) FROM source LEFT JOIN minted USING (source) WHERE source.name = ` + parameter + `),
		(SELECT max(name) FROM minted WHERE name = ` + parameter + `)))`
}

// errTaken says that a name can't be given to a source.
var errTaken = errors.New("there are records of a source with that name")

// Rename gives a source another name (see [store.Curator]).
func (s *Store) Rename(ctx context.Context, from, to string) error {
	err := s.writer.do(ctx, func(conn *db) error {
		var source, other, items int64
		if err := one(conn, `SELECT coalesce((SELECT source FROM source WHERE name = $1), 0), coalesce(source, 0), coalesce(live + deleted, 0)
			FROM (SELECT 1) AS one LEFT JOIN source ON name = $2`, []any{from, to}, func(r *tuple) {
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
			step(conn, "DELETE FROM quarantine WHERE source = $1", other), // of harvests that brought nothing
			step(conn, "DELETE FROM stopped WHERE source = $1", other),
			step(conn, "DELETE FROM source WHERE source = $1", other),
			step(conn, "UPDATE source SET name = $1 WHERE source = $2", to, source),
			step(conn, "INSERT INTO minted (source, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", source, from),
			step(conn, "UPDATE suppressed SET source = $1 WHERE source = $2", to, from),
			step(conn, "DELETE FROM meta WHERE name = $1", remapMeta(from)),
		)
	})
	if err != nil {
		return fmt.Errorf("rename %s to %s: %w", from, to, err)
	}
	return nil
}
