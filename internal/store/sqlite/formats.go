package sqlite

import (
	"fmt"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const oaiDCNamespace = "http://www.openarchives.org/OAI/2.0/oai_dc/"

// maxPrefix and maxFormatURL bound, in bytes, what a source may call a format.
const (
	maxPrefix    = 100
	maxFormatURL = 1000
)

// nativeKey is the key of a native format's list; 0 if it is not served: it is not XML, or it is oai_dc,
// for which ours stands. A format keeps the prefix that its source gave it unless that is ours, or
// was taken before by another namespace or schema; then it gets the first free one of <prefix>_2, <prefix>_3…
func (l *listKeys) nativeKey(conn *sqlite.Conn, f harvest.Format) (int64, error) {
	if f.Namespace == "" || f.Namespace == oaiDCNamespace {
		return 0, nil
	}
	if l.keys == nil {
		if err := l.load(conn); err != nil {
			return 0, err
		}
	}
	if k, ok := l.native[f]; ok {
		return k, nil
	}
	given := harvest.Format{Prefix: legalPrefix(f.Prefix), Namespace: f.Namespace, Schema: f.Schema}
	if !plainURL(given.Schema) {
		given.Schema = ""
	}
	if given.Prefix == "" || !plainURL(given.Namespace) {
		l.native[f] = 0
		return 0, nil
	}
	title := given.Namespace + " " + given.Schema
	for n := 1; ; n++ {
		name := given.Prefix
		if n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		if have, taken := l.titles[name]; isOurs(name) || taken && have != title {
			continue
		}
		key, err := l.key(conn, formatList, name, title)
		if err == nil {
			l.titles[name], l.native[f] = title, key
		}
		return key, err
	}
}

// isOurs says whether a prefix is that of a format that is made of Dublin Core. All tables have the same.
func isOurs(prefix string) bool {
	_, ours := formats.Named(prefix)
	return ours
}

// legalPrefix is the prefix with an underscore for each byte that a metadataPrefix can't have.
func legalPrefix(p string) string {
	b := []byte(p[:min(len(p), maxPrefix)])
	for i := range b {
		if !oaipmh.ValidPrefix(string(b[i])) {
			b[i] = '_'
		}
	}
	return string(b)
}

// plainURL says whether a namespace or schema can stand in an answer, and in a list's title.
func plainURL(s string) bool {
	return len(s) <= maxFormatURL && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"{}|\\^`", r) })
}

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

// noteVersions keeps the greatest versions that are used. Only the writer calls it.
func (s *Store) noteVersions(conn *sqlite.Conn, made pipeline.Formats) (err error) {
	if s.lists.keys == nil {
		if err := s.lists.load(conn); err != nil {
			return err
		}
	}
	made.EachVersion(func(prefix string, version int) {
		if err != nil || version <= max(1, s.lists.versions[prefix]) {
			return
		}
		if _, known := s.formats.At(prefix, version); !known {
			err = fmt.Errorf("there is no version %d of the format %s", version, prefix)
			return
		}
		if err = setMeta(conn, rendererMeta+prefix, int64(version)); err == nil {
			s.lists.versions[prefix] = version
		}
	})
	return err
}

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
	kind := formatList
	if made, ok := s.formats.Named(prefix); ok {
		f.made = made
		kind, f.bit = madeList, pipeline.FormatNamed(prefix)
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
