package resourcesync

import (
	"context"
	"errors"
	"slices"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// load reads the tasks of the present stage and unit, and finds the one to go on with.
func (w *walk) load(ctx context.Context) error {
	tasks, err := w.read(ctx)
	if err != nil || w.ready { // the pass has begun again
		return err
	}
	w.tasks, w.ready = tasks, true
	if w.c.Done > len(tasks) || digestTasks("", tasks[:w.c.Done]...) != w.c.Tasks {
		w.c.next() // the list is another than it was
	}
	return nil
}

func (w *walk) read(ctx context.Context) ([]task, error) {
	switch w.c.Stage {
	case asksAgain:
		tasks := slices.Clone(w.c.Retry)
		for i := range tasks {
			tasks[i] = w.s.checked(tasks[i])
		}
		return tasks, nil
	case readsGone:
		return w.gone(ctx)
	case readsChanges:
		if w.later == nil { // they can't be had any more, which was told
			w.later = &changes{newest: w.c.place(), edge: w.c.Edge}
		}
		return w.later.tasks, nil
	case readsPackages:
		if err := w.findPackages(ctx); err != nil {
			return nil, err
		}
	}
	if w.c.Unit >= len(w.units) {
		return nil, nil
	}
	u := &w.units[w.c.Unit]
	if w.c.Stage == readsList {
		return w.readPart(ctx, u)
	}
	return w.readPack(ctx, u)
}

// findPackages finds the packages of changes. If those before the present one are others than they were, it begins again.
func (w *walk) findPackages(ctx context.Context) (err error) {
	if w.units != nil {
		return nil
	}
	if w.feed == nil {
		w.units = []unit{}
		return nil
	}
	if w.units, err = w.s.packages(ctx, w.feed); err != nil {
		return err
	}
	if w.c.Unit > len(w.units) || digestUnits(w.units[:w.c.Unit]) != w.c.Units {
		w.c.Unit, w.c.Units = 0, ""
		w.c.next()
	}
	return nil
}

// readPart reads a part of the list of resources.
func (w *walk) readPart(ctx context.Context, u *unit) ([]task, error) {
	doc, err := w.s.part(ctx, u, aResourceList)
	if w.isFinal(err) {
		w.lackUnit(u, err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tasks, passed := w.s.tasks(u.name(), doc)
	if len(tasks) == 0 && passed > 0 {
		w.warn(warnNothing)
	}
	return tasks, nil
}

// lackUnit notes that a part of a list, or a package, can't be had. What is in it nobody knows, so that the next pass asks
// for everything.
func (w *walk) lackUnit(u *unit, err error) {
	w.c.Again = true
	w.lack(u.name(), err.Error())
}

// readPack reads the manifest of a package.
func (w *walk) readPack(ctx context.Context, u *unit) ([]task, error) {
	of := aResourceDump
	if w.c.Stage == readsPackages {
		if of = aChangeDump; isOver(u, w.c.place()) {
			return nil, nil
		}
	}
	p, err := w.s.fetchPack(ctx, u, manifestOf(of))
	var bad *packError
	switch {
	case of == aResourceDump && harvest.KindOf(err) == harvest.TooLarge && w.offer.lists[aResourceList] != "":
		return nil, w.withoutDump(ctx)
	case errors.As(err, &bad) || w.isFinal(err):
		w.lackUnit(u, err)
		return nil, nil
	case err != nil:
		return nil, err
	}
	w.pack = p
	tasks, _ := w.s.tasks(u.name(), p.manifest)
	if of == aResourceDump {
		return tasks, nil
	}
	return w.since(tasks), nil
}

// withoutDump begins the pass again with the list of resources.
func (w *walk) withoutDump(ctx context.Context) error {
	w.c.NoDump = true
	w.warn(warnDump)
	if err := w.everything(ctx); err != nil {
		return err
	}
	return w.load(ctx)
}

// since are those of the changes in a package that are not known yet, and of each item the last.
func (w *walk) since(tasks []task) (out []task) {
	now := w.s.config.Now().UTC()
	for _, t := range tasks {
		if t.at.to.Before(w.c.place()) {
			continue
		}
		out = append(out, t)
		if !t.at.from.After(now) {
			w.until = latest(w.until, t.at.from)
		}
	}
	return lastOf(out)
}

// gone are the deletions that a list which was made after the last pass can't have: what is gone is only missing in it.
func (w *walk) gone(ctx context.Context) (out []task, err error) {
	if w.feed == nil {
		w.c.Unheard = true
		return nil, nil
	}
	for since, more := earliest(w.c.Before), true; more; {
		c, err := w.s.gather(ctx, w.feed, since)
		if w.isFinal(err) {
			w.c.Unheard = true
			w.lack("the list of changes", err.Error())
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, t := range c.tasks {
			if t.deleted && t.at.from.Before(w.c.place()) {
				out = append(out, t)
			}
		}
		since, more = c.newest, c.more && c.newest.Before(w.c.place())
	}
	return lastOf(out), nil
}
