package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A numbers is a source of items that are numbers; noise changes the bytes of an item and nothing else.
type numbers struct {
	content map[int]int // by item; -1: deleted
	noise   int
}

func (s *numbers) Page(context.Context, harvest.Cursor) (*harvest.Page, error) {
	p := &harvest.Page{Done: true, Full: true}
	for n, content := range s.content {
		item := harvest.Item{Key: fmt.Sprint(n), Format: harvest.Format{Prefix: "n", Namespace: "urn:n"}, Deleted: content < 0}
		if !item.Deleted {
			item.Original = fmt.Appendf(nil, `<n xmlns="urn:n"%*s>%d</n>`, s.noise%3+1, "", content)
		}
		p.Items = append(p.Items, item)
	}
	slices.SortFunc(p.Items, func(a, b harvest.Item) int { return len(a.Key)*100 - len(b.Key)*100 + int(a.Key[0]) - int(b.Key[0]) })
	return p, nil
}

// A numbering is one version of the rules. Rules 2 say something else of even numbers, and can't read some;
// rules 3 say the same as rules 1 in other words.
type numbering int

func (v numbering) Version() string { return fmt.Sprint("rules ", int(v)) }

func (v numbering) Map(item *harvest.Item) (*dublincore.Record, error) {
	var n int
	if _, err := fmt.Sscanf(string(item.Original[len(`<n xmlns="urn:n"`):]), " >%d</n>", &n); err != nil {
		return nil, err
	}
	title, ok := v.title(n)
	if !ok {
		return nil, errors.New("not readable by these rules")
	}
	value := dublincore.Value{Term: dublincore.Title, Text: title}
	if v == 3 {
		value.From = dublincore.Context
	}
	return &dublincore.Record{Values: []dublincore.Value{value}}, nil
}

func (v numbering) title(content int) (string, bool) {
	if v == 2 && content%2 == 0 {
		return fmt.Sprint("The even number ", content), content%5 != 4
	}
	return fmt.Sprint("The number ", content), v != 2 || content%5 != 4
}

// beside is a log in which things happen between a remap's reading and its writing.
type beside struct {
	*Store
	before func() error
}

func (b *beside) Remap(ctx context.Context, batch *pipeline.RemapBatch) (*pipeline.RemapReceipt, error) {
	if err := b.before(); err != nil {
		return nil, err
	}
	return b.Store.Remap(ctx, batch)
}

// quietRuns hears what runs do, and keeps it to itself.
type quietRuns struct{}

func (quietRuns) RunBegan(*pipeline.Run)                                               {}
func (quietRuns) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}
func (quietRuns) RunEnded(*pipeline.Run, *pipeline.Report)                             {}

// A remapWorld is a log beside a model of it.
type remapWorld struct {
	t     *testing.T
	r     *rapid.T
	dir   string
	log   *Store
	from  *numbers
	src   *pipeline.Source
	known map[int]*numbered
}

// numbered is what the log must have of an item.
type numbered struct {
	content int // the last one that was taken; -1: deleted
	made    numbering
	version int64
}

// by makes rules of a crosswalk alone.
func by(c rules.Crosswalk) *rules.Rules { return &rules.Rules{Source: "a", Crosswalk: c} }

func TestRemapBesideHarvest(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from := &numbers{content: map[int]int{}}
		w := &remapWorld{t: t, r: r, dir: t.TempDir(), from: from, known: map[int]*numbered{}}
		w.src = &pipeline.Source{Name: "a", Harvest: from, Mapper: by(numbering(1))}
		w.log = open(t, w.dir, &handClock{})
		defer func() { w.log.Close() }()
		for range rapid.IntRange(1, 40).Draw(r, "items") {
			w.edit()
		}
		w.harvest()
		steps := []func(){w.edit, w.harvest, w.remap, w.interrupt, w.kill}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, len(steps)-1), 1, 10).Draw(r, "steps") {
			steps[step]()
			w.check()
		}
		checkInvariants(t, w.log)
		if t.Failed() {
			r.FailNow()
		}
	})
}

