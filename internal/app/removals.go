package app

import (
	"context"
	"errors"
	"sync"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// removals tell those who show records, or keep copies of them, that a person has removed one. The command answers when
// all of them have heard of it.
type removals struct {
	mu   sync.Mutex
	hear []func(context.Context, *pipeline.Suppression) error
}

func (r *removals) add(hear func(context.Context, *pipeline.Suppression) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hear = append(r.hear, hear)
}

func (r *removals) tell(ctx context.Context, s *pipeline.Suppression) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, hear := range r.hear {
		errs = append(errs, hear(ctx, s))
	}
	return errors.Join(errs...)
}
