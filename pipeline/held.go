package pipeline

import (
	"context"
	"sync"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// What all runs together hold of pages that are not stored yet. Fifty sources on ten hosts held five pages each, and what had
// been made of them: 300 MB.
const (
	enoughHeld = 6 << 20 // bytes of items: no more is fetched meanwhile. Mapped, they take some five times as much memory
	heldItem   = 512     // bytes that an item takes beside its original
)

// A hoard counts what runs hold, and has them wait with the next page while that is enough.
type hoard struct {
	mu    sync.Mutex
	bytes int
	freed chan struct{} // closed when something was given back; nil if nobody waits
}

// room waits until there is room for more. Nobody waits for ever: what is counted waits for nothing but to be mapped and
// stored.
func (h *hoard) room(ctx context.Context) error {
	for told := false; ; told = true {
		freed := h.full()
		if freed == nil {
			return nil
		}
		if waiter := harvest.WaiterOf(ctx); waiter != nil && !told {
			waiter.Wait(harvest.Wait{For: ForPlace})
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// roomForPage waits for room for a page that may come without a fetch, such as of a file.
func (h *hoard) roomForPage(ctx context.Context) error {
	if h.full() == nil {
		return nil
	}
	if waiter := harvest.WaiterOf(ctx); waiter != nil {
		defer waiter.Resume(ctx)
	}
	return h.room(ctx)
}

// full gives what is closed when something is given back; nil if there is room now.
func (h *hoard) full() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bytes < enoughHeld {
		return nil
	}
	if h.freed == nil {
		h.freed = make(chan struct{})
	}
	return h.freed
}

func (h *hoard) add(bytes int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes += bytes
	if bytes < 0 && h.freed != nil {
		close(h.freed)
		h.freed = nil
	}
}

// A share is what one run holds of a hoard.
type share struct {
	of     *hoard
	mu     sync.Mutex
	pages  int  // bytes of its pages
	answer int  // bytes of the answer that it makes a page of
	ended  bool // the run has ended; what it has left behind (letgo.go) counts nothing any more
}

// came counts an answer, in place of the one before it. It counts until the run waits for something, or its page is counted: a
// run may wait for its place with what came.
func (s *share) came(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(s.pages, bytes)
}

// took counts a page, which was made of the answer.
func (s *share) took(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(s.pages+bytes, 0)
}

// stored gives back what was counted of a page, or of a part of one.
func (s *share) stored(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(s.pages-bytes, s.answer)
}

// end gives back everything, whatever became of it.
func (s *share) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(0, 0)
	s.ended = true
}

func (s *share) set(pages, answer int) {
	if s.ended {
		return
	}
	s.of.add(pages - s.pages + answer - s.answer)
	s.pages, s.answer = pages, answer
}

// holds is how many bytes are counted of a page. One with items that are asked for one by one counts nothing: it waits for
// its host, perhaps for hours, and others shall not wait with it.
func holds(p *harvest.Page) (bytes int) {
	for i := range p.Items {
		if p.Items[i].Listed {
			return 0
		}
		bytes += heldItem + len(p.Items[i].Original)
	}
	return bytes
}
