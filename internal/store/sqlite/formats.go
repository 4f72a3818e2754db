package sqlite

import (
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Each record says by which version of a format's writer it is written (pipeline.Formats): that which was
// the newest when it was mapped. So a new release changes nothing that is served until a remap asks for it.
// meta has the greatest version of each that was ever used, as renderer_<prefix>: a program that
// does not know them all can't serve the log.

// checkRenderers refuses a log with versions that this program does not know.
func (s *Store) checkRenderers(conn *sqlite.Conn) error {
	return each(conn, "SELECT name, value FROM meta WHERE name >= ?1 AND name < ?1 || char(0x10FFFF)", []any{rendererMeta}, func(r *sqlite.Stmt) error {
		prefix, version := strings.TrimPrefix(r.ColumnText(0), rendererMeta), int(r.ColumnInt64(1))
		if _, known := s.formats.At(prefix, version); !known {
			return fmt.Errorf("records are written by version %d of the format %s: %w", version, prefix, ErrNewer)
		}
		return nil
	})
}

const rendererMeta = "renderer_"

// A servedFormat is a format as lists and records are asked for in it.
type servedFormat struct {
	oaipmh.Format
	made   *formats.Format  // the newest version of what writes it; nil for a native one
	bit    pipeline.Formats // of one that not every record has
	key    int64            // of its list; 0 for one that every record has, or that no record ever had
	native bool
	size   int64 // members and departures of the list
}

// everyone says that every record has the format.
func (f *servedFormat) everyone() bool { return !f.native && f.bit == 0 }

// format finds a format by its prefix.
func (s *Repository) format(conn *sqlite.Conn, prefix string) (f servedFormat, err error) {
	kind := store.NativeList
	if made, ok := s.formats.Named(prefix); ok {
		f.made = made
		kind, f.bit = store.MadeList, pipeline.FormatNamed(prefix)
		f.Format = oaiFormat(f.made)
	}
	err = one(conn, "SELECT key, members + departures, title FROM list WHERE kind = ? AND name = ?", []any{string(kind), prefix}, func(r *sqlite.Stmt) {
		f.key, f.size = r.ColumnInt64(0), r.ColumnInt64(1)
		if f.native = f.made == nil; f.native {
			f.Format = nativeFormat(prefix, r.ColumnText(2))
		}
	})
	if err == nil && f.Prefix == "" {
		err = oaipmh.ErrNoSuchFormat
	}
	return f, err
}

func oaiFormat(f *formats.Format) oaipmh.Format {
	return oaipmh.Format{Prefix: f.Prefix, Schema: f.Schema, Namespace: f.Namespace}
}

func nativeFormat(prefix, title string) oaipmh.Format {
	namespace, schema, _ := strings.Cut(title, " ")
	return oaipmh.Format{Prefix: prefix, Schema: schema, Namespace: namespace}
}

// has says whether a record with these formats made of it and this native one has the format.
func (f *servedFormat) has(made pipeline.Formats, native int64) bool {
	return f.everyone() || f.native && native == f.key || f.bit&made != 0
}
