package sqlite

import (
	"slices"
	"sync"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What is kept of the newest commits: a few pages, because a relay that is further behind than that reads the log itself.
const (
	recentRecords = 4 << 10
	recentBytes   = 4 << 20 // of Dublin Core
)

// A recent is the end of the log in memory, for the relay, which wants to read what was committed a moment ago. It has
// exactly what [Store.Read] would find in the log: the log stays the truth, and where recent can't be sure it has nothing.
//
// A commit goes into it that did nothing to the log but bring records in their present, live state, none of which was
// in it before. Any other write empties it.
type recent struct {
	mu      sync.Mutex
	head    pipeline.Head // of the last commit; zero before the first one
	after   int64         // commits have all that the log has behind this seq
	commits [][]pipeline.Record
	records int
	bytes   int

	// Of the transaction under way; the writer's.
	writes  int // of it, that are said to be as they should
	adding  [][]pipeline.Record
	spoiled bool
}

// add says what a write of the transaction under way brings into the log: a record for each seq that it gives out, in
// their order.
func (r *recent) add(records []pipeline.Record) {
	r.writes++
	if len(records) > 0 {
		r.adding = append(r.adding, records)
	}
}

// spoil says that a write of the transaction under way was undone.
func (r *recent) spoil() { r.spoiled = true }

// wrote takes in the transaction, which is durable, has led to the head, and consisted of so many writes.
func (r *recent) wrote(head pipeline.Head, writes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spoiled || r.writes != writes || r.head.Epoch != head.Epoch {
		r.after, r.commits, r.records, r.bytes = head.Seq, nil, 0, 0
	} else {
		for _, records := range r.adding {
			r.commits = append(r.commits, records)
			r.records += len(records)
			r.bytes += bytesOf(records)
		}
		for len(r.commits) > 0 && (r.records > recentRecords || r.bytes > recentBytes) {
			oldest := r.commits[0]
			r.after = oldest[len(oldest)-1].Seq
			r.records -= len(oldest)
			r.bytes -= bytesOf(oldest)
			r.commits = slices.Delete(r.commits, 0, 1)
		}
	}
	r.head = head
	r.writes, r.adding, r.spoiled = 0, nil, false
}

func bytesOf(records []pipeline.Record) (n int) {
	for i := range records {
		n += len(records[i].DC)
	}
	return n
}

// has says whether the record at a seq is among those that are kept, or may be. Only the writer asks.
func (r *recent) has(seq int64) bool { return seq > r.after }

// read gives the records behind a seq as [Store.Read] does; false if they are not all kept.
func (r *recent) read(after int64, limit int) (out []pipeline.Record, head pipeline.Head, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if after < r.after || after > r.head.Seq || r.head.Epoch == 0 {
		return nil, head, false
	}
	for _, records := range r.commits {
		// A commit has a record for each seq from its first to its last.
		if skip := after + 1 - records[0].Seq; skip > 0 {
			records = records[min(skip, int64(len(records))):]
		}
		out = append(out, records[:min(len(records), limit-len(out))]...)
	}
	return out, r.head, true
}

// recall keeps what a move leads to, if it can be told without reading it.
func (c *commit) recall(p *prepared, m *store.Move) error {
	now := &m.New
	if now.Deleted != pipeline.Live || m.Old.Item != 0 && c.store.recent.has(m.Old.Seq) {
		return nil
	}
	if c.recent == nil {
		c.recent = make([]pipeline.Record, 0, len(c.batch.Changes))
	}
	rec := pipeline.Record{
		Seq: now.Seq, Identifier: now.Identifier, Datestamp: c.plan.Head.Datestamp, Sets: p.form.Change.Sets, Version: now.Version,
		Source: c.batch.Run.Source, Fingerprint: now.Fingerprint, DC: p.form.DC,
	}
	c.recent = append(c.recent, rec)
	// Read, not copied: what a source said may be a part of its whole answer, which would be kept with it.
	return store.UnpackOrigin(p.content.Origin, &c.recent[len(c.recent)-1].Origin)
}

// recalled hands over what the commit has brought into the log, if it did nothing else to it that a reader would see. before
// is the head that it began at.
func (c *commit) recalled(before int64) {
	if c.plan.Head.Seq == before+int64(len(c.recent)) && len(c.batch.Rejects) == 0 {
		c.store.recent.add(c.recent)
	}
}
