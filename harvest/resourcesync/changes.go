package resourcesync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// maxChanges is how many changes are looked at together. If there are more, those in the first parts of the list are done
// before the others. A variable for tests.
var maxChanges = 200_000

// changes are what has changed since a time, in order: of each item the last change.
type changes struct {
	tasks  []task
	of     map[string]bool // the keys of the items
	newest time.Time       // from which the next changes are asked for
	edge   string          // a digest of those at that time
	more   bool            // there are later ones
	proven bool            // something that is as old as the time shows that the list goes back to it
}

// gather reads a list of changes, as far as it speaks of the time since.
func (s *Source) gather(ctx context.Context, f *feed, since time.Time) (*changes, error) {
	c := &changes{of: map[string]bool{}}
	for i := range f.units {
		u := &f.units[i]
		if isOver(u, since) {
			continue
		}
		if c.more = len(c.tasks) >= maxChanges; c.more {
			break
		}
		doc, err := s.part(ctx, u, f.capability)
		if err != nil {
			return nil, err
		}
		all, _ := s.tasks(harvest.Shown(u.url), doc)
		for j := range all {
			if t := &all[j]; !t.at.to.Before(since) {
				c.tasks = append(c.tasks, *t)
			}
			c.proven = c.proven || !all[j].at.from.IsZero() && !all[j].at.from.After(since)
		}
		c.tasks = lastOf(c.tasks)
	}
	c.settle(since, s.config.Now().UTC())
	if c.more && !c.newest.After(since) {
		return nil, &harvest.Error{Kind: harvest.TooLarge, URL: harvest.Shown(f.units[0].url), Detail: fmt.Sprintf("more than %d resources have changed at one time", maxChanges)}
	}
	return c, nil
}

// isOver reports whether a part of a list, or a package, has only changes of before a time.
func isOver(u *unit, since time.Time) bool {
	until, ok := parseMoment(u.md.until)
	return ok && until.to.Before(since)
}

// part reads a part of a list.
func (s *Source) part(ctx context.Context, u *unit, capability string) (*document, error) {
	doc := u.doc
	if doc == nil {
		var err error
		if doc, err = s.ask(ctx, u.url); err != nil {
			return nil, err
		}
	}
	if doc.index {
		return nil, tooDeep(u.url)
	}
	return doc, is(doc, capability, u.url)
}

// lastOf are the last changes of each item, in order of their times. Of those at one time the order of the list counts.
func lastOf(all []task) []task {
	slices.SortStableFunc(all, func(a, b task) int { return a.at.from.Compare(b.at.from) })
	last := make(map[string]int, len(all))
	for i := range all {
		last[all[i].Key] = i
	}
	out := all[:0]
	for i := range all {
		if last[all[i].Key] == i {
			out = append(out, all[i])
		}
	}
	clear(all[len(out):])
	return out
}

// settle finds the time to go on from. What is dated later than now is given each time, and moves nothing.
func (c *changes) settle(since, now time.Time) {
	c.newest = since
	for i := range c.tasks {
		if at := c.tasks[i].at.from; at.After(c.newest) && !at.After(now) {
			c.newest = at
		}
		c.of[c.tasks[i].Key] = true
	}
	c.edge = digestTasks("", c.at(c.newest)...)
}

// at are the changes that may be at a time.
func (c *changes) at(when time.Time) (out []task) {
	for _, t := range c.tasks {
		if !t.at.from.After(when) && !t.at.to.Before(when) {
			out = append(out, t)
		}
	}
	return out
}

// forget takes out the changes at a time, if they are those that have this digest: nothing has come to them.
func (c *changes) forget(when time.Time, edge string) {
	known := c.at(when)
	if len(known) == 0 || digestTasks("", known...) != edge {
		return
	}
	for i := range known {
		delete(c.of, known[i].Key)
	}
	c.tasks = slices.DeleteFunc(c.tasks, func(t task) bool { return !c.of[t.Key] })
}

// reaches reports whether changes go back to a time.
func (f *feed) reaches(when time.Time) bool { return !f.from.IsZero() && !f.from.After(when) }
