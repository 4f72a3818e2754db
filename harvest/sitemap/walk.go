package sitemap

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

const (
	// pageItems is how many pages of the site are listed at once, and pageTime how long asking for them may take because
	// of the pause that the site asks for. They are asked for one by one, and a run that is killed asks for those of the
	// last page again.
	pageItems = 20
	pageTime  = time.Minute
	// maxDepth bounds how deep indexes name indexes, and maxSitemaps how many sitemaps a pass reads.
	maxDepth    = 4
	maxSitemaps = 50_000
	// maxSteps bounds what is looked at for one page: entries that no pattern matches count too.
	maxSteps = 100_000
)

// Warnings of pages. They are stable sentences.
const (
	warnNothing = "The patterns of match: and skip: leave out every page that the sitemap names."
	warnMoved   = "The index of sitemaps changed while they were read, so that nothing shows which pages are gone."
	warnEmpty   = "The sitemap names no page."
	// leftOut is told once in a pass.
	leftOut = "The patterns of match: and skip: leave out %s that the sitemaps name; %d are taken."
)

// A walk goes through a pass.
type walk struct {
	s      *Source
	c      cursor
	frames []*frame // the documents from the root to the one that is being read
	at     string   // the sitemap in which the cursor of the page stands
	items  int      // how many pages of the site are listed at once

	page *harvest.Page
}

// A frame is a document that is being read. That of the root names the sitemaps that the source begins with.
type frame struct {
	place
	doc     *document
	lastmod string // that the index gives it
}

// fill makes a page. All that it lists is of the sitemap in which its cursor stands, because Ask must know that: where the
// next sitemap begins a page ends, be it without items.
func (w *walk) fill(ctx context.Context) (*harvest.Page, error) {
	w.page = &harvest.Page{Full: !w.c.Skips}
	w.c.Failures = 0
	for steps := 0; len(w.frames) > 0 && !w.isElsewhere() && len(w.page.Items) < w.items && steps < maxSteps; steps++ {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		err := w.step(ctx)
		if err != nil && len(w.page.Items) > 0 {
			break // what there is can be kept; the next page meets the error again
		}
		if err != nil {
			return nil, err
		}
	}
	if len(w.frames) > 0 {
		w.page.Next, w.page.Total = w.next(), w.total()
	} else if err := w.end(ctx); err != nil {
		return nil, err
	}
	if w.page.Done && w.c.Lacks != "" {
		w.page.Short = w.c.Lacks
		if w.c.Lacking > 1 {
			w.page.Short = fmt.Sprintf("%s (and %d more)", w.c.Lacks, w.c.Lacking-1)
		}
	}
	return w.page, nil
}

// isElsewhere reports whether the walk has come to another sitemap than that in which the cursor of the page stands.
func (w *walk) isElsewhere() bool {
	f := w.frames[len(w.frames)-1]
	return !f.doc.index && f.URL != w.at
}

// next is the cursor of the place that the walk has come to.
func (w *walk) next() harvest.Cursor {
	w.c.Path = nil
	for _, f := range w.frames {
		w.c.Path = append(w.c.Path, f.place)
	}
	w.at = sitemapOf(&w.c)
	return w.c.write()
}

// total is how many pages the sitemap names, if it is the only one.
func (w *walk) total() int {
	if root := w.frames[0]; len(root.doc.entries) == 1 && len(w.frames) == 2 && !w.frames[1].doc.index {
		return len(w.frames[1].doc.entries)
	}
	return 0
}

// step takes the next entry of the document that is being read. After an error the walk stands where it stood.
func (w *walk) step(ctx context.Context) error {
	f := w.frames[len(w.frames)-1]
	if f.Done >= len(f.doc.entries) {
		w.leave(f)
		return nil
	}
	e := f.doc.entries[f.Done]
	if f.doc.index {
		return w.enter(ctx, f, e)
	}
	f.Done++
	w.list(f, e)
	return nil
}

// leave ends a document that was read to its end.
func (w *walk) leave(f *frame) {
	w.frames = w.frames[:len(w.frames)-1]
	if len(w.frames) == 0 {
		return
	}
	w.frames[len(w.frames)-1].Done++
	if f.doc.cut == "" && isSettled(f.lastmod, w.c.Since) {
		w.s.note(func(m *memory) { m.lastmod[f.URL] = f.lastmod })
	}
}

