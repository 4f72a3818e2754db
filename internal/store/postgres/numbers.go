package postgres

import (
	"context"
	"fmt"
)

// lockSource locks the row of a source, and makes it if there is none.
func lockSource(d *db, name string) error {
	var source int64
	lock := func() error {
		return one(d, "SELECT source FROM source WHERE name = $1 FOR UPDATE", []any{name}, func(r *tuple) { source = r.ColumnInt64(0) })
	}
	if err := lock(); err != nil || source != 0 {
		return err
	}
	number, err := nextNumber(d, "source")
	if err != nil {
		return err
	}
	return inOrder(step(d, "INSERT INTO source (source, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", number, name), lock)
}

// lockSourceOf locks the row of the source that a record is of, if the log has the record.
func lockSourceOf(d *db, identifier string) error {
	return exec(d, "SELECT 1 FROM source WHERE source = (SELECT i.source FROM item i WHERE "+itemNamed+") FOR UPDATE", identifier)
}

// nextNumber gives out the next number of a counter. The counter is locked until the transaction ends, so that numbers are in
// the order of commits: it is for what is seldom made.
func nextNumber(d *db, counter string) (n int64, err error) {
	err = one(d, `INSERT INTO counter (name, number) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET number = counter.number + 1 RETURNING number`,
		[]any{counter}, func(r *tuple) { n = r.ColumnInt64(0) })
	return n, err
}

// A block gives out the numbers of a counter that are taken from the database so many at a time, apart from any
// transaction: those of what is made with every page. The writer uses it.
type block struct {
	store      *Store
	counter    string
	last, upto int64 // given out, and taken
}

// blockSize is how many numbers are taken at once.
const blockSize = 1000

func (b *block) next(ctx context.Context) (int64, error) {
	if b.last == b.upto {
		if err := b.store.writing.QueryRow(ctx, "INSERT INTO counter (name, number) VALUES ($1, $2::bigint) ON CONFLICT (name) DO UPDATE SET number = counter.number + $2::bigint RETURNING number",
			b.counter, int64(blockSize)).Scan(&b.upto); err != nil {
			return 0, fmt.Errorf("take numbers of %s: %w", b.counter, err)
		}
		b.last = b.upto - blockSize
	}
	b.last++
	return b.last, nil
}
