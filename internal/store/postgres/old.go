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

// selectOld looks one name up after the other: OFFSET keeps the planner from reading whole tables to join them with the names,
// which is what it takes for cheaper as long as the log is small.
const selectOld = "SELECT o.*, u.name FROM unnest($1::text[]) AS u(name) CROSS JOIN LATERAL (SELECT " + stateColumns + `, i.seen, c.origin
	FROM item i JOIN record r ON r.seq = i.seq AND r.item = i.item JOIN content c ON c.item = i.item
	WHERE i.item = coalesce((SELECT item FROM item WHERE identifier = u.name), (SELECT item FROM alias WHERE identifier = u.name)) OFFSET 0) AS o`

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
		found := &old{seen: r.ColumnInt64(stateColumnsEnd)}
		if err := store.UnpackOrigin(r.ColumnText(stateColumnsEnd+1), &found.origin); err != nil {
			return damaged(fmt.Errorf("the origin of %q: %w", r.ColumnText(4), err))
		}
		if found.state, err = o.tx.stateOf(r); err != nil {
			return err
		}
		found.state.Owner = found.origin.Identifier
		o.asked[r.ColumnText(stateColumnsEnd+2)] = found
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
