package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Follower says what is followed, and how. Its methods may be called several times, also at once.
type Follower struct {
	// Gateway is the address of the gateway's public pages, such as https://gateway.example.org/.
	Gateway string
	// NATS, if not empty, is where the gateway publishes its events, such as nats://127.0.0.1:4222. A consumer that has it
	// hears of changes at once, and asks the gateway for none of them.
	NATS        string
	NATSOptions []nats.Option
	// StreamPrefix is that of the gateway's streams. Default: SHEAF.
	StreamPrefix string

	// Source and Set, if not empty, leave only the records of that source, and those in that set. A record that leaves the
	// set comes as deleted, for the reason left-set.
	Source, Set string
	// With is what should come with each record, beside its Dublin Core in JSON.
	With With

	// BatchRecords and BatchBytes bound what a batch has. Default: 500 changes, 4 MiB. One change is always given.
	BatchRecords, BatchBytes int
	// Patience is how long nothing may come of trying before Follow gives up with the error. Default: for ever.
	Patience time.Duration
	// Client asks the gateway. Its Timeout must be 0, because answers wait for news. Default: http.DefaultClient.
	Client *http.Client
	// Log is told what goes wrong and is tried again. Default: nobody.
	Log *slog.Logger
}

// With names what else comes with each record.
type With struct {
	OAIDC    bool // the oai_dc element that OAI-PMH serves
	Original bool // what the source sent, and its origin
	Origin   bool // where it came from, without what was sent
	Line     bool // the line itself, as the gateway wrote it
}

// A Handler writes a batch, and keeps its Place in the same transaction. An error ends Follow.
type Handler func(ctx context.Context, b *Batch) error

// ErrNotSwept says that a handler has not asked [Batch.Sweep] when something was due to be deleted.
var ErrNotSwept = errors.New("the handler has to ask Batch.Sweep, and to delete what it holds of other passes when that is true; else what the gateway has lost stays in the copy for ever")

// Follow gives h everything behind a place, and then all that changes, until ctx ends or h returns an error. With the
// zero Place it begins at the beginning. If the place is none in the gateway's log any more, it begins again too, with a
// new pass.
//
// Batches come one after the other, in the order of the log. What was given to h and not kept by it comes again when
// Follow is called with the place that was kept.
//
// A gateway that is away or busy is asked again, after a time that grows to a minute. What no waiting
// mends (an address that is no gateway's, a filter that it does not understand) is returned.
func (f *Follower) Follow(ctx context.Context, from Place, h Handler) error {
	return f.run(ctx, from, h, false)
}

// CatchUp is Follow to the head of the log. The last batch that it gives has [Batch.Head], also if nothing has changed.
func (f *Follower) CatchUp(ctx context.Context, from Place, h Handler) error {
	return f.run(ctx, from, h, true)
}

func (f *Follower) run(ctx context.Context, from Place, h Handler, once bool) error {
	base, err := url.Parse(f.Gateway)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return fmt.Errorf("follow: %.100q is no address of a gateway; one looks like https://gateway.example.org/", f.Gateway)
	}
	r := &run{Follower: *f, base: base, handle: h, once: once, place: from, progress: time.Now()}
	r.defaults()
	if from.Pass != 0 && from.Asked != r.asked() {
		r.Log.Warn("what is followed has changed, so everything is read again", "before", from.Asked, "now", r.asked())
		r.place = Place{Pass: from.Pass}
		r.restart()
	}
	r.place.Asked = r.asked()
	if r.place.Position == (pipeline.Position{}) && !r.place.Filling {
		r.restart()
	}
	if f.NATS != "" && !once {
		if err := r.bell.connect(f); err != nil {
			return fmt.Errorf("follow: %w", err)
		}
		defer r.bell.close()
	}
	for {
		atHead, err := r.step(ctx)
		var gone *goneError
		var broken *handlerError
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &broken):
			return broken.err
		case errors.As(err, &gone):
			r.Log.Warn("the place is not in the gateway's log any more, so everything is read again", "place", r.place.Position, "why", gone.Detail)
			r.restart()
			err = r.pause(ctx, err) // not at once: a log that is being restored may begin several epochs
		case err != nil:
			err = r.pause(ctx, err)
		case atHead && once:
			return nil
		}
		if err != nil {
			return fmt.Errorf("follow %s: %w", f.Gateway, err)
		}
	}
}

// A run is one call of Follow.
type run struct {
	Follower
	base   *url.URL
	handle Handler
	once   bool
	place  Place
	dumped int64 // the pass for which the dump was tried
	bell   bell

	failures int
	progress time.Time // when something came of trying
}

func (r *run) defaults() {
	if r.BatchRecords <= 0 {
		r.BatchRecords = 500
	}
	if r.BatchBytes <= 0 {
		r.BatchBytes = 4 << 20
	}
	if r.Client == nil {
		r.Client = http.DefaultClient
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.StreamPrefix == "" {
		r.StreamPrefix = "SHEAF"
	}
}

// asked is what of the log is followed, as the arguments of /changes.
func (r *run) asked() string {
	q := url.Values{}
	if r.Source != "" {
		q.Set("source", r.Source)
	}
	if r.Set != "" {
		q.Set("set", r.Set)
	}
	var with []string // in this order always: a place knows what was asked for
	for _, w := range []struct {
		asked bool
		name  string
	}{{r.With.OAIDC, "oai_dc"}, {r.With.Original, "original"}, {r.With.Origin, "origin"}} {
		if w.asked {
			with = append(with, w.name)
		}
	}
	if len(with) > 0 {
		q.Set("with", strings.Join(with, ","))
	}
	return q.Encode()
}

// restart begins a new pass. Its number is the time, so that it is new even to a consumer that has lost its place.
func (r *run) restart() {
	r.place = Place{Pass: max(r.place.Pass+1, time.Now().UnixMilli()), Filling: true, Asked: r.asked()}
	r.bell.last = 0
}

const (
	// How long /changes waits for news: all that the gateway allows, or, while NATS is away, until it is tried again.
	longPoll  = 55 * time.Second
	shortPoll = 10 * time.Second
)

// step goes on to the head, or waits for news there.
func (r *run) step(ctx context.Context) (atHead bool, err error) {
	if r.place.Filling && r.dumped != r.place.Pass && r.dumpHelps() {
		if err := r.readDump(ctx); err != nil {
			return false, err
		}
		r.dumped = r.place.Pass
	}
	// The events that come from here on are those of changes that the next answer may not have.
	listening := r.bell.listen(ctx, r)
	wait := longPoll
	switch {
	case listening || r.once || r.place.Filling:
		wait = 0
	case r.NATS != "":
		wait = shortPoll
	}
	more, err := r.ask(ctx, wait)
	if err != nil || more {
		return false, err
	}
	if listening {
		err = r.hear(ctx)
	}
	return true, err
}
