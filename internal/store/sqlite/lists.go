package sqlite

import (
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// knownLists are the lists of the log. They are read again after a write was rolled back, which may have
// made some. Only the writer uses them.
func (s *Store) knownLists(conn *sqlite.Conn) (*store.Lists, error) {
	if s.lists != nil {
		return s.lists, nil
	}
	var lists []store.List
	var versions []store.Version
	if err := each(conn, "SELECT name, value FROM meta WHERE name >= ?1 AND name < ?1 || char(0x10FFFF)", []any{rendererMeta}, func(r *sqlite.Stmt) error {
		versions = append(versions, store.Version{Prefix: strings.TrimPrefix(r.ColumnText(0), rendererMeta), Version: int(r.ColumnInt64(1))})
		return nil
	}); err != nil {
		return nil, err
	}
	if err := each(conn, "SELECT key, kind, name, title FROM list", nil, func(r *sqlite.Stmt) error {
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

// undone is called by the writer after a write was rolled back. It drops the lists that were read, because the write may have
// made some.
func (s *Store) undone() {
	s.lists = nil
	s.recent.spoil()
}
