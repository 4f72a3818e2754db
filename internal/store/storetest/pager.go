package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A pager asks a repository for pages of lists, and keeps them as a handler does, to be served again
// as long as the repository says that they are still right (oaipmh.Listing).
type pager struct {
	repo oaipmh.Repository

	mu    sync.Mutex
	pages map[pageKey]*keptPage
	again int // how often a page was served again
}

type pageKey struct {
	q    oaipmh.Query
	size int
}

type keptPage struct {
	entries []entry
	listing oaipmh.Listing
}

func pagerOf(repo oaipmh.Repository) *pager {
	return &pager{repo: repo, pages: map[pageKey]*keptPage{}}
}

// kept gives the page that was kept, with the repository's clock, if it is still right.
func (p *pager) kept(ctx context.Context, key pageKey) (*keptPage, time.Time) {
	p.mu.Lock()
	page := p.pages[key]
	p.mu.Unlock()
	if page == nil || page.listing.Fresh == nil {
		return nil, time.Time{}
	}
	head, ok := page.listing.Fresh(ctx)
	if !ok {
		return nil, time.Time{}
	}
	p.mu.Lock()
	p.again++
	p.mu.Unlock()
	return page, head
}

// read asks the repository, and keeps the page.
func (p *pager) read(ctx context.Context, key pageKey) (*keptPage, error) {
	page := &keptPage{}
	l, err := p.repo.List(ctx, &key.q, func(r *oaipmh.Record) bool {
		if len(page.entries) == key.size {
			return false
		}
		page.entries = append(page.entries, entryOf(r))
		return true
	})
	if err != nil {
		return nil, err
	}
	page.listing = *l
	p.mu.Lock()
	p.pages[key] = page
	p.mu.Unlock()
	return page, nil
}

// list gives a page, one that was kept if it can.
func (p *pager) list(ctx context.Context, q oaipmh.Query, size int) (*keptPage, error) {
	key := pageKey{q, size}
	page, head := p.kept(ctx, key)
	if page == nil {
		return p.read(ctx, key)
	}
	served := *page
	served.listing.Head = head
	return &served, nil
}

// readPage reads a page, and keeps it.
func (x *fixture) readPage(q oaipmh.Query, size int) *keptPage {
	x.Helper()
	page, err := x.pages.read(x.Context(), pageKey{q, size})
	x.ok(err)
	return page
}

// checkPages reads each page again that was kept and is said to be right, and sees to it that it is.
func (x *fixture) checkPages() {
	x.Helper()
	for key := range x.pages.pages {
		kept, _ := x.pages.kept(x.Context(), key)
		if kept == nil {
			delete(x.pages.pages, key)
			continue
		}
		page, err := x.pages.read(x.Context(), key)
		x.ok(err)
		x.same(fmt.Sprintf("page %+v, which was kept", key), kept.entries, page.entries, cmpopts.EquateEmpty())
		if kept.listing.Next != page.listing.Next || key.q.After == "" && kept.listing.Size != page.listing.Size {
			x.Fatalf("the page %+v was kept with %+v, and is now %+v", key, kept.listing, page.listing)
		}
	}
}

// testKeptPages keeps the pages of all lists before each step of a history, and sees to it that those
// that are said to be right after it are.
func testKeptPages(t *testing.T, f Factory) {
	cases(t)
	right := 0
	rapid.Check(t, func(rt *rapid.T) {
		x := start(t, rt, f)
		x.put("alpha", x.drawChange(rt, "alpha", 0), x.drawChange(rt, "alpha", 1), x.drawChange(rt, "alpha", 2))
		for range 25 {
			for _, prefix := range []string{"oai_dc", "mods"} {
				for _, set := range []string{"", "alpha:x"} {
					x.keepPages(prefix, set, 1)
				}
			}
			switch n := rapid.IntRange(0, 3).Draw(rt, "local"); rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				x.newEpoch(pipeline.Head{})
			case 1, 2:
				x.put("alpha", x.drawChange(rt, "alpha", n))
			default: // in and out of one set and one format, again and again
				sets := []string{"alpha", "alpha:x"}[:rapid.IntRange(1, 2).Draw(rt, "sets")]
				x.put("alpha", live(identifier("alpha", n), rapid.SampledFrom([]int{0, 2}).Draw(rt, "content"), sets...))
			}
			x.checkPages()
			right += len(x.pages.pages)
		}
	})
	if right == 0 {
		t.Error("no page was ever right after a change")
	}
}

// keepPages reads a list, so that its pages are kept.
func (x *fixture) keepPages(prefix, set string, size int) {
	x.Helper()
	for q := (oaipmh.Query{Prefix: prefix, Set: set}); ; {
		page, err := x.pages.read(x.Context(), pageKey{q, size})
		if errors.Is(err, oaipmh.ErrNoSuchSet) || errors.Is(err, oaipmh.ErrNoSuchFormat) {
			return
		}
		x.ok(err)
		if q.After = page.listing.Next; q.After == "" {
			return
		}
	}
}
