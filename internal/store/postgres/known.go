package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Known says what the log has under each identifier (see [pipeline.Log]). What it asks the database, it asks for all of them at
// once: a page of 500 items makes one round trip, and a few more where some of them are new, have changed or have aliases.
func (s *Store) Known(ctx context.Context, ask []pipeline.Ask) ([]pipeline.Known, error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, fmt.Errorf("look items up: %w", err)
	}
	defer s.readers.Put(conn)
	l := &lookup{conn: conn, ask: ask, out: make([]pipeline.Known, len(ask))}
	if err := inOrder(l.items, l.owners, l.sets, l.memos); err != nil {
		return nil, fmt.Errorf("look items up: %w", err)
	}
	return l.out, nil
}

// A lookup asks for what the log has of many items.
type lookup struct {
	conn *db
	ask  []pipeline.Ask
	out  []pipeline.Known
}

// items looks for the items under their identifiers, then for those that are not there under the first of their aliases, and so on.
func (l *lookup) items() error {
	const (
		what = `SELECT u.n, i.identifier, i.input, r.deleted IN ('takedown', 'withdrawn'), i.seen = (SELECT pass FROM source s WHERE s.source = i.source), r.deleted = ''
			FROM unnest($1::text[]) WITH ORDINALITY AS u(name, n) `
		named   = what + "JOIN item i ON i.identifier = u.name JOIN record r ON r.seq = i.seq"
		aliased = what + "JOIN alias a ON a.identifier = u.name JOIN item i ON i.item = a.item JOIN record r ON r.seq = i.seq"
	)
	for nth := 0; ; nth++ {
		name := func(i int) string {
			switch a := &l.ask[i]; {
			case l.out[i].Identifier != "" || nth > len(a.Aliases):
				return ""
			case nth == 0:
				return a.Identifier
			default:
				return a.Aliases[nth-1]
			}
		}
		asked, err := l.some(named, name, readKnown)
		if err == nil && asked {
			_, err = l.some(aliased, name, readKnown)
		}
		if err != nil || !asked {
			return err
		}
	}
}

func readKnown(k *pipeline.Known, r *tuple) error {
	k.Identifier = r.ColumnText(1)
	r.ColumnBytes(2, k.Input[:])
	k.Suppressed, k.Met, k.Live = r.ColumnBool(3), r.ColumnBool(4), r.ColumnBool(5)
	return nil
}

// owners are what the sources call the items. That stands in the content, which is large: reading it of every item of
// a pass that brings nothing new would read the whole log.
func (l *lookup) owners() error {
	_, err := l.some("SELECT u.n, c.origin FROM unnest($1::text[]) WITH ORDINALITY AS u(name, n) JOIN item i ON i.identifier = u.name JOIN content c ON c.item = i.item",
		func(i int) string {
			if l.out[i].Input == l.ask[i].Input || l.ask[i].Input == (pipeline.Hash{}) {
				return ""
			}
			return l.out[i].Identifier
		},
		func(k *pipeline.Known, r *tuple) error {
			var origin pipeline.Origin
			err := store.UnpackOrigin(r.ColumnText(1), &origin)
			k.Owner = origin.Identifier
			return err
		})
	return err
}

func (l *lookup) sets() error {
	_, err := l.some("SELECT u.n, r.sets FROM unnest($1::text[]) WITH ORDINALITY AS u(name, n) JOIN item i ON i.identifier = u.name JOIN record r ON r.seq = i.seq",
		func(i int) string {
			if !l.ask[i].Sets {
				return ""
			}
			return l.out[i].Identifier
		},
		func(k *pipeline.Known, r *tuple) error {
			k.Sets = strings.Fields(r.ColumnText(1))
			return nil
		})
	return err
}

// memos are what the sources noted of the items last; nothing of one whose record is deleted.
func (l *lookup) memos() error {
	_, err := l.some(`SELECT u.n, m.memo FROM unnest($1::text[]) WITH ORDINALITY AS u(name, n) JOIN noted m ON m.identifier = u.name
		WHERE NOT EXISTS (SELECT 1 FROM item i JOIN record r ON r.seq = i.seq WHERE i.identifier = u.name AND r.deleted <> '')`,
		func(i int) string {
			if !l.ask[i].Memo {
				return ""
			}
			return l.ask[i].Identifier
		},
		func(k *pipeline.Known, r *tuple) error {
			k.Memo = r.ColumnText(1)
			return nil
		})
	return err
}

// some runs a query with the names of those items that have one, if any has, and has read take each row, whose first column
// says which of the names it is about. It says whether any has.
func (l *lookup) some(query string, name func(i int) string, read func(*pipeline.Known, *tuple) error) (bool, error) {
	var names []string
	var at []int
	for i := range l.ask {
		if n := name(i); n != "" {
			names, at = append(names, keepable(n)), append(at, i)
		}
	}
	if len(names) == 0 {
		return false, nil
	}
	return true, each(l.conn, query, []any{names}, func(r *tuple) error {
		return read(&l.out[at[r.ColumnInt64(0)-1]], r)
	})
}

// itemNamed finds the item that has the identifier $1, or has it as an alias.
const itemNamed = "i.item = coalesce((SELECT item FROM item WHERE identifier = $1), (SELECT item FROM alias WHERE identifier = $1))"
