package sqlite

import (
	"errors"
	"testing"
	"time"
	"unsafe"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestMachineClockSet: the machine's own clock, as it is read when somebody has set it. Nothing is stamped
// while it is wrong, also when somebody asks for the head, and commits go on as soon as it is right.
func TestMachineClockSet(t *testing.T) {
	for name, elapsed := range map[string]func() time.Duration{
		"this system": store.SystemClock{}.Elapsed,
		"the others":  func() time.Duration { return time.Since(opened) },
	} {
		t.Run(name, func(t *testing.T) {
			clock := &setMachine{elapsed: elapsed}
			s := open(t, t.TempDir(), clock)
			f := newFeed(t, s, "a")
			f.fill(s, 3, 0)
			clock.by = 30 * 24 * time.Hour
			for range 2 {
				if head, err := s.Head(t.Context()); err != nil || head.Datestamp.After(time.Now()) {
					t.Fatalf("head at %v, %v", head.Datestamp, err)
				}
				if err := f.commit(s, change("a", 0, 1)); !errors.Is(err, pipeline.ErrPaused) {
					t.Fatalf("a commit while the clock is wrong says %v", err)
				}
			}
			if s.Trouble() == nil {
				t.Error("no trouble while the clock is wrong")
			}
			clock.by = 0
			if err := s.Trouble(); err != nil {
				t.Errorf("the clock is right again: %v", err)
			}
			if err := f.commit(s, change("a", 0, 1)); err != nil {
				t.Errorf("the clock is right again: %v", err)
			}
			clock.by = 2 * time.Hour
			if now, err := s.ConfirmClock(t.Context()); err != nil || time.Until(now) < time.Hour {
				t.Fatalf("confirmed %v: %v", now, err)
			}
			if err := f.commit(s, change("a", 0, 2)); err != nil {
				t.Errorf("a person said that it is right: %v", err)
			}
		})
	}
}

var opened = time.Now()

// setMachine is the machine's clock after somebody has set it: what time.Now returns then has the new wall
// clock, and the reading of a monotonic clock that knows nothing of it.
type setMachine struct {
	elapsed func() time.Duration
	by      time.Duration
}

func (c *setMachine) Elapsed() time.Duration { return c.elapsed() }

func (c *setMachine) Wall() time.Time {
	now := store.SystemClock{}.Wall()
	set := now
	// The first word of a time with a monotonic reading: 1 bit, 33 of seconds, 30 of nanoseconds.
	*(*uint64)(unsafe.Pointer(&set)) += uint64(c.by/time.Second) << 30
	if set.Unix() != now.Add(c.by).Unix() || set.Sub(now) != 0 {
		panic("package time has changed: make a time otherwise whose wall clock was set")
	}
	return set
}

// A knowing clock has evidence.
type knowing struct {
	*handClock
	synchronized bool
	boot         string
	booted       time.Duration // when, by handClock
}

func (c *knowing) Synchronized() bool     { return c.synchronized }
func (c *knowing) Boot() string           { return c.boot }
func (c *knowing) Elapsed() time.Duration { return c.handClock.at - c.booted }

// TestClockAheadAtStart: a log that is opened more than a day after its last change takes changes only
// if something vouches for the clock, or a person does; it is served in each case.
func TestClockAheadAtStart(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		name  string
		apart time.Duration
		clock knowing
		wait  func(c *knowing)
		asks  bool
	}{
		{name: "a day", apart: day},
		{name: "two days, nothing known", apart: 2 * day, asks: true},
		{name: "two days, synchronized", apart: 2 * day, clock: knowing{synchronized: true}},
		{name: "two days, the machine ran on", apart: 2 * day, clock: knowing{boot: "one"}},
		{name: "two days, the machine was started again", apart: 2 * day, clock: knowing{boot: "two", booted: day}, asks: true},
		{name: "the machine ran on, the clock was set", apart: 2 * day, clock: knowing{boot: "one", booted: day}, asks: true},
		{name: "synchronized after the start", apart: 9 * day, asks: true, wait: func(c *knowing) { c.synchronized = true }},
		{name: "set right after the start", apart: 9 * day, asks: true, wait: func(c *knowing) { c.at -= 9*day - time.Hour }},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			first := open(t, dir, &knowing{handClock: &handClock{}, boot: "one"})
			newFeed(t, first, "a").fill(first, 3, 0)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			clock := test.clock
			clock.handClock = &handClock{at: test.apart}
			s := open(t, dir, &clock)
			f := newFeed(t, s, "a")
			err := f.commit(s, change("a", 0, 1))
			if asks := errors.Is(err, pipeline.ErrPaused); asks != test.asks || !asks && err != nil {
				t.Fatalf("says %v", err)
			}
			if !test.asks {
				return
			}
			if head, err := s.Head(t.Context()); err != nil || head.Datestamp.Unix() != (&handClock{}).Wall().Unix() || s.Trouble() == nil {
				t.Fatalf("head %v, %v; trouble %v", head.Datestamp, err, s.Trouble())
			}
			if test.wait != nil {
				test.wait(&clock)
			} else if _, err := s.ConfirmClock(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := f.commit(s, change("a", 0, 1)); err != nil {
				t.Errorf("still says %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			clock.boot, clock.synchronized = "three", false
			if again := open(t, dir, &clock); again.Trouble() != nil {
				t.Errorf("asked again: %v", again.Trouble())
			}
		})
	}
}

// TestEmptyLogNeverAsks: nothing in it could be spoiled.
func TestEmptyLogNeverAsks(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, &handClock{}).Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, &handClock{at: 1000 * time.Hour})
	newFeed(t, s, "a").fill(s, 3, 0)
}
