package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testNewestAgain changes the newest record again and again. A log that takes its seqs from its
// largest row would give the same one out twice, above all when it is opened again.
func testNewestAgain(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.put("alpha", live(identifier("alpha", 0), 0, "alpha"))
	for i := range 20 {
		before := x.seq
		x.put("alpha", live(identifier("alpha", "newest"), i, "alpha"))
		if r, err := x.log.Record(t.Context(), identifier("alpha", "newest")); err != nil || r.Seq <= before {
			t.Fatalf("seq %d was given out again: %+v, %v", before, r, err)
		}
		switch i % 4 {
		case 1:
			x.restart()
		case 2:
			x.crash(func() { x.clock.Set(-time.Second) })
		case 3:
			x.put("alpha", gone(identifier("alpha", "newest"), pipeline.Absent))
		}
	}
	x.checkDoors()
}

// testReadersAndWriters follows the log with many readers while many writers write. No reader meets
// anything new behind its cursor, no seq ever means two things, and each reader ends with a copy.
func testReadersAndWriters(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.clock.Run(30 * time.Millisecond)
	const writers, readers, pages = 4, 4, 50

	var mu sync.Mutex
	meant := map[int64]string{} // what a seq was seen to be
	see := func(r *pipeline.Record) error {
		mu.Lock()
		defer mu.Unlock()
		is := fmt.Sprint(r.Identifier, " version ", r.Version, " at ", r.Datestamp)
		if was := meant[r.Seq]; was != "" && was != is {
			return fmt.Errorf("seq %d was %s, and is %s", r.Seq, was, is)
		}
		meant[r.Seq] = is
		return nil
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writing, reading sync.WaitGroup
	ws := make([]*looseWriter, writers)
	for i := range ws {
		ws[i] = newLooseWriter(x.log, fmt.Sprint("source-", i), 20)
		writing.Go(func() {
			if err := ws[i].begin(ctx); err != nil {
				t.Error(err)
				return
			}
			for range pages {
				if err := ws[i].page(ctx); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	copies := make([]map[string]pipeline.Record, readers)
	done := make(chan struct{})
	for i := range copies {
		copies[i] = map[string]pipeline.Record{}
		reading.Go(func() {
			if err := follow(ctx, x.log, 1+i*7, copies[i], see, done); err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if t.Failed() {
		return
	}

	want, head := copyLog(t, x.log)
	for i, got := range copies {
		for id, r := range want {
			if got[id].Seq != r.Seq || got[id].Fingerprint != r.Fingerprint {
				t.Errorf("reader %d has %s at %d, want %d", i, id, got[id].Seq, r.Seq)
			}
		}
	}
	total := int64(0)
	for _, w := range ws {
		for id, fp := range w.last {
			if want[id].Fingerprint != fp {
				t.Errorf("%s is not what was written last", id)
			}
		}
		for i := 1; i < len(w.heads); i++ {
			if w.heads[i].Seq < w.heads[i-1].Seq || w.heads[i].Datestamp.Before(w.heads[i-1].Datestamp) {
				t.Errorf("%s: head %+v after %+v", w.source, w.heads[i], w.heads[i-1])
			}
		}
	}
	for _, r := range want {
		total += r.Version
	}
	if head.Seq < total {
		t.Errorf("the head is at %d after %d changes", head.Seq, total)
	}
}

// follow reads by the cursor until it has come to the end after done was closed.
func follow(ctx context.Context, l pipeline.Reader, limit int, into map[string]pipeline.Record, see func(*pipeline.Record) error, done <-chan struct{}) error {
	var last pipeline.Head
	for after := int64(0); ; {
		finished := false
		select {
		case <-done:
			finished = true
		default:
		}
		changed := l.Changed()
		page, head, err := l.Read(ctx, after, limit)
		if err != nil {
			return err
		}
		if head.Seq < last.Seq || head.Datestamp.Before(last.Datestamp) {
			return fmt.Errorf("head %+v after %+v", head, last)
		}
		for i := range page {
			r := &page[i]
			if r.Seq <= after || r.Seq > head.Seq {
				return fmt.Errorf("%s at seq %d, after %d, under the head %d", r.Identifier, r.Seq, after, head.Seq)
			}
			// Promise 2: what an answer could not see is not before its head's datestamp.
			if r.Seq > last.Seq && r.Datestamp.Before(last.Datestamp) {
				return fmt.Errorf("%s at seq %d is stamped %v; head %d was said to be at %v", r.Identifier, r.Seq, r.Datestamp, last.Seq, last.Datestamp)
			}
			if err := see(r); err != nil {
				return err
			}
			after = r.Seq
			into[r.Identifier] = *r
		}
		last = head
		switch {
		case len(page) > 0:
		case finished:
			return nil
		default:
			select {
			case <-changed:
			case <-done:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// testChanged: who waits for the log to grow learns of it, and of nothing else.
func testChanged(t *testing.T, f Factory) {
	x := start(t, t, f)
	id := identifier("alpha", 0)
	changed := x.log.Changed()
	x.begin("alpha", false)
	x.clock.Pass(2 * time.Second)
	x.head()
	select {
	case <-changed:
		t.Fatal("the log was said to have grown, with nothing in it")
	default:
	}
	x.put("alpha", live(id, 0, "alpha"))
	closed(t, changed, "a record was added")
	changed = x.log.Changed()
	x.put("alpha", live(id, 0, "alpha"))
	select {
	case <-changed:
		t.Fatal("the log was said to have grown by an unchanged record")
	default:
	}
	x.put("alpha", gone(id, pipeline.SourceDeleted))
	closed(t, changed, "a record was deleted")
	changed = x.log.Changed()
	if err := x.log.NewEpoch(t.Context(), pipeline.Head{}, "a test"); err != nil {
		t.Fatal(err)
	}
	closed(t, changed, "a new epoch began")
}

// testReturned: a commit says what the pass gives a second time with other content, unless its source gives it a later
// datestamp, or it is deleted.
func testReturned(t *testing.T, f Factory) {
	x := start(t, t, f)
	id := identifier("alpha", 0)
	dated := func(version int, datestamp string) pipeline.Change {
		c := live(id, version, "alpha")
		c.Origin.Datestamp = datestamp
		return c
	}
	for i, step := range []struct {
		change pipeline.Change
		done   bool
		want   int64
	}{
		{dated(0, "2024-01-01"), false, 0}, {dated(1, "2024-01-01"), false, 1}, {dated(1, "2024-01-01"), false, 0}, {dated(2, "2024-01-02"), false, 0},
		{dated(3, ""), true, 0}, {dated(4, ""), false, 0}, {dated(5, ""), false, 1}, {gone(id, pipeline.SourceDeleted), false, 0}, {dated(6, ""), false, 0},
	} {
		b := x.page("alpha", step.change)
		b.Done, b.Full = step.done, step.done
		x.ok(x.commit(b))
		if x.receipt.Returned != step.want {
			t.Errorf("step %d: %d returned, want %d", i, x.receipt.Returned, step.want)
		}
	}
}

// closed waits for a channel to be closed, with patience.
func closed(t *testing.T, c <-chan struct{}, when string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Fatalf("nobody was told when %s", when)
	}
}
