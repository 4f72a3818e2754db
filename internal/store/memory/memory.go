// Package memory is the log in memory: what the planner of [store] works out, kept in maps. It ends with its process.
// It is for tests that need no disk, and for programs that need no more; and it passes the suite that every log
// passes (storetest).
//
//	tables.go   what is kept, and how a write that fails is taken back
//	commit.go   pages of sources come in
//	runs.go     runs, and how far each source has come
//	hold.go     changes that wait for a person
//	removal.go  what people take down
//	remap.go    new rules over what is kept
//	epoch.go    histories, and the relay's place
//	read.go     the log as the doors read it
//	view.go     lists, as harvesters ask for them
//	browse.go   the log as people browse it
//	beside.go   what is written down beside it, and how it stands
package memory

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Options are how a log is made. The zero value is fit for use.
type Options struct {
	// Namespace is the domain in every identifier.
	Namespace string
	Clock     store.Clock // the machine's if nil
	// Formats are the writers of formats; those of this release if nil.
	Formats *formats.Table
}

// A Log is a log in memory. Many goroutines may use it at once; it is empty when it is made.
type Log struct {
	namespace string
	formats   *formats.Table
	guard     *store.Guard
	moves     store.Moves
	identity  store.Identity

	// Those who read hold it for as long as they read: that is their snapshot.
	mu sync.RWMutex
	tables
	planned *store.Lists // what plans know of the lists; nil until it is made of the tables
	changed chan struct{}
	checked time.Time // when a check last found it so
	written store.WriteStats
}

// New makes an empty log.
func New(o Options) *Log {
	if o.Clock == nil {
		o.Clock = store.SystemClock{}
	}
	if o.Formats == nil {
		o.Formats = formats.Builtin()
	}
	l := &Log{namespace: o.Namespace, formats: o.Formats, guard: store.NewGuard(o.Clock, nil), changed: make(chan struct{})}
	l.identity = store.Identity{ID: rand.Text(), Key: []byte(rand.Text() + rand.Text())}
	now := l.guard.Confirm() // nothing is stamped yet that a wrong clock could spoil
	l.tables = newTables()
	l.head = pipeline.Head{Cursor: pipeline.Cursor{Epoch: now.UnixMilli()}, Datestamp: now.UTC().Truncate(time.Second)}
	l.began = l.head.Datestamp
	l.epochs = []pipeline.Cursor{{Epoch: l.head.Epoch}}
	return l
}

// Namespace is the domain in the identifiers of the log.
func (l *Log) Namespace() string { return l.namespace }

// Close does nothing: what is in memory ends with it.
func (l *Log) Close() error { return nil }

// Trouble says why commits are paused; nil if they are not.
func (l *Log) Trouble() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.guard.Trouble(l.head.Datestamp.Unix())
}

// ConfirmClock says, in the name of a person, that the clock is right. It returns the time that it says.
func (l *Log) ConfirmClock(context.Context) (time.Time, error) {
	return l.guard.Confirm(), l.Trouble()
}

// Changed returns a channel that is closed when the log has grown, or has begun a new epoch, since the call.
func (l *Log) Changed() <-chan struct{} {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.changed
}

// write runs one transaction: all of it happens, or nothing.
func (l *Log) write(ctx context.Context, f func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	began := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written.Writes++
	l.written.Waited += time.Since(began)
	t, before := &tx{Log: l}, l.head.Cursor
	if err := f(t); err != nil {
		t.rollBack()
		return err
	}
	l.written.Commits++
	l.tidy()
	l.moves.Noted(l.head.Cursor != before)
	if l.head.Cursor != before {
		close(l.changed)
		l.changed = make(chan struct{})
	}
	return nil
}

// now is the datestamp of the head, which advances to the present second first, if the clock can be trusted.
func (l *Log) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, err := l.guard.Stamp(l.head.Datestamp.Unix()); err == nil {
		l.head.Datestamp = time.Unix(at, 0).UTC()
	}
	return l.head.Datestamp
}

// Head is the present end of the log (see [pipeline.Reader]).
func (l *Log) Head(context.Context) (pipeline.Head, error) {
	l.now()
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.head, nil
}

// Snapshot runs f on one snapshot of the log, which shows the present second as far as the clock can be trusted.
// Nothing is written meanwhile. f uses the view alone: a question to the log itself may wait until f returns.
func (l *Log) Snapshot(ctx context.Context, f func(store.View) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.now()
	l.mu.RLock()
	defer l.mu.RUnlock()
	return f(view{l})
}

// Commits is the number of the last commit that Fresh knows of. It is asked for before a snapshot.
func (l *Log) Commits() int64 { return l.moves.Commits() }

// Fresh says whether what a snapshot showed is still right ([store.Moves] says how that is known): of the whole log,
// or of the seqs behind after, up to upto, if that is not 0.
func (l *Log) Fresh(_ context.Context, since, after, upto int64) (head time.Time, ok bool) {
	head = l.now() // first: see store.Moves
	if upto == 0 {
		return head, l.moves.Unmoved(since)
	}
	return head, l.moves.Untouched(since, after, upto)
}

// Silence says of sets, by their specs, whether their lists leave out the records that have left them.
func (l *Log) Silence(ctx context.Context, sets map[string]bool) error {
	return l.write(ctx, func(t *tx) error {
		for spec, silent := range sets {
			put(t, l.silent, spec, silent)
		}
		return nil
	})
}

// Gateway is the number of a gateway in this log; a new one if it has none yet.
func (l *Log) Gateway(ctx context.Context, g pipeline.Gateway) (n int, err error) {
	err = l.write(ctx, func(*tx) error {
		if n = slices.Index(l.gateways, g); n < 0 {
			n = len(l.gateways)
			l.gateways = append(l.gateways, g)
		}
		return nil
	})
	return n, err
}

// plan begins a plan at the present head.
func (l *Log) plan() *store.Plan {
	if l.planned == nil {
		var lists []store.List
		for _, row := range l.lists {
			lists = append(lists, row.List)
		}
		var versions []store.Version
		for prefix, v := range l.versions {
			versions = append(versions, store.Version{Prefix: prefix, Version: v})
		}
		l.planned = store.NewLists(lists, versions, store.Writers{
			Reserved: func(prefix string) bool { _, ours := l.formats.Named(prefix); return ours },
			Known:    func(prefix string, version int) bool { _, known := l.formats.At(prefix, version); return known },
		})
	}
	return store.NewPlan(l.head, l.planned, store.Bounds{})
}

func notFound(identifier string) error {
	return fmt.Errorf("%s: %w", identifier, pipeline.ErrNotFound)
}
