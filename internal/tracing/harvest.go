package tracing

import (
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var _ pipeline.RunObserver = (*Tracer)(nil)

// RunBegan implements [pipeline.RunObserver].
func (t *Tracer) RunBegan(run *pipeline.Run) { t.runs.Store(run, begin()) }

// PageCommitted implements [pipeline.RunObserver].
func (t *Tracer) PageCommitted(run *pipeline.Run, page *pipeline.Receipt, _ pipeline.Counts, _ int) {
	s := &page.Stages
	if s.Commit.Ended.IsZero() || !t.chosen() {
		return
	}
	root := &span{place: begin(), name: "page", kind: internal, ended: s.Commit.Ended,
		attributes: append(counted(run, &page.Counts), number("sheaf.epoch", page.Head.Epoch), number("sheaf.seq", page.Head.Seq))}
	changes := page.Counts.Changes() // each has a seq of its own, and the page's are one behind the other
	first := page.Head.Seq - changes + 1
	if changes > 0 { // so that the trace of an event can be found, which says its epoch and seq
		root.attributes = append(root.attributes, number("sheaf.seq.first", first))
	}
	if of, known := t.runs.Load(run); known {
		root.links = []place{of.(place)}
	}
	for _, part := range []struct {
		name string
		pipeline.Stage
	}{{"fetch", s.Fetch}, {"prepare", s.Prepare}, {"commit", s.Commit}} {
		if part.Ended.IsZero() {
			continue
		}
		if root.began.IsZero() {
			root.began = part.Began
		}
		t.send(&span{place: root.within(), parent: root.span, name: part.name, kind: internal, began: part.Began, ended: part.Ended})
	}
	t.send(root)
	if changes > 0 {
		c := committed{place: root.place, epoch: page.Head.Epoch, first: first, last: page.Head.Seq, at: s.Commit.Ended}
		if a, already := t.pages.add(c); already {
			t.send(c.published(a))
		}
	}
}

// RunEnded implements [pipeline.RunObserver].
func (t *Tracer) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	at, known := t.runs.LoadAndDelete(run)
	if !known {
		return
	}
	s := &span{place: at.(place), name: "harvest", kind: internal, began: report.Started, ended: report.Started.Add(report.Took), failed: report.Err != nil,
		attributes: append(counted(run, &report.Counts), text("sheaf.result", report.Result))}
	if kind := harvest.KindOf(report.Err); kind != "" {
		s.attributes = append(s.attributes, text("error.type", string(kind)))
	}
	t.send(s)
}

// counted are the facts about a part of a run.
func counted(run *pipeline.Run, c *pipeline.Counts) []attribute {
	return []attribute{
		text("sheaf.source", run.Source), number("sheaf.run", run.ID), number("sheaf.items", c.Items), number("sheaf.added", c.Added),
		number("sheaf.updated", c.Updated), number("sheaf.deleted", c.Deleted), number("sheaf.unchanged", c.Unchanged), number("sheaf.rejected", c.Rejected),
	}
}
