package webhook

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Options are what the webhooks need.
type Options struct {
	// File is where they keep how far they are, if they are this process's alone.
	File string
	// Tables are where gateways that share a log keep that in place of the file, which is brought along if it is there.
	Tables store.Tables
	Log    interface {
		pipeline.Feed
		Head(context.Context) (pipeline.Head, error)
	}
	// URL is the gateway's, without a slash at the end.
	URL string
	// Pointer says which sources' events have a link in place of the record; nil for none.
	Pointer       func(source string) bool
	Subscriptions []Subscription
	Version       string
	Logger        *slog.Logger

	pace *pace // nil but in tests
}

// A pace is how long things wait.
type pace struct {
	schedule          []time.Duration
	shortest, longest time.Duration // between rounds in which nothing was delivered
	repair            time.Duration // after the log or the file could not be used
	look              time.Duration // before it is looked whether somebody has given a command at another gateway
}

var usualPace = &pace{schedule: Schedule, shortest: time.Second, longest: 5 * time.Minute, repair: 10 * time.Second, look: 10 * time.Second}

// Hooks are all subscriptions. Their methods may be called at the same time.
type Hooks struct {
	Options
	state    state
	file     *ownFile // nil if it is not the state
	all      []*hook
	encoder  changejson.EventEncoder
	removals atomic.Int64 // records that a person has removed
}

// Open opens the file, or the tables, and makes the subscriptions ready; Run sends.
func Open(ctx context.Context, o Options) (_ *Hooks, err error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.pace = cmp.Or(o.pace, usualPace)
	h := &Hooks{Options: o, state: state{o.Tables}, encoder: changejson.NewEventEncoder(o.URL, o.Pointer)}
	if o.Tables != nil {
		err = bringAlong(ctx, o.File, o.Tables)
	} else if h.file, err = openFile(o.File); err == nil {
		h.state.Tables = h.file
	}
	if err != nil {
		return nil, fmt.Errorf("open %s, where webhooks keep how far they are (without it they would begin as new ones): %w", o.File, err)
	}
	for i := range o.Subscriptions {
		sub := &o.Subscriptions[i]
		h.all = append(h.all, &hook{
			Hooks: h, sub: sub, sender: newSender(sub, "Sheaf/"+cmp.Or(o.Version, "dev")+" (+"+o.URL+"/)"),
			wake: make(chan struct{}, 1), flights: map[string]*flight{}, counts: map[Outcome]int64{},
		})
	}
	return h, nil
}

// Run sends until ctx ends. Of several gateways on a log one runs at a time.
func (h *Hooks) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, one := range h.all {
		all.Go(func() { one.run(ctx) })
	}
	all.Wait()
	return nil
}

// Close closes the file. Run must have ended.
func (h *Hooks) Close() error {
	if h.file == nil {
		return nil
	}
	return h.file.close()
}

// Removed returns when nothing of a record that a person has removed is being sent any more, or will be.
func (h *Hooks) Removed(identifier string) {
	h.removals.Add(1)
	for _, one := range h.all {
		one.callBack(identifier)
	}
}

// hook finds a subscription; nil if it is not configured.
func (h *Hooks) hook(name string) *hook {
	if i := slices.IndexFunc(h.all, func(one *hook) bool { return one.sub.Name == name }); i >= 0 {
		return h.all[i]
	}
	return nil
}

// A hook is one subscription at work.
type hook struct {
	*Hooks
	sub    *Subscription
	sender *sender
	wake   chan struct{} // somebody wants it to look again
	turn   int64         // the one that this process has begun; 0 for none. Of whoever runs rounds

	mu      sync.Mutex
	flights map[string]*flight
	counts  map[Outcome]int64
	until   time.Time // nothing is sent before
	pauses  int       // how many there were since something was delivered
}

// A flight is a request about a record that is under way.
type flight struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func (h *hook) run(ctx context.Context) {
	told := ""
	h.turn = 0 // another gateway may have sent meanwhile
	for ctx.Err() == nil {
		grown := h.Log.Changed()
		wait, err := h.round(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			told = ""
		default:
			if now := err.Error(); now != told {
				h.Logger.Warn("a webhook can't go on", "webhook", h.sub.Name, "err", err)
				told = now
			}
			wait = h.pace.repair
			grown = nil
		}
		if wait > 0 {
			h.sleep(ctx, grown, wait)
		}
	}
}

// sleep waits until the log has grown or somebody wakes the hook, but not longer than for d.
func (h *hook) sleep(ctx context.Context, grown <-chan struct{}, d time.Duration) {
	if h.paused() > 0 {
		grown = nil
	}
	if h.Tables != nil {
		d = min(d, h.pace.look)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-grown:
	case <-h.wake:
	case <-timer.C:
	}
}

// paused is how long nothing is sent yet.
func (h *hook) paused() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Until(h.until)
}

func (h *hook) lookAgain() {
	h.mu.Lock()
	h.until, h.pauses = time.Time{}, 0
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default: // it will
	}
}

// depart notes that a request about a record begins, unless a record was removed since seen: what is to be sent may
// be of that one.
func (h *hook) depart(ctx context.Context, identifier string, seen int64) (context.Context, *flight) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.removals.Load() != seen {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &flight{cancel, make(chan struct{})}
	h.flights[identifier] = f
	return ctx, f
}

// land notes that a request has ended. It says whether it was called back.
func (h *hook) land(ctx context.Context, identifier string, f *flight) (back bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	back = ctx.Err() != nil
	f.cancel()
	close(f.done)
	delete(h.flights, identifier)
	return back
}

// callBack ends the request about a record that is under way.
func (h *hook) callBack(identifier string) {
	h.mu.Lock()
	f := h.flights[identifier]
	h.mu.Unlock()
	if f != nil {
		f.cancel()
		<-f.done
	}
}
