package sqlite

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"zombiezen.com/go/sqlite"
)

// A silent set is one whose list leaves out who has left it. The departures are kept all the same. What
// was said of a set last stays in the log (meta has silent_<spec>): once the set is no longer configured,
// a remap empties it, and nobody would know any more that its harvesters must not be told.

const silentMeta = "silent_"

// Silence says of sets, by their specs, whether they are silent. Of others it stays as it was. It is to be
// called before anything is served.
func (s *Store) Silence(ctx context.Context, sets map[string]bool) error {
	now := maps.Clone(*s.silent.Load())
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		for spec, silent := range sets {
			if now[spec] == silent {
				continue
			}
			if now[spec] = silent; !silent {
				delete(now, spec)
				if err := exec(conn, "DELETE FROM meta WHERE name = ?", silentMeta+spec); err != nil {
					return err
				}
			} else if err := setMeta(conn, silentMeta+spec, int64(1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note which sets are silent: %w", err)
	}
	s.silent.Store(&now)
	return nil
}

func (s *Store) loadSilent(conn *sqlite.Conn) error {
	silent := map[string]bool{}
	s.silent.Store(&silent)
	return each(conn, "SELECT name FROM meta WHERE name >= ?1 AND name < ?1 || char(0x10FFFF)", []any{silentMeta}, func(r *sqlite.Stmt) error {
		silent[strings.TrimPrefix(r.ColumnText(0), silentMeta)] = true
		return nil
	})
}

func (s *Store) isSilent(spec string) bool { return (*s.silent.Load())[spec] }
