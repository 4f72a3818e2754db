package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// testHarvests interleaves the pages of harvesters with commits, jumps of the clock, restarts and
// new epochs, step by step. In the end each has an exact copy.
func testHarvests(t *testing.T, f Factory) {
	cases(t)
	rapid.Check(t, func(rt *rapid.T) {
		x := start(t, rt, f)
		for i := range 4 {
			x.put(sources[i%2], x.drawChange(rt, sources[i%2], i))
		}
		var hs []*harvester
		for _, set := range []string{"", "alpha", "alpha:x", "rules", "rules:hush"} {
			for _, prefix := range []string{"oai_dc", "mods", "mods_2"} {
				hs = append(hs, harvesterOf(x.pages, prefix, set, false), harvesterOf(x.pages, prefix, set, true))
			}
		}
		again := func() {
			for _, h := range hs {
				h.log = x.pages
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"commit":  func(rt *rapid.T) { _ = x.commit(x.drawBatch(rt)) },
			"commit2": func(rt *rapid.T) { _ = x.commit(x.drawBatch(rt)) },
			"remap":   func(rt *rapid.T) { x.remap(x.drawRemap(rt)) },
			"time":    func(rt *rapid.T) { x.drawTime(rt) },
			"down": func(rt *rapid.T) {
				switch rapid.IntRange(0, 9).Draw(rt, "down") {
				case 0:
					x.restart()
				case 1:
					x.crash(func() { x.drawTime(rt) })
				case 2:
					x.newEpoch(pipeline.Head{})
				}
				again()
			},
			"page": func(rt *rapid.T) {
				for range 3 {
					h := rapid.SampledFrom(hs).Draw(rt, "harvester")
					h.page = rapid.IntRange(1, 4).Draw(rt, "size")
					x.ok(h.step(rt.Context()))
				}
			},
		})
		for _, h := range hs {
			h.finish(x)
			if err := h.differs(x.model.list(&oaipmh.Query{Prefix: h.prefix, Set: h.set})); err != nil {
				rt.Fatalf("%s of set %q, by the last page's responseDate: %v: %v", h.prefix, h.set, h.useLast, err)
			}
		}
	})
}

