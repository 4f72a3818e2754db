package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testPutBack puts the whole store back as it was, again and again, as the snapshot of a machine does: nothing
// that the log could compare with is left. Whatever it gives out then has a larger cursor than all that was
// given out before, and a position in what is lost is refused, as is one of a walk that has only seen it.
func testPutBack(t *testing.T, f Factory) {
	x := start(t, t, f)
	if x.in.Snapshot == nil {
		t.Skip("this instance can't be put back")
	}
	x.fill()
	held := map[string]pipeline.Cursor{} // what a consumer holds of each record
	learn := func(after int64) (pipeline.Cursor, int) {
		t.Helper()
		records, head, err := x.log.Read(t.Context(), after, 1000)
		x.ok(err)
		for _, r := range records {
			c := pipeline.Cursor{Epoch: head.Epoch, Seq: r.Seq}
			if !held[r.Identifier].Before(c) {
				t.Errorf("%s came with %v, and a consumer holds %v of it", r.Identifier, c, held[r.Identifier])
			}
			held[r.Identifier] = c
		}
		return head.Cursor, len(records)
	}
	x.close()
	load, err := x.in.Snapshot()
	x.ok(err)
	x.open()
	place, _ := learn(0)
	walk := pipeline.Position{} // it was before the end of what is lost, behind records that had moved on and are back
	const rounds, n = 4, 5
	for round := range rounds {
		run, err := x.log.Begin(t.Context(), "alpha", nil)
		x.ok(err)
		b := &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor + "."}
		for i := range n {
			b.Changes = append(b.Changes, live(identifier("alpha", i), 10+round, "alpha"), live(identifier("alpha", fmt.Sprint("new", i)), round, "alpha"))
		}
		_, err = x.log.Commit(t.Context(), b)
		x.ok(err)
		var lost pipeline.Cursor
		if lost, err = place, nil; round > 0 {
			_, err := x.oai.List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", After: place.String()}, func(*oaipmh.Record) bool { return true })
			x.is(err, oaipmh.ErrBadPosition)
			behind := pipeline.Wanted{After: walk.Seq, Limit: 1000, Bytes: 1 << 20}
			_, err = x.log.Changes(t.Context(), behind)
			x.ok(err)
			behind.Seen = walk.Seen
			_, err = x.log.Changes(t.Context(), behind)
			x.is(err, pipeline.ErrLost)
		}
		records := 0
		if place, records = learn(lost.Seq); records != 2*n {
			t.Errorf("%d records came after %v, want %d", records, lost, 2*n)
		}
		first, err := x.log.Changes(t.Context(), pipeline.Wanted{Limit: 1, Bytes: 1})
		x.ok(err)
		walk = pipeline.At(pipeline.Cursor{Epoch: first.Head.Epoch, Seq: first.Upto}, first.Head.Seq)
		x.close()
		x.ok(load())
		x.clock.Pass(time.Duration(1+round*round*90) * time.Second)
		x.open()
	}
}
