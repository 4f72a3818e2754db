package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A harvester keeps a copy of a repository as the protocol says: a list from the beginning, then
// lists of what has changed since the responseDate of the first or of the last page of the list before.
type harvester struct {
	log     *pager
	prefix  string
	set     string
	useLast bool
	silent  bool // the set is: nobody tells of who leaves, and a token may lead to nothing
	page    int

	copy map[string]entry
	from time.Time // of the next walk

	walking     bool
	q           oaipmh.Query
	first, last time.Time
	met         map[string]bool // in this walk
	walks       int             // that came to their end
}

func harvesterOf(log *pager, prefix, set string, useLast bool) *harvester {
	return &harvester{log: log, prefix: prefix, set: set, useLast: useLast, silent: isSilent(set), page: 3, copy: map[string]entry{}}
}

// step asks for one page. An error is a broken promise of the repository.
func (h *harvester) step(ctx context.Context) error {
	if !h.walking {
		h.walking, h.met = true, map[string]bool{}
		h.q = oaipmh.Query{Prefix: h.prefix, Set: h.set, From: h.from}
		h.first = time.Time{}
	}
	page, err := h.log.list(ctx, h.q, h.page)
	switch {
	case errors.Is(err, oaipmh.ErrNoSuchSet), errors.Is(err, oaipmh.ErrNoSuchFormat): // not yet
		h.walking = false
		h.walks++
		return nil
	case errors.Is(err, oaipmh.ErrBadPosition):
		// A new epoch: the copy is worth nothing, and is begun again.
		h.walking, h.from, h.copy = false, time.Time{}, map[string]entry{}
		return nil
	case err != nil:
		return fmt.Errorf("list %+v: %w", h.q, err)
	case len(page.entries) == 0 && h.q.After != "" && !h.silent:
		return fmt.Errorf("the page %+v is empty", h.q)
	case page.listing.Head.Before(h.last):
		return fmt.Errorf("responseDate %v after %v", page.listing.Head, h.last)
	}
	for _, e := range page.entries {
		h.copy[e.Identifier] = e
		h.met[e.Identifier] = true
	}
	h.last = page.listing.Head
	if h.first.IsZero() {
		h.first = page.listing.Head
	}
	if h.q.After = page.listing.Next; h.q.After != "" {
		return nil
	}
	h.walking, h.from = false, h.first
	if h.useLast {
		h.from = h.last
	}
	h.walks++
	return nil
}

// finish ends the walk under way, and makes another one.
func (h *harvester) finish(x *fixture) {
	x.Helper()
	for end := h.walks + 1; h.walking || h.walks < end; {
		x.ok(h.step(x.Context()))
	}
}

// differs says how the copy differs from the list that it should be a copy of: the live records must
// be there just as they are, the deleted ones may be missing.
func (h *harvester) differs(want []entry) error {
	for _, w := range want {
		got, ok := h.copy[w.Identifier]
		switch {
		case !ok && !w.Deleted:
			return fmt.Errorf("the harvester never met %s", w.Identifier)
		case ok && (got.Deleted != w.Deleted || !got.Datestamp.Equal(w.Datestamp) || got.Metadata != w.Metadata):
			return fmt.Errorf("the harvester has %+v, want %+v", got, w)
		}
	}
	known := map[string]bool{}
	for _, w := range want {
		known[w.Identifier] = true
	}
	for id, got := range h.copy {
		if !known[id] && !h.silent {
			return fmt.Errorf("the harvester has %+v, which nobody lists", got)
		}
	}
	return nil
}
