package postgres

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// knownLists are the lists of the log. They are read again after a write was rolled back, which may have
// made some. Only the writer uses them.
func (s *Store) knownLists(conn *db) (*store.Lists, error) {
	if s.lists != nil {
		return s.lists, nil
	}
	var lists []store.List
	var versions []store.Version
	if err := each(conn, "SELECT name, value FROM meta WHERE "+metaBeginning, []any{rendererMeta}, func(r *tuple) error {
		versions = append(versions, store.Version{Prefix: strings.TrimPrefix(r.ColumnText(0), rendererMeta), Version: int(r.decimals(1))})
		return nil
	}); err != nil {
		return nil, err
	}
	if err := each(conn, "SELECT key, kind, name, title FROM list", nil, func(r *tuple) error {
		lists = append(lists, store.List{Key: r.ColumnInt64(0), Kind: store.ListKind(r.ColumnText(1)), Name: r.ColumnText(2), Title: r.ColumnText(3)})
		return nil
	}); err != nil {
		return nil, err
	}
	s.lists = store.NewLists(lists, versions, store.Writers{Reserved: s.isOurs, Known: s.canWrite})
	return s.lists, nil
}

// isOurs says whether a prefix is that of a format that is made of Dublin Core.
func (s *Store) isOurs(prefix string) bool {
	_, ours := s.formats.Named(prefix)
	return ours
}

func (s *Store) canWrite(prefix string, version int) bool {
	_, known := s.formats.At(prefix, version)
	return known
}

// rolledBack drops what was read in a write that was rolled back, which may have made lists.
func (s *Store) rolledBack() { s.lists, s.locked = nil, false }