// A remap meets again, at the end of the log, what it has moved there. Its report counts each record once.
func TestRemapCountsEachRecordOnce(t *testing.T) {
	from := &numbers{content: map[int]int{}}
	for n := range 40 {
		from.content[n] = 2 // which rules 2 say otherwise
	}
	log := open(t, t.TempDir(), &handClock{})
	src := &pipeline.Source{Name: "a", Harvest: from, Mapper: by(numbering(1))}
	runner := &pipeline.Runner{Log: log, Namespace: "a.example", Observer: quietRuns{}, Logger: slog.New(slog.DiscardHandler)}
	if _, err := runner.Run(t.Context(), src, pipeline.Order{Full: true}); err != nil {
		t.Fatal(err)
	}
	remapper := &pipeline.Remapper{Log: log, Source: src, Mapper: by(numbering(2)), Page: 5}
	for _, already := range []int64{0, 40} {
		report, err := remapper.Apply(t.Context())
		if err != nil || report.Changed != 40-already || report.Already != already || report.Records() != 40 {
			t.Errorf("%+v, %v", report, err)
		}
	}
}

// A page that was kept for who asks again is wrong once a record of it has moved, and one that holds none
// of those is right.
func TestRemapAndKeptPages(t *testing.T) {
	from := &numbers{content: map[int]int{}}
	for n := range 40 {
		from.content[n] = 1 // which all rules read alike
	}
	from.content[7] = 2
	log := open(t, t.TempDir(), &handClock{})
	log.moves.Block = 1
	src := &pipeline.Source{Name: "a", Harvest: from, Mapper: by(numbering(1))}
	runner := &pipeline.Runner{Log: log, Namespace: "a.example", Observer: quietRuns{}, Logger: slog.New(slog.DiscardHandler)}
	if _, err := runner.Run(t.Context(), src, pipeline.Order{Full: true}); err != nil {
		t.Fatal(err)
	}
	moved, err := log.Record(t.Context(), "oai:a.example:a/7")
	if err != nil {
		t.Fatal(err)
	}
	page := func(after int64) *oaipmh.Listing {
		taken := 0
		listing, err := (&endpoint.Repository{Log: log}).List(t.Context(), &oaipmh.Query{Prefix: "oai_dc", After: pipeline.Cursor{Epoch: log.committed.Epoch, Seq: after}.String()},
			func(*oaipmh.Record) bool { taken++; return taken <= 3 })
		if err != nil {
			t.Fatal(err)
		}
		return listing
	}
	with, without := page(moved.Seq-2), page(moved.Seq)
	if report, err := (&pipeline.Remapper{Log: log, Source: src, Mapper: by(numbering(2))}).Apply(t.Context()); err != nil || report.Changed != 1 {
		t.Fatal(report, err)
	}
	if _, ok := with.Fresh(t.Context()); ok {
		t.Error("the page with the record that moved is taken to be right")
	}
	if _, ok := without.Fresh(t.Context()); !ok {
		t.Error("a page without it is taken to be wrong")
	}
}

func (w *remapWorld) ok(err error) {
	w.r.Helper()
	if err != nil {
		w.r.Fatal(err)
	}
}

func (w *remapWorld) edit() {
	n := rapid.IntRange(0, 30).Draw(w.r, "item")
	w.from.content[n] = rapid.IntRange(-1, 20).Draw(w.r, "content")
	if rapid.Bool().Draw(w.r, "noise") {
		w.from.noise++
	}
}

// harvest brings the source into the log, and the model to what must be there then.
func (w *remapWorld) harvest() {
	w.r.Helper()
	runner := &pipeline.Runner{Log: w.log, Namespace: "a.example", Observer: quietRuns{}, Logger: slog.New(slog.DiscardHandler)}
	_, err := runner.Run(w.t.Context(), w.src, pipeline.Order{Full: true})
	w.ok(err)
	present := w.src.Rules().(*rules.Rules).Crosswalk.(numbering)
	for n, content := range w.from.content {
		k := w.known[n]
		title, readable := present.title(content)
		switch {
		case content >= 0 && !readable: // it goes to quarantine, and what was there stays
		case k == nil:
			w.known[n] = &numbered{content, present, 1}
		case content < 0 && k.content < 0:
		case content == k.content:
			// It is mapped if its bytes are others, and moves if the rules say something else now.
			if was, _ := k.made.title(content); was != title && w.rulesOf(n) == present {
				k.made, k.version = present, k.version+1
			}
		default:
			k.content, k.made, k.version = content, present, k.version+1
		}
	}
}

