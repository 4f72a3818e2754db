package postgres

import (
	"context"
	"fmt"
)

// A silent set is one whose list leaves out who has left it. The departures are kept all the same. What
// was said of a set last stays in the log (meta has silent_<spec>): once the set is no longer configured,
// a remap empties it, and nobody would know any more that its harvesters must not be told.

const silentMeta = "silent_"

// Silence says of sets, by their specs, whether they are silent. Of others it stays as it was. It must be
// called before anything is served.
func (s *Store) Silence(ctx context.Context, sets map[string]bool) error {
	err := s.writer.do(ctx, func(conn *db) error {
		for spec, silent := range sets {
			was, err := isSilent(conn, spec)
			if err != nil {
				return err
			}
			if was == silent {
				continue
			}
			if !silent {
				err = exec(conn, "DELETE FROM meta WHERE name = $1", silentMeta+spec)
			} else {
				err = setMeta(conn, silentMeta+spec, int64(1))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note which sets are silent: %w", err)
	}
	return nil
}

func (v *view) Silent(spec string) (bool, error) { return isSilent(v.conn, spec) }

func isSilent(conn *db, spec string) (silent bool, err error) {
	v, err := metaInt(conn, silentMeta+spec)
	return v != 0, err
}