// enter begins the sitemap that an entry of an index names, unless it is as it was.
func (w *walk) enter(ctx context.Context, index *frame, e entry) error {
	if w.c.Skips && w.isKnown(e) {
		index.Done++
		return nil
	}
	why := ""
	switch {
	case len(w.frames) > maxDepth:
		why = fmt.Sprintf("indexes name indexes more than %d deep", maxDepth)
	case w.isOpen(e.loc):
		why = "an index of sitemaps leads back to itself"
	case w.c.Read >= maxSitemaps:
		why = fmt.Sprintf("there are more than %d sitemaps", maxSitemaps)
	default:
		doc, err := w.s.ask(ctx, e.loc, index.URL)
		if err != nil && !w.isFinal(err) {
			return err
		}
		if err == nil {
			w.begin(e, doc)
			return nil
		}
		why = err.Error()
	}
	index.Done++
	w.lack(e.loc, "can't be had: "+why)
	return nil
}

func (w *walk) begin(e entry, doc *document) {
	w.c.Read++
	w.frames = append(w.frames, &frame{place: place{URL: e.loc, Digest: doc.digest()}, doc: doc, lastmod: e.lastmod})
	if doc.cut != "" {
		w.lack(e.loc, "is cut off after "+wording.Count(int64(len(doc.entries)), "entry", "entries")+": "+doc.cut)
	}
}

// lack notes that the pass lacks something, so that the next one reads everything.
func (w *walk) lack(address, why string) {
	w.c.lack(wording.ClipLine(harvest.Shown(address), 300) + " " + wording.ClipLine(why, 300))
	w.s.note(func(m *memory) { m.trouble = true })
}

func (w *walk) isOpen(address string) bool {
	for _, f := range w.frames {
		if f.URL == address {
			return true
		}
	}
	return false
}

// isKnown reports whether a sitemap is as it was when it was read to its end.
func (w *walk) isKnown(e entry) (known bool) {
	w.s.note(func(m *memory) { known = e.lastmod != "" && m.lastmod[e.loc] == e.lastmod })
	return known
}

// isFinal reports whether a sitemap can't be had, because asking again makes no sense or was in vain too often.
func (w *walk) isFinal(err error) bool {
	switch harvest.KindOf(err) {
	case harvest.HTTP4xx, harvest.Forbidden, harvest.NotPublic, harvest.Config, harvest.HTML, harvest.Malformed, harvest.Protocol, harvest.TooLarge:
		return len(w.frames[0].doc.entries) > 1 || len(w.frames) > 1 // without the only one there is nothing
	case harvest.HTTP5xx, harvest.Truncated, harvest.Timeout:
		brave := w.c.Brave
		w.c.Brave = false
		return brave
	}
	return false
}

// open makes a walk ready: it begins a pass, or goes on with one.
func (w *walk) open(ctx context.Context) error {
	if !w.c.Began {
		w.s.forget()
	}
	root, err := w.s.root(ctx)
	if err != nil {
		return err
	}
	w.items = w.s.atOnce(ctx)
	w.frames = []*frame{{place: place{Digest: root.digest()}, doc: root}}
	if w.c.Began {
		w.at = sitemapOf(&w.c)
		w.s.note(func(m *memory) { m.trouble = true }) // another Source may have had some
		return w.resume(ctx)
	}
	now := w.s.config.Now().UTC()
	c := cursor{Version: cursorVersion, From: w.s.id, Began: true, Since: now, Asked: w.c.Asked, Brave: w.c.Brave}
	every := w.s.config.FullEvery
	if c.Asked.IsZero() || every > 0 && now.Sub(c.Asked) >= every {
		c.Whole, c.Asked = true, now
	}
	w.c = c
	return w.choose(ctx)
}

// atOnce is how many pages of the site are listed at once.
func (s *Source) atOnce(ctx context.Context) int {
	from, _ := url.Parse(s.config.From) // checked
	if pause := s.gate.Pause(ctx, from); pause > 0 {
		return int(min(max(pageTime/pause, 1), pageItems))
	}
	return pageItems
}

