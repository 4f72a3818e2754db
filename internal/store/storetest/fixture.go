package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// A fixture is a log beside its model, and the clock of both.
type fixture struct {
	tester
	clock *Clock
	in    *Instance
	log   Log
	oai   oaipmh.Repository // of log
	pages *pager            // of oai
	model *model
	runs  map[string]*pipeline.Run
	// receipt is that of the last commit.
	receipt *pipeline.Receipt
	// numbers are those of live records since the log was opened.
	numbers map[string]int64
	stamp   time.Time // the newest datestamp that the log has shown
	seq     int64     // likewise
}

// start opens an empty log. The test t is for what outlives a generated case, c is the case.
func start(t *testing.T, c tester, f Factory) *fixture {
	t.Helper()
	x := &fixture{tester: c, clock: NewClock(), model: newModel(), runs: map[string]*pipeline.Run{}}
	x.in = f(t, Options{Namespace: namespace, Clock: x.clock, Declared: declaredSets, Formats: writers})
	x.open()
	c.Cleanup(func() {
		if x.log != nil {
			x.close()
		}
	})
	return x
}

func (x *fixture) open() {
	x.Helper()
	x.numbers = map[string]int64{}
	l, err := x.in.Open(context.WithoutCancel(x.Context()))
	x.ok(err)
	x.log, x.oai = l, l.Repository()
	for number, g := range gateways {
		n, err := l.Gateway(x.Context(), g)
		x.ok(err)
		x.same("number of the gateway "+g.Name, n, number)
	}
	x.ok(l.Silence(x.Context(), silentSets))
	x.pages = pagerOf(x.oai)
}

func (x *fixture) close() {
	x.Helper()
	x.ok(x.log.Close())
	x.log = nil
}

func (x *fixture) restart() {
	x.Helper()
	x.close()
	x.open()
}

// crash kills the log, lets something happen while it is down, and opens it again.
func (x *fixture) crash(meanwhile func()) {
	x.Helper()
	if x.in.Kill == nil {
		x.close()
	} else {
		x.ok(x.in.Kill(x.log))
		x.log = nil
	}
	meanwhile()
	x.open()
}

func (x *fixture) ok(err error) {
	x.Helper()
	if err != nil {
		x.Fatalf("%v", err)
	}
}

func (x *fixture) is(err, want error) {
	x.Helper()
	if !errors.Is(err, want) {
		x.Fatalf("error %v, want %v", err, want)
	}
}

func (x *fixture) same(what string, got, want any, opts ...cmp.Option) {
	x.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		x.Fatalf("%s (- want, + got):\n%s", what, d)
	}
}

// begin starts a run, which becomes the current one of its source.
func (x *fixture) begin(source string, fresh bool) *pipeline.Run {
	x.Helper()
	var restart func(harvest.Cursor) harvest.Cursor
	if fresh {
		restart = pipeline.FromTheStart
	}
	run, err := x.log.Begin(x.Context(), source, restart)
	x.ok(err)
	m := x.model.source(source)
	if fresh {
		m.cursor = ""
	}
	if run.ID == m.run || run.Source != source || run.Cursor != m.cursor {
		x.Fatalf("run %+v after run %d, with the source at %q", run, m.run, m.cursor)
	}
	m.run, x.runs[source] = run.ID, run
	return run
}

// page is a batch of the current run of a source at its current cursor.
func (x *fixture) page(source string, changes ...pipeline.Change) *pipeline.Batch {
	x.Helper()
	run := x.runs[source]
	if run == nil {
		run = x.begin(source, false)
	}
	at := x.model.source(source).cursor
	return &pipeline.Batch{Run: run, From: at, Next: at + ".", Changes: changes}
}

// commit commits a batch to both, and compares what they say.
func (x *fixture) commit(b *pipeline.Batch) error {
	x.Helper()
	want := x.model.refusal(b)
	r, err := x.log.Commit(x.Context(), b)
	if want != nil || err != nil {
		if !errors.Is(err, want) {
			x.Fatalf("the commit was answered with %v, want %v", err, want)
		}
		return err
	}
	x.receipt = r
	x.same("counts of the commit", r.Counts, x.model.apply(b, r.Head.Datestamp))
	if changes := r.Counts.Changes() > 0; changes != (r.Head.Seq > x.seq) || r.Head.Seq < x.seq {
		x.Fatalf("a commit of %d changes moved the head from %d to %d", r.Counts.Changes(), x.seq, r.Head.Seq)
	}
	x.sawHead(r.Head)
	return nil
}

// put commits changes to records of a source as its next page.
func (x *fixture) put(source string, changes ...pipeline.Change) {
	x.Helper()
	x.ok(x.commit(x.page(source, changes...)))
}

// sawHead holds a head against all that were seen before.
func (x *fixture) sawHead(h pipeline.Head) {
	x.Helper()
	if h.Seq < x.seq {
		x.Fatalf("the head went back from %d to %d", x.seq, h.Seq)
	}
	x.seq = h.Seq
	x.sawStamp(h.Datestamp)
}

func (x *fixture) sawStamp(t time.Time) {
	x.Helper()
	if t.Before(x.stamp) {
		x.Fatalf("the head's datestamp went back from %v to %v", x.stamp, t)
	}
	if t.Location() != time.UTC || t.Nanosecond() != 0 {
		x.Fatalf("%v is not UTC in whole seconds", t)
	}
	x.stamp = t
}

func (x *fixture) head() pipeline.Head {
	x.Helper()
	h, err := x.log.Head(x.Context())
	x.ok(err)
	x.sawHead(h)
	return h
}

// cursorOf is the cursor that a source's next run would start from.
func (x *fixture) cursorOf(source string) harvest.Cursor { return x.model.source(source).cursor }
