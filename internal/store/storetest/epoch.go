package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// newEpoch ends the history of the log, and checks that it did.
func (x *fixture) newEpoch(above pipeline.Head) {
	x.Helper()
	before := x.head()
	x.ok(x.log.NewEpoch(x.Context(), above, "a test says so"))
	if above.Seq < before.Seq {
		above.Seq = before.Seq
	}
	if above.Datestamp.Before(before.Datestamp) {
		above.Datestamp = before.Datestamp
	}
	x.inNewEpoch(max(above.Epoch, before.Epoch), above)
}

// inNewEpoch checks that the log is in an epoch larger than the one given, that all in it is stamped
// above what was handed out, and that positions of before are refused; and learns the new stamps.
func (x *fixture) inNewEpoch(old int64, above pipeline.Head) {
	x.Helper()
	var all []pipeline.Record
	var head pipeline.Head
	for after := int64(0); ; {
		page, h, err := x.log.Read(x.Context(), after, 100)
		x.ok(err)
		head = h
		if head.Epoch <= old || head.Seq < above.Seq {
			x.Fatalf("the head is at %v, after epoch %d and seq %d", head.Cursor, old, above.Seq)
		}
		x.sawHead(head)
		all = append(all, page...)
		if len(page) < 100 {
			break
		}
		after = page[len(page)-1].Seq
	}
	for _, r := range all {
		if !r.Datestamp.Equal(head.Began) || !r.Datestamp.After(above.Datestamp) {
			x.Fatalf("%s is stamped %v, in an epoch that began at %v, above %v", r.Identifier, r.Datestamp, head.Began, above.Datestamp)
		}
	}
	for _, after := range []pipeline.Cursor{{Epoch: old, Seq: 0}, {Epoch: old, Seq: above.Seq}} {
		_, err := x.oai.List(x.Context(), &oaipmh.Query{Prefix: "oai_dc", After: after.String()}, func(*oaipmh.Record) bool { return true })
		x.is(err, oaipmh.ErrBadPosition)
	}
	epochs, err := x.log.Epochs(x.Context())
	x.ok(err)
	for i, e := range epochs {
		last := i == len(epochs)-1
		if i > 0 && e.Epoch <= epochs[i-1].Epoch || last && (e.Epoch <= old || e.Seq != 0) {
			x.Fatalf("epochs %v", epochs)
		}
		if e.Epoch == above.Epoch && !last && e.Seq < above.Seq {
			x.Fatalf("epoch %d is said to have ended at %d, but gave out %d", e.Epoch, e.Seq, above.Seq)
		}
	}
	x.relearn(all, head.Began)
}

// relearn takes the datestamp of a new epoch over into the model: everything shows it, and is in its order as before.
func (x *fixture) relearn(all []pipeline.Record, began time.Time) {
	x.Helper()
	if len(all) != len(x.model.records) {
		x.Fatalf("%d records in the new epoch, want %d", len(all), len(x.model.records))
	}
	for _, r := range x.model.records {
		r.Datestamp = began
	}
	for _, left := range x.model.left {
		for id, d := range left {
			left[id] = departure{began, d.at}
		}
	}
}

// fill makes a log with something of everything in it.
func (x *fixture) fill() {
	x.Helper()
	for i := range 8 {
		x.put("alpha", live(identifier("alpha", i), i, "alpha", "alpha:x:y"), live(identifier("beta", i), i, "beta", "topic:war"))
		x.clock.Pass(300 * time.Millisecond)
	}
	for i := range 4 {
		x.put("alpha", live(identifier("alpha", i), i, "alpha", "alpha:z"), gone(identifier("beta", i), pipeline.SourceDeleted))
		x.clock.Pass(400 * time.Millisecond)
	}
}

func testNewEpoch(t *testing.T, f Factory) {
	for name, above := range map[string]func(pipeline.Head) pipeline.Head{
		"of itself": func(pipeline.Head) pipeline.Head { return pipeline.Head{} },
		"above a stream": func(h pipeline.Head) pipeline.Head {
			h.Seq += 1000
			h.Datestamp = h.Datestamp.Add(time.Minute)
			return h
		},
		"above a later epoch": func(h pipeline.Head) pipeline.Head {
			h.Epoch += 1 << 40
			return h
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := start(t, t, f)
			x.fill()
			x.newEpoch(above(x.head()))
			x.checkDoors()
			x.clock.Pass(2 * time.Minute)
			x.put("alpha", live(identifier("alpha", 9), 0, "alpha"), live(identifier("alpha", 0), 5, "alpha", "alpha:x:y"))
			x.checkDoors()
			x.restart()
			x.checkDoors()
			x.newEpoch(pipeline.Head{})
			x.checkDoors()
		})
	}
	t.Run("empty", func(t *testing.T) {
		x := start(t, t, f)
		x.newEpoch(pipeline.Head{Cursor: pipeline.Cursor{Epoch: 7, Seq: 70}, Datestamp: x.clock.Wall().Add(time.Minute).Truncate(time.Second)})
		x.clock.Pass(time.Second)
		x.put("alpha", live(identifier("alpha", 0), 0, "alpha"))
		x.checkDoors()
		if x.seq <= 70 {
			t.Fatalf("seq %d was given out again", x.seq)
		}
		x.restart()
		x.checkDoors()
	})
}

