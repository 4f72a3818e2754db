package storetest

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What generated histories are made of: little of each, so that it meets again and again.
var (
	sources  = []string{"alpha", "beta-2"}
	setsOf   = []string{"", "x", "x:y", "x:z", "w"} // below the source's own
	reasons  = []pipeline.Reason{pipeline.SourceDeleted, pipeline.Absent, pipeline.SourceRetired}
	contents = 5
	locals   = 5
)

// cases is how many cases are generated where the command line does not say (-rapid.checks): each is a
// store of its own and a history of some thirty steps.
func cases(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if checks == nil || checks.Value.String() != checks.DefValue {
		return
	}
	if err := checks.Value.Set("20"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
}

// testHistories runs generated histories against the model: whatever happens, every door shows the
// same afterwards.
func testHistories(t *testing.T, f Factory) {
	cases(t)
	rapid.Check(t, func(rt *rapid.T) {
		x := start(t, rt, f)
		rt.Repeat(map[string]func(*rapid.T){
			"commit":  func(rt *rapid.T) { _ = x.commit(x.drawBatch(rt)) },
			"commit2": func(rt *rapid.T) { _ = x.commit(x.drawBatch(rt)) },
			"remap":   func(rt *rapid.T) { x.remap(x.drawRemap(rt)) },
			"begin": func(rt *rapid.T) {
				x.begin(rapid.SampledFrom(sources).Draw(rt, "source"), rapid.IntRange(0, 4).Draw(rt, "fresh") == 0)
			},
			"time": func(rt *rapid.T) { x.drawTime(rt) },
			"restart": func(rt *rapid.T) {
				if rapid.IntRange(0, 5).Draw(rt, "restart") == 0 {
					x.restart()
				}
			},
			"crash": func(rt *rapid.T) {
				if rapid.IntRange(0, 5).Draw(rt, "crash") == 0 {
					x.crash(func() { x.drawTime(rt) })
				}
			},
			"epoch": func(rt *rapid.T) {
				if rapid.IntRange(0, 9).Draw(rt, "epoch") == 0 {
					x.newEpoch(pipeline.Head{})
				}
			},
			"list": func(rt *rapid.T) { x.drawList(rt) },
			"": func(*rapid.T) {
				x.checkHead()
				x.checkPages()
			},
		})
		x.checkDoors()
		for range 12 {
			x.drawList(rt)
		}
	})
}

// checkHead is the cheap check after each step.
func (x *fixture) checkHead() {
	x.Helper()
	x.checkDigest(x.head())
}

// drawTime moves the clock, in small steps around second boundaries, and sets it within what a log
// must bear: a log that is open has seen each step before the next. While the clock is behind what was shown
// nobody looks at it, and steps forward would add up: then time passes instead.
func (x *fixture) drawTime(rt *rapid.T) {
	if x.log != nil {
		x.head()
	}
	switch rapid.IntRange(0, 4).Draw(rt, "time") {
	case 0:
		x.clock.Set(-time.Duration(rapid.IntRange(1, 100).Draw(rt, "back")) * time.Second)
	case 1:
		forward := time.Duration(rapid.IntRange(1, 59_000).Draw(rt, "forward")) * time.Millisecond
		if x.clock.Wall().Before(x.stamp) {
			x.clock.Pass(forward)
		} else {
			x.clock.Set(forward)
		}
	default:
		x.clock.Pass(time.Duration(rapid.IntRange(1, 1500).Draw(rt, "passed")) * time.Millisecond)
	}
	if x.stamp.Sub(x.clock.Wall()) > 4*time.Minute { // further back is for other tests
		x.clock.Pass(3 * time.Minute)
	}
}

// drawBatch makes a page: mostly of the current run at its cursor, sometimes not.
func (x *fixture) drawBatch(rt *rapid.T) *pipeline.Batch {
	source := rapid.SampledFrom(sources).Draw(rt, "source")
	b := x.page(source)
	switch rapid.IntRange(0, 19).Draw(rt, "fence") {
	case 0:
		superseded := *b.Run
		superseded.ID--
		b.Run = &superseded
	case 1:
		b.From += "elsewhere"
	}
	free := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
		for i := range locals {
			if !yield(i) {
				return
			}
		}
	})).Draw(rt, "locals")
	for range rapid.IntRange(0, 4).Draw(rt, "changes") {
		b.Changes = append(b.Changes, x.drawChange(rt, source, rapid.SampledFrom(free[:3]).Draw(rt, "local")))
	}
	for _, local := range free[3:] {
		id := identifier(source, local)
		switch r := x.model.records[id]; rapid.SampledFrom([]string{"", "again", "again", "outdated", "reject"}).Draw(rt, "rest") {
		case "again":
			if r != nil {
				b.Unchanged = append(b.Unchanged, pipeline.Seen{Identifier: id, Input: r.input})
			}
		case "outdated":
			if rapid.IntRange(0, 3).Draw(rt, "outdated") == 0 {
				b.Unchanged = append(b.Unchanged, pipeline.Seen{Identifier: id, Input: inputOf(id, 99)})
			}
		case "reject":
			b.Rejects = append(b.Rejects, pipeline.Reject{Key: id, Identifier: id, Reason: "malformed", Detail: "at byte 7", Original: []byte("<broken")})
		}
	}
	return b
}

