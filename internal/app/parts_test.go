package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestStopHasADeadline has parts that never stop, with and without an ear for their context, above ones that do: all are
// asked, in the opposite order, and all together end about when they should.
func TestStopHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, never := newParts(), make(chan struct{})
		defer close(never)
		var mu sync.Mutex
		var asked []string
		say := func(name string, then func(context.Context) error) {
			p.push(name, func(ctx context.Context) error {
				mu.Lock()
				asked = append(asked, name)
				mu.Unlock()
				return then(ctx)
			})
		}
		say("the log", func(context.Context) error { return nil })
		for range 4 {
			say("deaf", func(context.Context) error { <-never; return nil })
			say("slow", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		}
		begun := time.Now()
		err := p.stop()
		if took := time.Since(begun); took < stopWithin || took > stopWithin+8*2*lastChance {
			t.Errorf("stopping took %v, want about %v", took, stopWithin)
		}
		if want := []string{"slow", "deaf", "slow", "deaf", "slow", "deaf", "slow", "deaf", "the log"}; !slices.Equal(asked, want) {
			t.Errorf("asked %q, want %q", asked, want)
		}
		if err == nil || strings.Count(err.Error(), "deaf: it has not stopped within") != 4 || strings.Count(err.Error(), "slow: context deadline exceeded") != 4 {
			t.Errorf("the error is %v", err)
		}
		if err := p.stop(); err != nil || len(asked) != 9 {
			t.Errorf("stopping again: %v, asked %q", err, asked)
		}
	})
}