// testNewEpochWhileWriting: a relay that finds the stream ahead of the log does not stop the harvests.
func testNewEpochWhileWriting(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.clock.Run(20 * time.Millisecond)
	const n, pages = 40, 60
	writer := newLooseWriter(x.log, "alpha", n)
	x.ok(writer.begin(t.Context()))
	for range n {
		x.ok(writer.page(t.Context()))
	}
	before := x.head()
	var wg sync.WaitGroup
	wg.Go(func() {
		for range pages {
			if err := writer.page(t.Context()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 3 {
		if err := x.log.NewEpoch(t.Context(), pipeline.Head{}, "a test says so"); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	x.untilDigested()
	copied, head := copyLog(t, x.log)
	if len(copied) != len(writer.last) {
		t.Fatalf("%d records, want %d", len(copied), len(writer.last))
	}
	var digest pipeline.Digest
	for id, r := range copied {
		if r.Fingerprint != writer.last[id] || !r.Datestamp.After(before.Datestamp) {
			t.Errorf("%s is %+v, want fingerprint %x above %v", id, r, writer.last[id], before)
		}
		o, _, err := x.oai.Get(t.Context(), id, "oai_dc")
		x.ok(err)
		if !o.Deleted {
			digest.Add(id, o.Datestamp, o.Metadata)
		}
	}
	if digest != head.Digest {
		t.Errorf("digest %x, want %x", head.Digest, digest)
	}
}

// testOlderCopy puts an older state of the store in the place of the present one.
func testOlderCopy(t *testing.T, f Factory) {
	x := start(t, t, f)
	if x.in.Save == nil {
		t.Skip("this instance can't be copied")
	}
	x.fill()
	x.close()
	load, err := x.in.Save()
	x.ok(err)
	x.open()
	saved := x.model.ordered()
	var kept []state
	for _, r := range saved {
		kept = append(kept, *r)
	}
	// What comes now is handed out, and then lost; the clock is set back on top of it.
	h := harvesterOf(x.pages, "oai_dc", "", true)
	x.put("alpha", live(identifier("alpha", "lost"), 0, "alpha"), live(identifier("alpha", 2), 7, "alpha"))
	x.clock.Pass(90 * time.Second)
	h.finish(x)
	handedOut := x.head()
	cursors := []pipeline.Cursor{handedOut.Cursor, {Epoch: handedOut.Epoch, Seq: 3}}
	x.close()
	x.clock.Set(-time.Minute)
	x.ok(load())
	x.open()

	_, head, err := x.log.Read(t.Context(), 0, 1)
	x.ok(err)
	if head.Epoch <= handedOut.Epoch || head.Seq < handedOut.Seq || !head.Datestamp.After(handedOut.Datestamp) {
		t.Fatalf("head %+v after an older copy was put in the place of %+v", head, handedOut)
	}
	for _, c := range cursors {
		_, err := x.oai.List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", After: c.String()}, func(*oaipmh.Record) bool { return true })
		x.is(err, oaipmh.ErrBadPosition)
	}
	copied, _ := copyLog(t, x.log)
	if len(copied) != len(kept) {
		t.Fatalf("%d records, want %d", len(copied), len(kept))
	}
	for _, r := range kept {
		got := copied[r.Identifier]
		if !got.Datestamp.After(handedOut.Datestamp) {
			t.Errorf("%s is stamped %v; %v was handed out", r.Identifier, got.Datestamp, handedOut.Datestamp)
		}
		x.same(r.Identifier, got, r.Record, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(pipeline.Record{}, "Seq", "Datestamp", "Original", "Rules", "Notes", "Stale"))
	}
	// The run of before is over: its pages would go on from a place that the log has not come to.
	_, err = x.log.Commit(t.Context(), &pipeline.Batch{Run: x.runs["alpha"], From: x.cursorOf("alpha"), Next: "lost"})
	if !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("a page of a lost history was answered with %v", err)
	}
	// An incremental harvest from before finds every record that is left, since each is new to it.
	h.log = x.pages
	h.finish(x)
	for id := range copied {
		if h.copy[id].Datestamp != copied[id].Datestamp {
			t.Errorf("the harvester has %s of %v, want %v", id, h.copy[id].Datestamp, copied[id].Datestamp)
		}
	}
}
