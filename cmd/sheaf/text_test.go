package main

import (
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func TestCleanLines(t *testing.T) {
	if got := cleanLines("<a>\n\t<b>\x07 x</b>\n</a>", 100); got != "<a>\n  <b> x</b>\n</a>" {
		t.Errorf("lines: %q", got)
	}
	if got := cleanLines("123456\n789\nabc", 9); got != "123456\n78…\n…" {
		t.Errorf("cut lines: %q", got)
	}
}

func FuzzParsePosition(f *testing.F) {
	for _, s := range []string{"", "0", "1786000000000.1200", "1.0", "0.1", "1", "1.-1", "1.2.3", "1.3.2", "1.2.-3", "1.2.3.4", "1.2.", "99999999999999999999.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parsePosition(s)
		if err != nil || s == "" || s == "0" {
			return
		}
		again, err := parsePosition(c.String())
		if err != nil || again != c || c.Epoch < 1 {
			t.Errorf("%q is %v, and then %v, %v", s, c, again, err)
		}
	})
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		d    time.Duration
		want string
	}{{90 * time.Second, "90 s"}, {2 * time.Minute, "2 min"}, {119 * time.Minute, "119 min"}, {47 * time.Hour, "47 h"}, {480 * time.Hour, "20 d"}} {
		if got := ago(now.Add(-c.d), now); got != c.want+" ago" {
			t.Errorf("%v: %s", c.d, got)
		}
		if got := until(now.Add(c.d), now); got != "in "+c.want {
			t.Errorf("%v: %s", c.d, got)
		}
	}
	if ago(time.Time{}, now) != "never" || until(time.Time{}, now) != "-" || until(now.Add(-time.Hour), now) != "now" || ago(now, now) != "now" {
		t.Error("what never was, or is now")
	}
}

func TestStates(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	run := func(result string, ended time.Duration) store.SourceStatus {
		at := now.Add(-ended)
		st := store.SourceStatus{LastRun: store.RunStatus{ID: 1, Heartbeat: at, Ended: at, Result: result}, LastComplete: at}
		if result == "" {
			st.Running, st.LastRun.Ended = true, time.Time{}
		}
		return st
	}
	for _, c := range []struct {
		name    string
		status  store.SourceStatus
		gateway bool
		gone    bool
		want    string
		look    bool
	}{
		{"never harvested", store.SourceStatus{}, true, false, store.StateNever, false},
		{"well", run(pipeline.Complete, 20*time.Hour), true, false, store.StateOK, false},
		{"late", run(pipeline.Complete, 49*time.Hour), true, false, store.StateLate, true},
		{"failed", run(pipeline.Failed, time.Hour), true, false, pipeline.Failed, true},
		{"stopped", run(pipeline.Cancelled, time.Hour), true, false, pipeline.Cancelled, false},
		{"running, slow", run("", time.Hour), true, false, store.StateRunning, false},
		{"killed", run("", time.Hour), false, false, store.StateInterrupted, true},
		{"running elsewhere", run("", time.Minute), false, false, store.StateRunning, false},
		{"not configured", run(pipeline.Complete, 900*time.Hour), true, true, store.StateGone, false},
	} {
		s := &standing{now: now, log: true, gateway: c.gateway, sources: []control.SourceInfo{{Name: "a", Every: 24 * time.Hour, Configured: !c.gone, Status: c.status}}}
		if got := s.state(&s.sources[0]); got != c.want || s.trouble() != c.look {
			t.Errorf("%s: %s, %v", c.name, got, s.trouble())
		}
	}
	s := &standing{now: now, log: true, info: control.Info{Trouble: "the clock has jumped"}}
	var out output
	if err := s.print(&out); err != nil || !s.trouble() {
		t.Errorf("trouble with the clock is none: %v", err)
	}
	holds(t, "status", out.String(), "CLOCK: the clock has jumped")
	s = &standing{now: now, log: true, info: control.Info{Store: "the disk is full\nharvests are paused", Certificates: "events.tls: a.pem is over"}}
	out = output{}
	if err := s.print(&out); err != nil || !s.trouble() {
		t.Errorf("trouble with the disk and certificates is none: %v", err)
	}
	holds(t, "status", out.String(), "LOG: the disk is full\nLOG: harvests are paused\nCERTIFICATES: events.tls: a.pem is over\n")
}

func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"}}
	if got := buildLine(info, true); got != "devel (go1.26.0)" {
		t.Errorf("a working copy: %s", got)
	}
	info.Main.Version = "v1.2.3"
	info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	if got := buildLine(info, true); got != "1.2.3 (commit 0123456789ab with changes, go1.26.0)" {
		t.Errorf("a release: %s", got)
	}
	if got := buildLine(nil, false); got != "devel" {
		t.Errorf("nothing known: %s", got)
	}
	if flag, command := want(t, exitDone, "--version"), want(t, exitDone, "version"); flag.stdout != command.stdout || !strings.HasPrefix(flag.stdout, "sheaf devel") {
		t.Errorf("%q, %q", flag.stdout, command.stdout)
	}
}

// A bar follows totals that are not known at first, grow, and were too small.
func TestBar(t *testing.T) {
	var out output
	b := &bar{w: &out, source: "letters"}
	for _, step := range []struct {
		items int64
		total int
	}{{5, 0}, {10, 100}, {60, 100}, {120, 100}, {150, 400}, {400, 400}} {
		b.line(&control.HarvestLine{Source: "letters", Counts: pipeline.Counts{Items: step.items}, Total: step.total})
		if b.drawn.IsFinished() {
			t.Errorf("at %d of %d the bar is finished, and will not be drawn again", step.items, step.total)
		}
	}
	holds(t, "the bar", out.String(), "letters", "10/100", "120/121", "150/400")
	b.end()
	b.end()
}

func TestPlainProgress(t *testing.T) {
	var out output
	p := &plain{w: &out, source: "letters", last: time.Now()}
	line := &control.HarvestLine{Source: "letters", Counts: pipeline.Counts{Items: 5, Added: 3, Updated: 2}, Total: 100}
	p.line(line)
	if out.String() != "" {
		t.Errorf("too early: %q", out.String())
	}
	p.last = p.last.Add(-pause)
	p.line(line)
	p.line(line)
	if want := "letters: 5 of about 100 items, 3 new, 2 changed\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
