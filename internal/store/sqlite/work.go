package sqlite

import "context"

// Work runs f: a log in a file has one gateway, which does all the work.
func (s *Store) Work(ctx context.Context, f func(context.Context) error) error { return f(ctx) }
