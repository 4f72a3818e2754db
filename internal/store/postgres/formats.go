package postgres

import (
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Each record says by which version of a format's writer it is written (pipeline.Formats): that which was
// the newest when it was mapped. So a new release changes nothing that is served until a remap asks for it.
// meta has the greatest version of each that was ever used, as renderer_<prefix>: a program that
// does not know them all can't serve the log.

// checkRenderers refuses a log with versions that this program does not know.
func (s *Store) checkRenderers(conn *db) error {
	return each(conn, "SELECT name, value FROM meta WHERE "+metaBeginning, []any{rendererMeta}, func(r *tuple) error {
		prefix, version := strings.TrimPrefix(r.ColumnText(0), rendererMeta), int(r.decimals(1))
		if _, known := s.formats.At(prefix, version); !known {
			return fmt.Errorf("records are written by version %d of the format %s: %w", version, prefix, store.ErrNewer)
		}
		return nil
	})
}

const rendererMeta = "renderer_"
