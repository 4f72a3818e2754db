package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Known says what the log has under each identifier (see pipeline.Log).
func (s *Store) Known(ctx context.Context, ask []pipeline.Ask) ([]pipeline.Known, error) {
	conn, err := s.readers.Take(ctx)
	if err != nil {
		return nil, fmt.Errorf("look items up: %w", err)
	}
	defer s.readers.Put(conn)
	out := make([]pipeline.Known, len(ask))
	for i := range ask {
		k := &out[i]
		err := lookUp(conn, ask[i].Identifier, k)
		for _, a := range ask[i].Aliases {
			if err != nil || k.Identifier != "" {
				break
			}
			err = lookUp(conn, a, k)
		}
		if err == nil && k.Identifier != "" && k.Input != ask[i].Input && ask[i].Input != (pipeline.Hash{}) {
			k.Owner, err = ownerOf(conn, k.Identifier)
		}
		if err == nil && ask[i].Sets && k.Identifier != "" {
			err = one(conn, "SELECT r.sets FROM record r JOIN item i USING (seq) WHERE i.identifier = $1",
				[]any{k.Identifier}, func(r *tuple) { k.Sets = strings.Fields(r.ColumnText(0)) })
		}
		if err == nil && ask[i].Memo {
			k.Memo, err = memoOf(conn, ask[i].Identifier)
		}
		if err != nil {
			return nil, fmt.Errorf("look items up: %w", err)
		}
	}
	return out, nil
}

// ownerOf is what the source calls an item. It stands in the content, which is large: reading it of every item of
// a pass that brings nothing new would read the whole log.
func ownerOf(conn *db, identifier string) (owner string, err error) {
	var origin pipeline.Origin
	err = each(conn, "SELECT c.origin FROM item i JOIN content c ON c.item = i.item WHERE i.identifier = $1",
		[]any{identifier}, func(r *tuple) error { return store.UnpackOrigin(r.ColumnText(0), &origin) })
	return origin.Identifier, err
}

func lookUp(conn *db, identifier string, k *pipeline.Known) error {
	return one(conn, "SELECT i.identifier, i.input, r.deleted IN ('takedown', 'withdrawn'), i.seen = (SELECT pass FROM source s WHERE s.source = i.source), r.deleted = '' FROM item i JOIN record r ON r.seq = i.seq WHERE "+itemNamed, []any{identifier}, func(r *tuple) {
		k.Identifier = r.ColumnText(0)
		r.ColumnBytes(1, k.Input[:])
		k.Suppressed, k.Met, k.Live = r.ColumnBool(2), r.ColumnBool(3), r.ColumnBool(4)
	})
}

// itemNamed finds the item that has the identifier ?1, or has it as an alias.
const itemNamed = "i.item = coalesce((SELECT item FROM item WHERE identifier = $1), (SELECT item FROM alias WHERE identifier = $1))"
