package harvest

import (
	"context"
	"sync"
)

// A Parking keeps what a Source has opened or fetched for one page until it is asked for the next, so that neither files nor
// lists are read from their beginning for each. It is only for speed: a cursor says all that is needed to go on without it.
// The zero value is empty. It is safe for concurrent use.
type Parking[W any] struct {
	// LetGo ends what nobody came back for; nil if there is nothing to end.
	LetGo func(W)

	mu     sync.Mutex
	parked *parked[W]
}

type parked[W any] struct {
	walk W
	at   Cursor
	stop func() bool // calls off that it is let go of when its run ends
}

// Take gives what waits at a cursor; ok is false if nothing does.
func (p *Parking[W]) Take(at Cursor) (walk W, ok bool) {
	p.mu.Lock()
	had := p.parked
	if had == nil || had.at != at {
		had = nil
	} else {
		p.parked = nil
	}
	p.mu.Unlock()
	if had == nil || !had.stop() { // the run has ended, and it is being let go of
		return walk, false
	}
	return had.walk, true
}

// Leave keeps a walk for the page at a cursor, in place of the one before, until ctx, which is that of the run, ends.
func (p *Parking[W]) Leave(ctx context.Context, walk W, at Cursor) {
	now := &parked[W]{walk: walk, at: at}
	p.mu.Lock()
	now.stop = context.AfterFunc(ctx, func() { p.leave(now) })
	had := p.parked
	p.parked = now
	p.mu.Unlock()
	if had != nil && had.stop() {
		p.letGo(had.walk)
	}
}

// leave lets go of a walk whose run has ended.
func (p *Parking[W]) leave(over *parked[W]) {
	p.mu.Lock()
	if p.parked == over {
		p.parked = nil
	}
	p.mu.Unlock()
	p.letGo(over.walk)
}

func (p *Parking[W]) letGo(walk W) {
	if p.LetGo != nil {
		p.LetGo(walk)
	}
}
