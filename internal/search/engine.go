package search

import "context"

// An Engine is what the gateway needs of a search. [Index] is the one that comes with it; an installation that outgrows one
// machine may have a search server in its place, behind an Engine that passes package searchtest. Its methods may be called
// at the same time, also while Run goes on.
type Engine interface {
	// Run follows the log until ctx ends, from where it was when it ended last. In a log that has begun a new epoch it
	// begins anew. What goes wrong is tried again, and told in the log of the program.
	Run(ctx context.Context) error

	// Behind is how many places of the log are yet to be read, an upper bound of the changes.
	Behind() int64

	// Find answers a query as of one place in the log. Whatever a reader may ask for has an answer; the error is one of the
	// engine, or of ctx.
	Find(ctx context.Context, q *Query) (*Found, error)

	// Walk gives up to limit of all hits of a query behind a place of the log, in the order of the log. A record that changes
	// meanwhile is met again further on, so that a walk to the end misses none.
	Walk(ctx context.Context, q *Query, after int64, limit int) (*Walked, error)

	// Around finds a record among the hits of a query, in the order of the query, whose offset and limit mean nothing. Number is
	// 0 if the record is none of them, or the answer would take too long.
	Around(ctx context.Context, q *Query, identifier string) (*Around, error)

	// Alike finds up to limit records that have persons, subjects or sets in common with one. A value that few records have
	// counts more than one that many have.
	Alike(ctx context.Context, identifier string, limit int) (*Alike, error)

	// Remove takes out a record that is taken down. When it returns, nothing finds the record, and none of its words is kept.
	Remove(identifier string) error

	// Close ends the use of the engine, after Run has ended.
	Close() error
}

var _ Engine = (*Index)(nil)