// choose decides at the beginning of a pass whether it leaves out sitemaps that are as they were. It does if there are any,
// unless all must be read.
func (w *walk) choose(ctx context.Context) error {
	if err := w.step(ctx); err != nil { // the first sitemap, which may be an index
		return err
	}
	top := w.frames[len(w.frames)-1]
	if top.URL != "" && top.doc.index {
		w.c.Base = top.Digest
	}
	may := false
	w.s.note(func(m *memory) {
		may = m.whole && !m.trouble && !w.c.Whole && !w.s.config.Complete
		m.whole, m.trouble = false, w.c.Lacks != ""
		if !may {
			clear(m.lastmod)
		}
	})
	for _, e := range top.doc.entries {
		w.c.Skips = w.c.Skips || may && top.doc.index && w.isKnown(e)
	}
	return nil
}

// resume goes on where the cursor stands. A document that is another than it was is read from its beginning: what was
// listed before is not asked for again.
func (w *walk) resume(ctx context.Context) error {
	path := w.c.Path
	if len(path) == 0 {
		return nil
	}
	w.goOn(path[0])
	for _, p := range path[1:] {
		f := w.frames[len(w.frames)-1]
		if f.Done >= len(f.doc.entries) || f.doc.entries[f.Done].loc != p.URL {
			return nil
		}
		read, lacks, lacking := w.c.Read, w.c.Lacks, w.c.Lacking
		if err := w.step(ctx); err != nil {
			return err
		}
		top := w.frames[len(w.frames)-1]
		if top == f {
			return nil // it can't be had any more, which was noted
		}
		w.c.Read, w.c.Lacks, w.c.Lacking = read, lacks, lacking // it was counted before
		if top.doc.cut != "" && lacks == "" {
			w.lack(p.URL, "is cut off")
		}
		w.goOn(p)
	}
	return nil
}

// goOn goes on in the document that is being read, if it is the same still.
func (w *walk) goOn(p place) {
	if f := w.frames[len(w.frames)-1]; f.Digest == p.Digest {
		f.Done = min(p.Done, len(f.doc.entries))
	}
}

// list puts a page of the site on the page.
func (w *walk) list(f *frame, e entry) {
	key, reject := w.s.keyOf(f.URL, f.Done, e)
	if reject == nil && !w.s.config.wanted(key) {
		w.c.LeftOut++
		return
	}
	w.c.Listed++
	w.page.Items = slices.DeleteFunc(w.page.Items, func(had harvest.Item) bool { return had.Key == key }) // the last one counts
	w.page.Items = append(w.page.Items, harvest.Item{Key: key, Datestamp: wording.ClipLine(e.lastmod, 64), Listed: reject == nil, Rejected: reject})
}

// end says where the next pass begins.
func (w *walk) end(ctx context.Context) error {
	if w.c.Base != "" && !w.c.Skips {
		moved, err := w.moved(ctx)
		if err != nil {
			return err
		}
		if moved {
			w.page.Unproven = true
			w.page.Warnings = append(w.page.Warnings, warnMoved)
		}
	}
	if w.c.Listed == 0 && !w.c.Skips {
		w.page.Unproven = true
		w.page.Warnings = append(w.page.Warnings, w.nothing())
	} else if w.c.LeftOut > 0 && !w.c.Skips { // a pattern with a slip in it must not hide pages in silence
		w.page.Warnings = append(w.page.Warnings, fmt.Sprintf(leftOut, wording.Count(int64(w.c.LeftOut), "page", "pages"), w.c.Listed))
	}
	w.page.Done = true
	next := cursor{Version: cursorVersion, From: w.s.id, Asked: w.c.Asked}
	w.page.Next = next.write()
	w.s.note(func(m *memory) { m.whole = w.c.Lacks == "" })
	return nil
}

func (w *walk) nothing() string {
	if len(w.s.config.Match)+len(w.s.config.Skip) > 0 {
		return warnNothing
	}
	return warnEmpty
}

// moved reports whether the index is another than it was when the pass began: what moved from one sitemap to another
// meanwhile may have been passed over.
func (w *walk) moved(ctx context.Context) (bool, error) {
	root, err := w.s.root(ctx)
	if err != nil {
		return false, err
	}
	if len(root.entries) == 0 {
		return true, nil
	}
	doc, err := w.s.ask(ctx, root.entries[0].loc, "")
	if err != nil {
		return false, err
	}
	return doc.digest() != w.c.Base, nil
}
