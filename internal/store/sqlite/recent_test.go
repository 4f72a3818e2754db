package sqlite

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What is kept in memory of the newest commits is what the log has, whatever is done to it; and pages of new records are kept.
func TestRecentIsTheLog(t *testing.T) {
	pages, known := 0, 0
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 15))
		s := open(t, t.TempDir(), &handClock{})
		f := newFeed(t, s, "a")
		next, name := 0, "a"
		some := func() int { return r.IntN(max(next, 1)) }
		page := func(n int) (out []pipeline.Change) {
			for range n {
				out = append(out, change("a", next, 1))
				next++
			}
			return out
		}
		steps := []func() error{
			func() error { return f.commit(s, page(1+r.IntN(5))...) },
			func() error { return f.commit(s, append(page(2), change("a", some(), 2+r.IntN(8)))...) },
			func() error { return f.commit(s) },
			func() error { // of one item under another name
				c := page(1)
				c[0].Aliases = []string{change("a", some(), 0).Identifier}
				return f.commit(s, c...)
			},
			func() error {
				gone := change("a", some(), 2)
				gone.Deleted, gone.DC, gone.OAIDC = pipeline.SourceDeleted, nil, nil
				gone.Fingerprint = pipeline.Hash{9}
				return f.commit(s, append(page(1), gone)...)
			},
			func() error {
				id := change("a", some(), 0).Identifier
				_, err := s.Commit(t.Context(), &pipeline.Batch{Run: f.run, From: f.at, Next: f.at, Rejects: []pipeline.Reject{{Key: id, Identifier: id, Reason: "mapping"}}})
				return err
			},
			func() error { // one that is undone, beside others
				var all sync.WaitGroup
				defer all.Wait()
				stale := &pipeline.Batch{Run: f.run, From: "elsewhere", Next: f.at, Changes: []pipeline.Change{change("a", 1_000_000, 1)}}
				all.Go(func() { _, _ = s.Commit(t.Context(), stale) })
				all.Go(func() { _ = s.SetMark(t.Context(), pipeline.Mark{StreamSeq: 1}) })
				return f.commit(s, page(2)...)
			},
			func() error {
				_, err := s.Remove(t.Context(), pipeline.Removal{Identifier: change("a", some(), 0).Identifier, Final: r.IntN(2) == 0, Reason: "x", Who: "y"})
				return err
			},
			func() error { return s.SetMark(t.Context(), pipeline.Mark{StreamSeq: 7}) },
			func() error { _, err := s.ConfirmClock(t.Context()); return err },
			func() error {
				h, err := s.Head(t.Context())
				if err == nil {
					h.Epoch, h.Seq = h.Epoch+1, h.Seq+5
					err = s.NewEpoch(t.Context(), h, "a test")
				}
				return err
			},
			func() error {
				was := name
				name += "b"
				if err := s.Rename(t.Context(), was, name); err != nil {
					return err
				}
				f = newFeed(t, s, name)
				return nil
			},
		}
		for range 60 {
			step := r.IntN(len(steps)+8) - 8 // mostly new records
			before, err := s.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := steps[max(step, 0)](); err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			for _, after := range []int64{0, before.Seq - 3, before.Seq, before.Seq + 1, before.Seq + 100} {
				for _, limit := range []int{1, 4, 1000} {
					kept, keptHead, ok := s.recent.read(after, limit)
					if step <= 0 && after == before.Seq && limit == 1000 {
						if pages++; len(kept) > 0 {
							known++
						}
					}
					there, head, err := s.readLog(t.Context(), after, limit)
					if err != nil {
						t.Fatal(err)
					}
					if ok && len(kept)+len(there) > 0 && !cmp.Equal(kept, there) {
						t.Fatalf("after step %d, behind %d (- the log, + what is kept):\n%s", step, after, cmp.Diff(there, kept))
					}
					if keptHead.DigestPending { // it is worked out in the background, perhaps between the two readings
						keptHead.Digest, keptHead.DigestPending = head.Digest, head.DigestPending
					}
					if ok && head != keptHead {
						t.Fatalf("after step %d the head is %+v, and the one that is kept %+v", step, head, keptHead)
					}
				}
			}
		}
	}
	if known < pages*3/4 {
		t.Errorf("of %d pages of new records %d were kept", pages, known)
	}
}

// It is bounded by records and by bytes, and has the newest.
func TestRecentIsBounded(t *testing.T) {
	var r recent
	head := pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1}}
	r.wrote(head, 1)
	for _, size := range []int{1, 100_000} {
		for range 100 {
			var page []pipeline.Record
			for range 100 {
				head.Seq++
				page = append(page, pipeline.Record{Identifier: fmt.Sprint(head.Seq), Seq: head.Seq, DC: make([]byte, size)})
			}
			r.add(page)
			r.wrote(head, 1)
		}
		if r.records > recentRecords || r.bytes > recentBytes || r.bytes != r.records*size {
			t.Errorf("%d records with %d bytes are kept", r.records, r.bytes)
		}
		if got, _, ok := r.read(head.Seq-int64(r.records), 1<<20); !ok || len(got) != r.records {
			t.Errorf("%d are read of %d: %t", len(got), r.records, ok)
		}
		if _, _, ok := r.read(head.Seq-int64(r.records)-1, 1<<20); ok {
			t.Error("more is read than is kept")
		}
	}
}

// What a write that was undone had brought is not kept, nor what came with it.
func TestRecentForgetsWhatWasUndone(t *testing.T) {
	var r recent
	page := func(from int64) []pipeline.Record { return []pipeline.Record{{Seq: from}, {Seq: from + 1}} }
	head := func(seq int64) pipeline.Head { return pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1, Seq: seq}} }
	r.wrote(head(0), 1)
	r.add(page(1))
	r.spoil() // its transaction could not be made durable
	r.add(page(1))
	r.wrote(head(2), 2)
	if got, _, ok := r.read(0, 10); ok {
		t.Errorf("kept: %v", got)
	}
	r.add(page(3))
	r.wrote(head(4), 1)
	if got, _, ok := r.read(2, 10); !ok || len(got) != 2 {
		t.Errorf("of the page after it %d are kept: %t", len(got), ok)
	}
}
