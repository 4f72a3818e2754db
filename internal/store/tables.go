package store

import "context"

// Tables are tables that are no part of the log, in a database that keeps them as safe as one: webhooks keep there how far they
// are. Their SQL is what SQLite and PostgreSQL both understand, with arguments $1, $2, …, numbers and texts.
type Tables interface {
	// Read runs queries.
	Read(ctx context.Context, f func(Queries) error) error
	// Write runs queries as one transaction, which is durable when it returns. f may be run several times, each time in a new
	// transaction, of which only the last one is kept.
	Write(ctx context.Context, f func(Queries) error) error
}

// Queries are a connection to Tables.
type Queries interface {
	// Exec says how many rows were changed.
	Exec(query string, args ...any) (changed int64, err error)
	// Each calls row for each row of the answer; it must ask the database nothing.
	Each(query string, args []any, row func(Columns)) error
}

// Columns are a row of an answer, valid until the next one is read.
type Columns interface {
	ColumnInt64(column int) int64
	ColumnText(column int) string
}
