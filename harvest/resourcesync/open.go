package resourcesync

import (
	"context"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// open makes a walk ready: it finds what is offered, and begins a pass or goes on with one.
func (w *walk) open(ctx context.Context) error {
	var err error
	if w.offer, err = w.s.discover(ctx); err != nil {
		return err
	}
	if w.offer.alone {
		w.warn(warnAlone)
	}
	if err := w.findFeed(ctx); err != nil {
		return err
	}
	switch {
	case w.c.Stage == "" && (!w.c.Known || w.c.Again || w.c.Place == ""):
		return w.everything(ctx)
	case w.c.Stage == "" || !w.c.Full:
		return w.catchUp(ctx)
	}
	return w.resume(ctx)
}

// findFeed finds the changes: a list of them, because a dump holds what is known too.
func (w *walk) findFeed(ctx context.Context) (err error) {
	for _, capability := range []string{aChangeList, aChangeDump} {
		if w.offer.lists[capability] == "" {
			continue
		}
		w.feed, err = w.s.feed(ctx, w.offer, capability)
		if w.isFinal(err) {
			w.feed, w.lost = nil, err
			continue
		}
		return err
	}
	return nil
}

// isFinal reports whether a thing can't be had, because asking again makes no sense or was in vain too often.
func (w *walk) isFinal(err error) bool {
	if isFinal(err) {
		return true
	}
	brave := w.c.Brave && harvest.KindOf(err) != ""
	w.c.Brave = w.c.Brave && !brave
	return brave
}

// catchUp begins or goes on with a pass of what has changed. If that can't be known, everything is asked for.
func (w *walk) catchUp(ctx context.Context) error {
	if w.feed == nil {
		if w.lost != nil {
			w.warn(warnLost)
		}
		return w.everything(ctx)
	}
	reached, err := w.gather(ctx)
	switch {
	case w.isFinal(err):
		w.feed, w.lost = nil, err
		w.warn(warnLost)
		return w.everything(ctx)
	case err != nil:
		return err
	case !reached:
		w.warn(warnGap)
		return w.everything(ctx)
	}
	if w.c.Stage == "" {
		w.c.to(asksAgain)
		w.c.Retry, w.c.Missed = w.c.Missed, nil
	}
	return nil
}

// gather reads what a list says has changed since the place of the cursor. reached says that the list goes back to it.
func (w *walk) gather(ctx context.Context) (reached bool, err error) {
	since := w.c.place()
	reached = w.feed.reaches(since)
	if w.feed.capability == aChangeDump {
		return reached, nil
	}
	later, err := w.s.gather(ctx, w.feed, since)
	if err != nil {
		return false, err
	}
	reached = reached || w.feed.from.IsZero() && later.proven
	later.forget(since, w.c.Edge)
	w.later = later
	return reached, nil
}

// everything begins a full pass.
func (w *walk) everything(ctx context.Context) error {
	base, err := w.choose(ctx)
	if err != nil {
		return err
	}
	units, err := w.s.parts(ctx, base)
	if err != nil {
		return err
	}
	at := base.at
	if now := w.s.config.Now().UTC(); at.After(now) {
		at = now
	}
	before := w.c.Before
	if before == "" {
		before = w.c.Place
	}
	w.c = cursor{Version: cursorVersion, From: w.s.id, Full: true, Base: digestUnits(units), Place: written(at), NoDump: w.c.NoDump, Brave: w.c.Brave}
	w.begin(base, before)
	w.base, w.units, w.later = base, units, nil
	w.unload()
	if at.IsZero() {
		w.c.Unproven = true
		w.warn(warnUndated)
	}
	if w.lost != nil {
		w.lack("the list of changes", w.lost.Error())
	}
	return w.sinceThen(ctx)
}

// begin is the first stage of a full pass: the list, unless there are deletions that it can't tell because it was made
// after them.
func (w *walk) begin(base *feed, before string) {
	first := readsList
	if base.capability == aResourceDump {
		first = readsDump
	}
	switch {
	case before == "" || !earliest(before).Before(w.c.place()):
	case w.feed != nil && w.feed.capability == aChangeDump:
		w.c.Place = before
	default:
		w.c.Before, w.c.Then, first = before, first, readsGone
		if w.feed != nil && !w.feed.reaches(earliest(before)) {
			w.warn(warnGap)
		}
	}
	w.c.to(first)
}

// sinceThen reads what has changed since the list of a full pass was made, which is told after it.
func (w *walk) sinceThen(ctx context.Context) error {
	if w.feed == nil {
		return nil
	}
	reached, err := w.gather(ctx)
	switch {
	case w.isFinal(err):
		w.feed, w.lost = nil, err
		w.lack("the list of changes", err.Error())
	case err != nil:
		return err
	case !reached && w.c.Place != "":
		w.c.Unproven = true
		w.warn(warnHole)
	}
	return nil
}

// choose chooses between a dump and a list of all resources: the dump, which asks less of the server, unless it is so old
// that its changes are not known any more.
func (w *walk) choose(ctx context.Context) (*feed, error) {
	o := w.offer
	if o.lists[aResourceDump] == "" || w.c.NoDump && o.lists[aResourceList] != "" {
		return w.s.feed(ctx, o, aResourceList)
	}
	dump, err := w.s.feed(ctx, o, aResourceDump)
	if o.lists[aResourceList] == "" || err != nil && !isFinal(err) {
		return dump, err
	}
	if err == nil && w.feed != nil && w.feed.reaches(dump.at) && !dump.at.IsZero() {
		return dump, nil
	}
	list, failed := w.s.feed(ctx, o, aResourceList)
	if err == nil && failed == nil && w.feed == nil && !dump.at.Before(list.at) {
		return dump, nil
	}
	return list, failed
}

// resume goes on with a full pass. If its list is another than it was, the pass begins again.
func (w *walk) resume(ctx context.Context) error {
	capability := aResourceList
	switch {
	case w.c.Stage == readsDump || w.c.Stage == readsGone && w.c.Then == readsDump:
		capability = aResourceDump
	case w.c.Stage == readsList || w.c.Stage == readsGone:
	default:
		return w.sinceThen(ctx)
	}
	if w.offer.lists[capability] == "" {
		return w.everything(ctx)
	}
	var err error
	if w.base, err = w.s.feed(ctx, w.offer, capability); err != nil {
		return err
	}
	if w.units, err = w.s.parts(ctx, w.base); err != nil {
		return err
	}
	if digestUnits(w.units) != w.c.Base {
		return w.everything(ctx)
	}
	return w.sinceThen(ctx)
}