func (w *remapWorld) rulesOf(n int) numbering {
	rec, err := w.log.Record(w.t.Context(), fmt.Sprint("oai:a.example:a/", n))
	w.ok(err)
	var v numbering
	_, _ = fmt.Sscanf(rec.Rules, "rules %d", (*int)(&v))
	return v
}

// remapper maps again with some rules; before each commit something may happen.
func (w *remapWorld) remapper(before func() error) (*pipeline.Remapper, numbering) {
	v := numbering(rapid.IntRange(1, 3).Draw(w.r, "rules"))
	w.src.SetRules(by(v))
	return &pipeline.Remapper{Log: &beside{w.log, before}, Source: w.src, Page: rapid.IntRange(1, 12).Draw(w.r, "page")}, v
}

// remap goes to the end, while items change and are harvested.
func (w *remapWorld) remap() {
	remapper, v := w.remapper(func() error {
		if rapid.IntRange(0, 3).Draw(w.r, "harvest beside") == 0 {
			w.settle(w.src.Rules().(*rules.Rules).Crosswalk.(numbering)) // what was reached before
			w.edit()
			w.harvest()
		}
		return nil
	})
	_, err := remapper.Apply(w.t.Context())
	w.ok(err)
	w.settle(v)
	for n, k := range w.known {
		if _, readable := v.title(k.content); k.content >= 0 && readable && k.made != v && !w.sameBytes(n, v) {
			w.r.Fatalf("item %d is as rules %d made it, after a remap with rules %d", n, k.made, v)
		}
	}
	// A second look finds nothing to do, and the count of what there would be is of the same mind.
	report, err := (&pipeline.Remapper{Log: w.log, Source: w.src}).Count(w.t.Context())
	w.ok(err)
	if report.Changed != 0 {
		w.r.Fatalf("%d records would change after a remap: %+v", report.Changed, report)
	}
}

// sameBytes says whether rules that did not make a record could have.
func (w *remapWorld) sameBytes(n int, v numbering) bool {
	was, _ := w.known[n].made.title(w.known[n].content)
	is, _ := v.title(w.known[n].content)
	return was == is
}

var errCut = errors.New("cut off")

// interrupt ends a remap at some commit.
func (w *remapWorld) interrupt() {
	left := rapid.IntRange(0, 8).Draw(w.r, "commits")
	remapper, v := w.remapper(func() error {
		if left--; left < 0 {
			return errCut
		}
		return nil
	})
	if _, err := remapper.Apply(w.t.Context()); err != nil && !errors.Is(err, errCut) {
		w.r.Fatal(err)
	}
	w.settle(v)
}

// kill goes on with the files as they are.
func (w *remapWorld) kill() {
	left := leftBehind(w.t, w.dir)
	w.ok(w.log.Close())
	w.dir, w.log = left, open(w.t, left, &handClock{})
}

// settle takes over which records a remap with some rules has reached. It must have moved those alone
// of which something else is served.
func (w *remapWorld) settle(v numbering) {
	for n, k := range w.known {
		if k.content < 0 || w.rulesOf(n) != v || k.made == v {
			continue
		}
		if !w.sameBytes(n, v) {
			k.version++
		}
		k.made = v
	}
}

// check holds the log to the model.
func (w *remapWorld) check() {
	w.r.Helper()
	for n, k := range w.known {
		rec, err := w.log.Record(w.t.Context(), fmt.Sprint("oai:a.example:a/", n))
		w.ok(err)
		if (rec.Deleted != pipeline.Live) != (k.content < 0) || rec.Version != k.version {
			w.r.Fatalf("item %d is at version %d, deleted %q; want %+v", n, rec.Version, rec.Deleted, *k)
		}
		if k.content < 0 {
			continue
		}
		var dc dublincore.Record
		w.ok(dc.UnmarshalJSON(rec.DC))
		want, _ := k.made.title(k.content)
		if got := dc.Text(dublincore.Title); got != want || rec.Rules != k.made.Version() {
			w.r.Fatalf("item %d is %q by %s; want %q by %s", n, got, rec.Rules, want, k.made.Version())
		}
	}
}
