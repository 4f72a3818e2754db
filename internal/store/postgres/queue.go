package postgres

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
)

// A statement that answers nothing waits, and is sent together with the next question: what a page writes makes one round
// trip. An error of a statement that waited is that of the question that sent it.
//
// What is written of many records by the same statement becomes one statement for all of them (many): the server reads,
// plans and begins it once, and not some 3,500 times for a page of 500 new records. Its arguments are arrays, which unnest
// makes rows of again.

// A statement waits to be sent.
type statement struct {
	query   string
	args    []any
	columns []column             // instead of args, of a statement for many rows
	read    func(pgx.Rows) error // nil if nobody wants the answer
}

// maxQueued bounds how many statements wait. What they hold stays in memory until they are sent.
const maxQueued = 2000

// exec queues a statement that answers nothing.
func exec(d *db, query string, args ...any) error {
	d.queue(&statement{query: query, args: plain(args)})
	if len(d.queued) >= maxQueued {
		return d.flush()
	}
	return nil
}

// queue queues a statement behind all that wait, those for many rows too: these get no more rows.
func (d *db) queue(s *statement) {
	d.queued, d.open = append(d.queued, s), nil
}

// many queues one row for a statement that takes many, as arrays in $1, $2, …: the numbers, texts or bytes that are given here
// one at a time. All rows for the same query go into one statement, at the place of the first of them, until something else is
// queued or asked. So those that are given between two other statements must not depend on each other: none writes a row that
// another one writes or looks for. A record that is met twice on a page is asked for again in between (olds).
func many(d *db, query string, args ...any) {
	manyRead(d, nil, query, args...)
}

// manyRead is many with a statement that answers. read gets each row when that is sent, and must ask nothing.
func manyRead(d *db, read func(*tuple) error, query string, args ...any) {
	args = plain(args)
	s := d.open[query]
	if s == nil {
		s = &statement{query: query}
		for _, v := range args {
			s.columns = append(s.columns, columnFor(v))
		}
		if read != nil {
			s.read = rowsTo(read)
		}
		if d.open == nil {
			d.open = map[string]*statement{}
		}
		d.queued, d.open[query] = append(d.queued, s), s
	}
	for i, v := range args {
		s.columns[i].add(v)
	}
}

// A column is the array of one argument of all rows.
type column interface {
	add(v any)
	array() any
}

type columnOf[T any] struct{ values []T }

func (c *columnOf[T]) add(v any)  { c.values = append(c.values, v.(T)) }
func (c *columnOf[T]) array() any { return c.values }

// columnFor makes the column of a value: a number, a text, bytes; or one of the first two, or nothing, by a pointer.
func columnFor(v any) column {
	switch v.(type) {
	case int64:
		return &columnOf[int64]{}
	case *int64:
		return &columnOf[*int64]{}
	case string:
		return &columnOf[string]{}
	case *string:
		return &columnOf[*string]{}
	case []byte:
		return &columnOf[[]byte]{}
	}
	panic("store: a value that no array is made of")
}

// flush sends what is queued.
func (d *db) flush() (err error) {
	queued := d.queued
	d.queued, d.open = nil, nil
	if len(queued) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, s := range queued {
		args := s.args
		for _, c := range s.columns {
			args = append(args, c.array())
		}
		batch.Queue(s.query, args...)
	}
	results := d.conn.SendBatch(d.ctx, &batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for _, s := range queued {
		if err := s.answer(results); err != nil {
			return err
		}
	}
	return nil
}

func (s *statement) answer(results pgx.BatchResults) error {
	if s.read == nil {
		_, err := results.Exec()
		return err
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	err = s.read(rows)
	rows.Close()
	return errors.Join(err, rows.Err())
}

// ask runs a statement now, behind those that wait, and gives its answer to read.
func (d *db) ask(query string, args []any, read func(pgx.Rows) error) error {
	d.queue(&statement{query: query, args: plain(args), read: read})
	return d.flush()
}

// rowsTo reads an answer row by row.
func rowsTo(f func(*tuple) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		r := &tuple{fields: slices.Clone(rows.FieldDescriptions())} // the driver uses its own again
		for rows.Next() {
			r.values = rows.RawValues()
			if err := f(r); err != nil {
				return err
			}
		}
		return nil
	}
}
