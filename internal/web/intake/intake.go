// Package intake is where systems send records that can't be asked for them: the addresses below /push/ of the operators'
// listener.
//
//	PUT /push/SOURCE/IDENTIFIER     one record
//	DELETE /push/SOURCE/IDENTIFIER  that it is gone
//	PUT or POST /push/SOURCE        a document with one record or many
//
// A body is received whole (body.go) before anything of it is used, so that one which was cut leaves nothing. Then it is
// a run of its source like any other (run.go), one after the other (turns.go). What became of each item is the answer
// (answer.go). Each source has tokens of its own (tokens.go).
//
// A body beyond 1 MiB waits in a file named .push-… in the data folder, which has no name any more once it is open.
package intake

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Source is one whose records are sent.
type Source struct {
	*pipeline.Source
	Tokens  []string // any of which lets in
	MaxSize int64    // of what is sent at once, in bytes, before and after it is unpacked
	// Pages takes a document apart.
	Pages func(*push.Document) (iter.Seq2[*harvest.Page, error], error)
}

// A Scheduler runs sources, each at most once at a time.
type Scheduler interface {
	Harvest(ctx context.Context, source *pipeline.Source, o pipeline.Order) (*pipeline.Report, error)
	Join(ctx context.Context, source string) (report *pipeline.Report, joined bool, err error)
}

// A Log knows what it has, and where it ends.
type Log interface {
	Known(ctx context.Context, ask []pipeline.Ask) ([]pipeline.Known, error)
	Head(ctx context.Context) (pipeline.Head, error)
}

// Options are what a Door needs.
type Options struct {
	Namespace string // of identifiers
	Dir       string // where bodies wait that are large
	Scheduler Scheduler
	Log       Log
	Logger    *slog.Logger
}

// A Door takes what is sent. The caller must Close it.
type Door struct {
	Options
	mu      sync.Mutex
	sources []Source
	turns   map[string]*turns // by source

	ctx    context.Context // of the runs
	cancel context.CancelFunc
	// freeTime is how long a sender has for its body, whatever has come of it.
	freeTime time.Duration
}

// New makes a Door. It removes what a process that was killed has left in the folder.
func New(o Options) (*Door, error) {
	if err := sweep(o.Dir); err != nil {
		return nil, err
	}
	d := &Door{Options: o, turns: map[string]*turns{}, freeTime: freeTime}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d, nil
}

// Assign says which sources may send from now on. What is being received is taken by the rules of before.
func (d *Door) Assign(sources []Source) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.turns
	d.sources, d.turns = sources, map[string]*turns{}
	for i := range sources {
		name := sources[i].Name
		if d.turns[name] = before[name]; d.turns[name] == nil {
			d.turns[name] = newTurns()
		}
	}
}

// assigned are the sources that may send; none of them changes.
func (d *Door) assigned() []Source {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sources
}

// queue is where pushes of a source wait for their turn.
func (d *Door) queue(source string) *turns {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.turns[source] == nil { // it may not send any more, and this is the last
		return newTurns()
	}
	return d.turns[source]
}

// Close has the runs that are under way end soon; their requests are answered then.
func (d *Door) Close() { d.cancel() }

// ServeHTTP answers a request below /push/.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, refused := d.admit(r)
	if refused == nil {
		refused = d.serve(w, r, in)
	}
	if refused != nil {
		d.refuse(w, r, refused)
	}
}

// serve takes what was sent to a source, and answers; unless it gives a reason to refuse it.
func (d *Door) serve(w http.ResponseWriter, r *http.Request, in *intent) *refusal {
	turn, ok := d.queue(in.source.Name).wait()
	if !ok {
		return refusedFor(http.StatusServiceUnavailable, "as many pushes of this source wait as may", "Send one after the other, and wait for each answer.")
	}
	defer turn.leave()
	var delivery *push.Delivery
	size := int64(0)
	if r.Method == http.MethodDelete {
		if refused := d.knows(r.Context(), in); refused != nil {
			return refused
		}
		delivery = in.deletion()
	} else {
		body, refused := d.receive(w, r, in)
		if refused != nil {
			return refused
		}
		defer body.close()
		size = body.size
		if delivery, refused = in.delivery(body); refused != nil {
			return refused
		}
	}
	if !turn.come(r.Context()) {
		return refusedFor(http.StatusServiceUnavailable, "you hung up before its turn came", "Nothing was done.")
	}
	a := d.run(in, delivery)
	a.Received = size
	a.write(w)
	return nil
}