// testHarvestWhileWriting is the same at full speed: what a harvester ends with is the log.
func testHarvestWhileWriting(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.clock.Run(40 * time.Millisecond)
	const writers, pages, n = 3, 70, 25
	var hs []*harvester
	for _, set := range []string{"", "source-0", "source-1:x"} {
		hs = append(hs, harvesterOf(x.pages, "oai_dc", set, false), harvesterOf(x.pages, "oai_dc", set, true), harvesterOf(x.pages, "edm", set, true))
	}
	before := newLooseWriter(x.log, "source-0", n)
	x.ok(before.begin(t.Context()))
	for range n {
		x.ok(before.page(t.Context()))
	}
	there := before.last

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for i := range writers {
		w := newLooseWriter(x.log, fmt.Sprint("source-", i), n)
		writing.Go(func() {
			if err := w.begin(ctx); err != nil {
				t.Error(err)
				return
			}
			for step := range pages {
				if step%10 == 9 && i == 0 { // somebody sets the clock, back and forward
					x.clock.Set(time.Duration(1-step/10%2*2) * 20 * time.Second)
				}
				if err := w.page(ctx); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i, h := range hs {
		h.page = 2 + i/3*5 // those of one set ask for the same pages
		reading.Go(func() {
			for running := true; running || h.walking; {
				select {
				case <-done:
					running = false
				default:
				}
				first := h.walks == 0
				if err := h.step(ctx); err != nil {
					t.Error(err)
					return
				}
				// A full walk alone meets every record, though they move under it.
				if first && h.walks == 1 && h.set == "" && h.prefix == "oai_dc" {
					for id := range there {
						if !h.met[id] {
							t.Errorf("a full walk did not meet %s", id)
						}
					}
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	for _, h := range hs {
		h.finish(x)
		if err := h.differs(listed(t, x.oai, h.prefix, h.set)); err != nil {
			t.Errorf("set %q, by the last page's responseDate: %v: %v", h.set, h.useLast, err)
		}
	}
	for range 2 { // if no two harvesters have met while pages were still right, these do
		harvesterOf(x.pages, "oai_dc", "", true).finish(x)
	}
	if x.pages.again == 0 {
		t.Error("no page was served again")
	}
}

// listed is a whole list in one call.
func listed(t *testing.T, r oaipmh.Repository, prefix, set string) (out []entry) {
	t.Helper()
	if _, err := r.List(t.Context(), &oaipmh.Query{Prefix: prefix, Set: set}, func(r *oaipmh.Record) bool {
		out = append(out, entryOf(r))
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// testUntilInThePast: a list with an end in the past does not grow, however much is written; what
// moves on leaves it.
func testUntilInThePast(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	until := x.head().Datestamp
	x.clock.Pass(2 * time.Second)
	q := oaipmh.Query{Prefix: "oai_dc", Until: until}
	met := map[string]bool{}
	take := func(n int) {
		t.Helper()
		l, err := x.oai.List(t.Context(), &q, func(r *oaipmh.Record) bool {
			if n == 0 {
				return false
			}
			n--
			if met[r.Identifier] || r.Datestamp.After(until) {
				t.Errorf("met %+v", r)
			}
			met[r.Identifier] = true
			return true
		})
		x.ok(err)
		q.After = l.Next
	}
	take(3)
	for i := range 8 {
		if i != 6 {
			x.put("alpha", live(identifier("alpha", i), 20, "alpha"))
		}
	}
	take(100)
	if q.After != "" || !met[identifier("alpha", 6)] {
		t.Errorf("the list ended at %q with %v", q.After, met)
	}
	x.checkList("oai_dc", "", time.Time{}, until, 2)
}

func testBadQueries(t *testing.T, f Factory) {
	x := start(t, t, f)
	x.fill()
	head := x.head()
	epoch, later := head.Epoch, head.Datestamp.Add(24*time.Hour)
	for _, test := range []struct {
		name string
		q    oaipmh.Query
		want error
	}{
		{"format", oaipmh.Query{Prefix: "nonsense"}, oaipmh.ErrNoSuchFormat},
		{"set", oaipmh.Query{Prefix: "oai_dc", Set: "alpha:nonsense"}, oaipmh.ErrNoSuchSet},
		{"half a set", oaipmh.Query{Prefix: "oai_dc", Set: "alph"}, oaipmh.ErrNoSuchSet},
		{"a set in other letters", oaipmh.Query{Prefix: "oai_dc", Set: "Alpha"}, oaipmh.ErrNoSuchSet},
		{"not a position", oaipmh.Query{Prefix: "oai_dc", After: "nonsense"}, oaipmh.ErrBadPosition},
		{"half a position", oaipmh.Query{Prefix: "oai_dc", After: fmt.Sprint(epoch)}, oaipmh.ErrBadPosition},
		{"more than a position", oaipmh.Query{Prefix: "oai_dc", After: fmt.Sprint(epoch, ".3.3")}, oaipmh.ErrBadPosition},
		{"a negative position", oaipmh.Query{Prefix: "oai_dc", After: fmt.Sprint(epoch, ".-3")}, oaipmh.ErrBadPosition},
		{"an early epoch", oaipmh.Query{Prefix: "oai_dc", After: fmt.Sprint(epoch-1, ".3")}, oaipmh.ErrBadPosition},
		{"a late epoch", oaipmh.Query{Prefix: "oai_dc", After: fmt.Sprint(epoch+1, ".3")}, oaipmh.ErrBadPosition},
		{"beyond the head", oaipmh.Query{Prefix: "oai_dc", After: pipeline.Cursor{Epoch: epoch, Seq: x.seq + 1}.String()}, oaipmh.ErrBehind},
		{"of a walk that has seen more", oaipmh.Query{Prefix: "oai_dc", After: pipeline.Cursor{Epoch: epoch, Seq: 1}.String(), Seen: later}, oaipmh.ErrBehind},
		{"of a walk that has seen a new set", oaipmh.Query{Prefix: "oai_dc", Set: "nonsense", After: pipeline.Cursor{Epoch: epoch, Seq: 1}.String(), Seen: later}, oaipmh.ErrBehind},
		{"of a walk of an early epoch that has seen more", oaipmh.Query{Prefix: "oai_dc", After: fmt.Sprint(epoch-1, ".3"), Seen: later}, oaipmh.ErrBadPosition},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := x.oai.List(t.Context(), &test.q, func(*oaipmh.Record) bool { t.Error("a record"); return true })
			x.is(err, test.want)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.oai.List(ctx, &oaipmh.Query{Prefix: "oai_dc"}, func(*oaipmh.Record) bool { return true }); err == nil {
		t.Error("a list for nobody")
	}
	x.checkDoors()
}
