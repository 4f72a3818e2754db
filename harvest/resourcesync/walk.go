package resourcesync

import (
	"context"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// Bounds of a page. It ends with the item that goes beyond one of them.
const (
	pageItems = 50
	pageBytes = 4 << 20
	pageAsked = 200 // resources that are asked for in vain count too
)

// A walk goes through a pass.
type walk struct {
	s     *Source
	c     cursor
	offer *offered
	base  *feed    // all resources, while they are read
	feed  *feed    // their changes; nil if none are offered
	later *changes // since the place of the cursor, from a list; nil if there is none

	units []unit // of the present stage
	tasks []task // of the present unit
	ready bool   // there are tasks, though perhaps none
	pack  *pack  // that they are in; nil if they are in none

	page  *harvest.Page
	early []string  // warnings of before there was a page
	size  int       // bytes on the page
	asked int       // resources that were asked for to make it
	lost  error     // why there is no feed, although one is offered
	until time.Time // the newest of the changes in the present package
}

// Warnings of pages. They are stable sentences.
const (
	warnGap     = "The list of changes does not go back to the last harvest, so that everything is asked for."
	warnLost    = "The list of changes can't be had, so that everything is asked for."
	warnHole    = "The list of changes begins after the list of resources was made; what was created in between may be missing."
	warnUndated = "The list of resources does not say when it was made, so that changes since then may be missing."
	warnAlone   = "The capability list that the list names can't be had; the list is read without it."
	warnNothing = "No resource of a list is metadata in XML; only: and metadata: say what is."
	warnDump    = "A package of the dump is too large, so that the list of resources is read."
)

func (w *walk) warn(sentence string) {
	if w.page == nil {
		w.early = wording.AddOnce(w.early, sentence)
		return
	}
	w.page.Warnings = wording.AddOnce(w.page.Warnings, sentence)
}

// lack notes that the pass lacks something.
func (w *walk) lack(what, why string) {
	w.c.Lacking++
	said := wording.ClipLine(what, 300) + " can't be had: " + wording.ClipLine(why, 200)
	if w.c.Lacks == "" {
		w.c.Lacks = said
	}
	if w.page != nil && w.page.Short == "" {
		w.page.Short = said
	}
}

// lacks says what the whole pass lacks; empty if nothing.
func (c *cursor) lacks() string {
	if c.Lacking > 1 {
		return fmt.Sprintf("%s (and %d more)", c.Lacks, c.Lacking-1)
	}
	return c.Lacks
}

// fill makes a page.
func (w *walk) fill(ctx context.Context) (*harvest.Page, error) {
	w.page, w.size, w.asked = &harvest.Page{Warnings: w.early}, 0, 0
	w.early = nil
	w.c.Failures = 0
	for w.c.Stage != isThrough && len(w.page.Items) < pageItems && w.size < pageBytes && w.asked < pageAsked {
		err := w.step(ctx)
		if err != nil && len(w.page.Items) > 0 && ctx.Err() == nil {
			break // what there is can be kept; the next page meets the error again
		}
		if err != nil {
			return nil, err
		}
	}
	w.page.Full, w.page.Unproven = w.c.Full, w.c.Unproven
	if w.c.Stage != isThrough {
		w.page.Next = w.c.write()
	} else {
		w.end()
	}
	page := w.page
	w.page = nil
	return page, nil
}

// step does one task, or goes on to the next part or stage. After an error the cursor is as it was.
func (w *walk) step(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	switch {
	case !w.ready:
		return w.load(ctx)
	case w.c.Done < len(w.tasks):
		t := &w.tasks[w.c.Done]
		if err := w.do(ctx, t); err != nil {
			return err
		}
		w.c.Done++
		w.c.Tasks = digestTasks(w.c.Tasks, *t)
		return nil
	case w.c.Stage == asksAgain || w.c.Stage == readsGone || w.c.Stage == readsChanges || w.c.Unit >= len(w.units):
		return w.through(ctx)
	}
	w.c.Units = digest(w.c.Units, w.units[w.c.Unit].id)
	w.c.Unit++
	w.c.Newest = written(latest(earliest(w.c.Newest), w.until))
	w.c.next()
	w.unload()
	return nil
}

// through goes on to the next stage.
func (w *walk) through(ctx context.Context) error {
	next := isThrough
	switch {
	case w.c.Stage == readsGone:
		if !w.c.Unheard {
			w.c.Before = ""
		}
		w.c.to(w.c.Then)
		w.unload()
		return nil // with the units of the list
	case w.c.Stage == readsList || w.c.Stage == readsDump:
		if err := w.same(ctx); err != nil {
			return err
		}
		next = w.changing()
	case w.c.Stage == asksAgain:
		next = w.changing()
	case w.c.Stage == readsChanges && w.later.more:
		if err := w.window(ctx); err != nil {
			return err
		}
		next = readsChanges
	}
	w.c.to(next)
	w.units = nil
	w.unload()
	return nil
}

// window goes on with the changes after those that were looked at together.
func (w *walk) window(ctx context.Context) error {
	after, err := w.s.gather(ctx, w.feed, w.later.newest)
	if err != nil {
		return err
	}
	w.c.Place, w.c.Edge = written(w.later.newest), w.later.edge
	after.forget(w.later.newest, w.c.Edge)
	w.later = after
	return nil
}

// changing is the stage that reads the changes; the end if there are none.
func (w *walk) changing() stage {
	switch {
	case w.later != nil:
		return readsChanges
	case w.feed != nil && w.feed.capability == aChangeDump:
		return readsPackages
	}
	return isThrough
}

// same makes sure that the parts of a list are those with which the pass began: what moved from one part to another
// meanwhile may have been passed over.
func (w *walk) same(ctx context.Context) error {
	if len(w.units) < 2 {
		return nil
	}
	delete(w.offer.root, w.offer.lists[w.base.capability])
	now, err := w.s.feed(ctx, w.offer, w.base.capability)
	if err != nil {
		return err
	}
	units, err := w.s.parts(ctx, now)
	if err != nil {
		return err
	}
	if digestUnits(units) != w.c.Base {
		w.c.Again = true
		w.lack("what moved while the list was read", "its parts are others than at its beginning")
	}
	return nil
}

// end says where the next pass begins.
func (w *walk) end() {
	c := &w.c
	next := cursor{Version: cursorVersion, From: c.From, Place: c.Place, Edge: c.Edge, Known: true, Again: c.Again, Missed: c.Missed, NoDump: c.NoDump}
	switch {
	case w.later != nil:
		next.Place, next.Edge = written(w.later.newest), w.later.edge
	case c.Newest != "":
		next.Place, next.Edge = written(latest(c.place(), earliest(c.Newest))), ""
	}
	if c.Before != "" { // deletions since then have not been told
		next.Place, next.Edge = c.Before, ""
	}
	w.page.Done, w.page.Next = true, next.write()
	if c.Lacks != "" {
		w.page.Short = c.lacks()
	}
}

// written is a time in a cursor; empty for the zero time.
func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// place is the time from which changes are not known.
func (c *cursor) place() time.Time { return earliest(c.Place) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// unload lets go of the present unit.
func (w *walk) unload() { w.ready, w.tasks, w.pack, w.until = false, nil, nil, time.Time{} }
