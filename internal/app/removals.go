package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// removals tell those who show records, or keep copies of them, that a person has removed one. The command answers when
// all of them have heard of it.
type removals struct {
	mu   sync.Mutex
	hear []func(context.Context, *pipeline.Suppression) error
	told map[string]time.Time // when those were removed that were told of, or need not be, by identifier
}

func (r *removals) add(hear func(context.Context, *pipeline.Suppression) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hear = append(r.hear, hear)
}

func (r *removals) tell(ctx context.Context, s *pipeline.Suppression) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(s)
	var errs []error
	for _, hear := range r.hear {
		errs = append(errs, hear(ctx, s))
	}
	return errors.Join(errs...)
}

func (r *removals) note(s *pipeline.Suppression) {
	if r.told == nil {
		r.told = map[string]time.Time{}
	}
	r.told[s.Identifier] = s.At.Truncate(time.Second) // as the log has it
}

// knows says whether a removal was told of; note has one that need not be.
func (r *removals) knows(s *pipeline.Suppression, note bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if note {
		r.note(s)
	}
	return r.told[s.Identifier].Equal(s.At)
}

// hearRemovals tells of records that were removed by a command to another gateway on the same log. What was removed before this
// one was started, it does not have.
func (c *Core) hearRemovals(ctx context.Context) error {
	for started := true; ; started = false {
		grown := c.Store.Changed()
		if err := c.tellRemovals(ctx, started); err != nil && ctx.Err() == nil {
			c.logger.Error("what another gateway has taken down could not be read", "err", err)
		}
		select {
		case <-grown:
		case <-time.After(removalsAgain):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// removalsAgain is when it is looked again whether or not the log has grown: a record that the log does not have is removed without.
const removalsAgain = time.Minute

func (c *Core) tellRemovals(ctx context.Context, known bool) error {
	const page = 1000
	for after, more := "", true; more; {
		all, err := c.Store.Suppressed(ctx, after, page)
		if err != nil {
			return err
		}
		for i := range all {
			if after = all[i].Identifier; !c.removals.knows(&all[i], known) {
				if err := c.removals.tell(ctx, &all[i]); err != nil {
					return err
				}
			}
		}
		more = len(all) == page
	}
	return nil
}

// alone gives what a part runs while no other gateway on the log does the same.
func (c *Core) alone(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return c.Store.Work(ctx, run) }
}
