package storetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testStamped: the log knows when each seq was given out, also for those whose records have moved on; of one that it has
// not given out it says nothing.
func testStamped(t *testing.T, f Factory) {
	x := start(t, t, f)
	given := map[int64]time.Time{}
	note := func() {
		t.Helper()
		records, head, err := x.log.Read(t.Context(), 0, 1000)
		x.ok(err)
		for _, r := range records {
			given[r.Seq] = r.Datestamp
		}
		for seq, want := range given {
			at, err := x.log.Stamped(t.Context(), seq)
			x.ok(err)
			x.same("when a seq was given out", at, want)
		}
		at, err := x.log.Stamped(t.Context(), head.Seq+1)
		x.ok(err)
		x.same("when the next seq was given out", at, time.Time{})
	}
	for i := range 6 {
		x.put("alpha", live(identifier("alpha", i%4), i, "alpha"), live(identifier("beta", i), i, "beta"))
		note()
		x.clock.Pass(700 * time.Millisecond)
	}
	x.restart()
	note()
	x.newEpoch(pipeline.Head{})
	for seq := range given {
		given[seq] = x.head().Began
	}
	note()
}

// testSample: what is shown as a sample is a live record, if there is one among the oldest or the newest.
func testSample(t *testing.T, f Factory) {
	x := start(t, t, f)
	sample := func() (id string) {
		t.Helper()
		x.ok(x.log.Snapshot(t.Context(), func(v store.View) (err error) {
			id, err = v.Sample()
			return err
		}))
		return id
	}
	x.same("the sample of nothing", sample(), "")
	old := make([]pipeline.Change, 0, 150)
	for i := range cap(old) {
		old = append(old, live(identifier("alpha", fmt.Sprint("old", i)), 0, "alpha"))
	}
	x.put("alpha", old...)
	x.same("the sample of live records", sample(), old[0].Identifier)
	for i := range old {
		old[i] = gone(old[i].Identifier, pipeline.SourceDeleted)
	}
	x.put("alpha", old...)
	if id := sample(); id == "" {
		t.Error("there is no sample of tombstones")
	}
	young := identifier("alpha", "young")
	x.put("alpha", live(young, 0, "alpha"))
	x.same("the sample behind many tombstones", sample(), young)
}

// testFresh: what was read in a snapshot is fresh until what it has read of changes, and not a moment longer.
func testFresh(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	x.clock.Pass(10 * time.Second)
	since := x.log.Commits()
	var head pipeline.Head
	x.ok(x.log.Snapshot(t.Context(), func(v store.View) error {
		head = *v.Head()
		return nil
	}))
	fresh := func(after, upto int64, want bool) {
		t.Helper()
		at, ok := x.log.Fresh(t.Context(), since, after, upto)
		if ok && !want {
			t.Errorf("what stood behind %d up to %d is fresh", after, upto)
		}
		if at.Before(head.Datestamp) {
			t.Errorf("the head is at %v, after %v", at, head.Datestamp)
		}
	}
	if _, ok := x.log.Fresh(t.Context(), since, 0, 0); !ok {
		t.Error("nothing has changed, and the log is not fresh")
	}
	fresh(0, head.Seq, true)
	place := x.placeOf(identifier("alpha", 7))
	x.put("alpha", live(identifier("alpha", 7), 100, "alpha"))
	fresh(0, 0, false)
	fresh(place-1, place, false)
	fresh(0, math.MaxInt64, false)
	x.newEpoch(pipeline.Head{})
	fresh(0, 1, false) // every record shows another datestamp
}

// placeOf is the seq of a record.
func (x *fixture) placeOf(identifier string) int64 {
	x.Helper()
	r, err := x.log.Record(x.Context(), identifier)
	x.ok(err)
	return r.Seq
}

// testCheck: a log finds itself whole, also while it is written, and counts what it wrote.
func testCheck(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.same("checked before the first check", x.log.Checked(), time.Time{})
	before := x.log.Writes()
	x.fill()
	if w := x.log.Writes(); w.Writes < before.Writes+12 || w.Commits <= before.Commits || w.Commits > w.Writes || w.Waited < 0 || w.Committing < 0 {
		t.Errorf("12 pages were written, and the log counts %+v after %+v", w, before)
	}
	for _, thorough := range []bool{false, true} {
		x.clock.Pass(time.Minute)
		n, err := x.log.Check(t.Context(), thorough)
		x.ok(err)
		x.same("records that were checked", n, int64(len(x.model.records)))
		x.same("checked", x.log.Checked(), x.clock.Wall().Truncate(time.Second))
		x.newEpoch(pipeline.Head{})
		x.untilDigested()
	}
	x.ok(x.log.Health())
}

// testBackup: a backup of a log that is open holds all that was committed, and nothing that came later. As it may be
// older than what was handed out, it begins a new epoch where it is put.
func testBackup(t *testing.T, f Factory) {
	x := start(t, t, f)
	if x.in.Backup == nil {
		t.Skip("this log has no backups of its own")
	}
	x.fill()
	x.ok(x.log.SetMemo(t.Context(), "a", "one"))
	id := x.log.Identity()
	before := x.head()
	in, err := x.in.Backup(t.Context(), x.log)
	x.ok(err)
	kept, _ := copyLog(t, x.log)
	x.put("alpha", live(identifier("alpha", "later"), 0, "alpha"))
	x.ok(x.log.SetMemo(t.Context(), "a", "two"))
	x.checkDoors()

	y := &fixture{tester: t, clock: x.clock, in: in, model: newModel(), runs: map[string]*pipeline.Run{}}
	y.open()
	t.Cleanup(y.close)
	restored, head := copyLog(t, y.log)
	if head.Epoch <= before.Epoch || head.Seq < before.Seq {
		t.Errorf("the head of the backup is %+v, after %+v", head, before)
	}
	if len(restored) != len(kept) {
		t.Fatalf("the backup has %d records, want %d", len(restored), len(kept))
	}
	for id, r := range kept {
		if restored[id].Fingerprint != r.Fingerprint || restored[id].Deleted != r.Deleted {
			t.Errorf("%s is %+v in the backup, want %+v", id, restored[id], r)
		}
	}
	memo, err := y.log.Memo(t.Context(), "a")
	x.ok(err)
	x.same("memo of the backup", memo, "one")
	if y.log.Identity().ID == id.ID {
		t.Error("the backup has the identity of its log: there are two of it now")
	}
	_, err = y.log.Check(t.Context(), true)
	x.ok(err)
}
