package postgres

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An old is what a commit needs to know of an item that the log has.
type old struct {
	state  store.State // its Owner is known
	seen   int64       // the pass in which it came last
	origin pipeline.Origin
}

// olds are what the log has of the items of a page, which are asked for all at once. What the commit changes itself is asked
// for again, one by one: an item that comes twice on a page is rare.
type olds struct {
	tx      *tx
	asked   map[string]*old // by the identifiers that were asked for; nil if the log has none
	changed map[int64]bool  // items that are not what they were any more
}

const selectOld = `SELECT i.item, i.seq, i.version, i.format, i.identifier, i.fingerprint, r.deleted, r.sets, r.datestamp, r.oai_dc, ` + formatsColumns + `, i.seen, c.origin, u.name
	FROM unnest($1::text[]) AS u(name)
	JOIN item i ON i.item = coalesce((SELECT item FROM item WHERE identifier = u.name), (SELECT item FROM alias WHERE identifier = u.name))
	JOIN record r ON r.seq = i.seq AND r.item = i.item JOIN content c ON c.item = i.item`

// ask reads what the log has under identifiers.
func (o *olds) ask(identifiers []string) error {
	names := make([]string, len(identifiers))
	for i, identifier := range identifiers {
		o.asked[identifier] = nil
		names[i] = keepable(identifier)
	}
	if len(names) == 0 {
		return nil
	}
	return each(o.tx.conn, selectOld, []any{names}, func(r *tuple) (err error) {
		found := &old{seen: r.ColumnInt64(12)}
		if err := store.UnpackOrigin(r.ColumnText(13), &found.origin); err != nil {
			return damaged(fmt.Errorf("the origin of %q: %w", r.ColumnText(4), err))
		}
		if found.state, err = o.tx.stateOf(r); err != nil {
			return err
		}
		found.state.Owner = found.origin.Identifier
		o.asked[r.ColumnText(14)] = found
		return nil
	})
}

// of is what the log has under an identifier; nil if nothing.
func (o *olds) of(identifier string) (*old, error) {
	found, known := o.asked[identifier]
	if known && (found == nil || !o.changed[found.state.Item]) {
		return found, nil
	}
	err := o.ask([]string{identifier})
	return o.asked[identifier], err
}

// change notes that the commit has changed an item.
func (o *olds) change(item int64) { o.changed[item] = true }

// name notes that something came under an identifier.
func (o *olds) name(identifier string) { delete(o.asked, identifier) }
