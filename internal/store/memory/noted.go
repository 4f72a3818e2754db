package memory

import "github.com/sheaf-gateway/sheaf/pipeline"

// memoOf is what a source has noted under an identifier; empty if the record is deleted.
func (s *tables) memoOf(identifier string) string {
	if it := s.items[s.named[identifier]]; it != nil && it.Deleted != pipeline.Live {
		return ""
	}
	return s.noted[identifier]
}

// keep notes an item that is as it was when it came last.
func (c *commit) keep(identifier string) {
	for at, q := range c.rejects {
		if at.source == c.batch.Run.Source && q.Identifier == identifier {
			now := *q
			now.pass = c.source.pass
			put(c.tx, c.rejects, at, &now)
		}
	}
	it := c.find(identifier)
	if it == nil {
		return
	}
	c.plan.Counts.Items++
	c.plan.Counts.Unchanged++
	c.meet(it)
	now := *it
	now.Pass = c.source.pass
	put(c.tx, c.items, it.Item, &now)
	if held := c.held[it.Item]; held != nil && held.change.Deleted != pipeline.Live {
		c.letGo(it)
	}
}
