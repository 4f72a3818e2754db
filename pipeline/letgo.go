package pipeline

import (
	"context"
	"fmt"
	"time"
)

// letGo is how long a source may take to come back after its run was ended. It is shorter than what a gateway that stops
// grants the scheduler.
const letGo = 5 * time.Second

// call calls a source. One that brings the reader down fails the run, and not the gateway with all other sources. One that
// does not come back when ctx has ended is left behind, so that it holds up nobody else; [Runner.Run] does not ask it
// again before it has come back.
func call[T any](ctx context.Context, src *Source, f func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	back := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("reading the page broke off, which is a fault of this program: %v", p)
			}
			back <- a
		}()
		a.value, a.err = f(ctx)
	}()
	select {
	case a := <-back:
		return a.value, a.err
	case <-ctx.Done():
	}
	late := time.NewTimer(letGo)
	defer late.Stop()
	select {
	case a := <-back:
		return a.value, a.err
	case <-late.C:
		src.leftBehind.Add(1)
		go func() {
			<-back
			src.leftBehind.Add(-1)
		}()
		var none T
		return none, fmt.Errorf("the source does not heed that the harvest was ended, and was left behind: %w", context.Cause(ctx))
	}
}