func (x *fixture) drawChange(rt *rapid.T, source string, local int) pipeline.Change {
	id := identifier(source, local)
	sets := []string{source}
	for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(setsOf), 0, 2, rapid.ID).Draw(rt, "sets") {
		if s != "" {
			sets = append(sets, source+":"+s)
		}
	}
	sets = append(sets, drawRuleSets(rt)...)
	kind := rapid.IntRange(0, 23).Draw(rt, "kind")
	switch {
	case kind == 0:
		return gone(id, pipeline.Takedown, sets...)
	case kind < 6:
		return gone(id, rapid.SampledFrom(reasons).Draw(rt, "reason"), sets...)
	case kind < 9:
		// The item was known under a hash before it got a link.
		c := live(identifier(source, "link"+string(rune('a'+local))), 1, sets...)
		c.Aliases = []string{id, identifier(source, "hash"+string(rune('a'+local)))}
		return c
	case kind < 10:
		return live(identifier(source, "hash"+string(rune('a'+local))), 2, sets...)
	}
	c := live(id, rapid.IntRange(0, contents-1).Draw(rt, "content"), sets...)
	if kind > 18 { // the source sends it otherwise, and it comes out as the same
		c.Input = inputOf(id, 50)
	}
	return c
}

// drawList compares some list, between any two of the seconds around which something happened.
func (x *fixture) drawList(rt *rapid.T) {
	moments := []time.Time{{}, x.stamp.Add(time.Hour)}
	for _, s := range x.model.seconds() {
		moments = append(moments, s.Add(-time.Second), s, s.Add(time.Second))
	}
	set := ""
	if specs := x.specs(); len(specs) > 0 && rapid.Bool().Draw(rt, "of a set") {
		set = rapid.SampledFrom(specs).Draw(rt, "set")
	}
	prefix := rapid.SampledFrom(x.model.prefixes()).Draw(rt, "prefix")
	x.checkList(prefix, set, rapid.SampledFrom(moments).Draw(rt, "from"), rapid.SampledFrom(moments).Draw(rt, "until"), rapid.IntRange(1, 5).Draw(rt, "page"))
}

// specs are the sets of the model in their order.
func (x *fixture) specs() []string {
	var out []string
	for s := range x.model.sets {
		out = append(out, s)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}

// testBoundaries asks for every list between every two seconds at which something happened or did
// not: from and until are both inclusive.
func testBoundaries(t *testing.T, f Factory) {
	x := start(t, t, f)
	for i := range 6 {
		id := identifier("alpha", i)
		x.put("alpha", live(id, 0, "alpha", "alpha:x"))
		if i%2 == 0 {
			x.clock.Pass(700 * time.Millisecond)
			x.head()
		}
		x.put("alpha", live(id, 1, "alpha", []string{"alpha:x", "alpha:w", "topic"}[i%3]))
		x.clock.Pass(time.Duration(i) * 400 * time.Millisecond)
	}
	x.put("alpha", gone(identifier("alpha", 1), pipeline.SourceDeleted))
	x.put("alpha", live(identifier("alpha", 4), 0, "alpha", "alpha:x"))
	x.checkDoors()

	moments := []time.Time{{}}
	first := x.model.seconds()[0]
	for s := first.Add(-2 * time.Second); !s.After(x.stamp.Add(2 * time.Second)); s = s.Add(time.Second) {
		moments = append(moments, s)
	}
	for _, set := range append(x.specs(), "") {
		for _, from := range moments {
			for _, until := range moments {
				for _, prefix := range []string{"oai_dc", "mods", "mods_2"} {
					x.checkList(prefix, set, from, until, 2)
				}
			}
		}
	}
}
