package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Memo is what SetMemo wrote down under a name; empty if nothing.
func (s *Store) Memo(ctx context.Context, name string) (string, error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return "", fmt.Errorf("read the memo %s: %w", name, err)
	}
	defer s.readers.Put(conn)
	text, err := metaText(conn, "memo_"+name)
	if err != nil {
		return "", fmt.Errorf("read the memo %s: %w", name, err)
	}
	return text, nil
}

// Memos are the texts that SetMemo wrote down under names that begin with a prefix, by the rest of their names.
func (s *Store) Memos(ctx context.Context, prefix string) (map[string]string, error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the memos %s*: %w", prefix, err)
	}
	defer s.readers.Put(conn)
	prefix, out := "memo_"+prefix, map[string]string{}
	err = each(conn, "SELECT name, value FROM meta WHERE substr(name, 1, length(?1)) = ?1", []any{prefix}, func(r *sqlite.Stmt) error {
		out[r.ColumnText(0)[len(prefix):]] = r.ColumnText(1)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the memos %s*: %w", prefix, err)
	}
	return out, nil
}

// SetMemo writes down what is not part of the log, but must be known after a restart and on another
// machine: figures that were dear to work out, and when something was first seen. An empty text takes
// it off.
func (s *Store) SetMemo(ctx context.Context, name, text string) error {
	err := s.writer.do(ctx, func(conn *sqlite.Conn) error {
		if text == "" {
			return exec(conn, "DELETE FROM meta WHERE name = ?", "memo_"+name)
		}
		return setMeta(conn, "memo_"+name, text)
	})
	if err != nil {
		return fmt.Errorf("write the memo %s: %w", name, err)
	}
	return nil
}

// lastQuery finds the last member of the source's own set.
var lastQuery = "SELECT max(seq) FROM member WHERE key = " + ownSet("?1")

// Last is the place of the last change of a source's records: the epoch, and the seq, which is 0 if
// there is none.
func (s *Store) Last(ctx context.Context, source string) (last pipeline.Cursor, err error) {
	err = s.view(ctx, func(conn *sqlite.Conn, head pipeline.Head) error {
		last.Epoch = head.Epoch
		return one(conn, lastQuery, []any{source}, func(r *sqlite.Stmt) { last.Seq = r.ColumnInt64(0) })
	})
	if err != nil {
		return pipeline.Cursor{}, fmt.Errorf("find the last change of %s: %w", source, err)
	}
	return last, nil
}
