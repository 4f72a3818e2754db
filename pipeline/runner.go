package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Source is a source as the flow knows it: where its pages come from, and how they are mapped.
type Source struct {
	Name    string
	Minted  string // the name in identifiers and sets, if it is another one: the source was renamed
	Harvest harvest.Source
	Mapper  Mapper // to begin with; see Rules
	// Host is the host that is asked; empty if the source is read from files.
	Host string
	// BaseURL is that of an OAI-PMH repository, for the provenance of its records; else empty.
	BaseURL string

	// Guards say what needs a person's word.
	Guards Guards

	// Pushed says that the source can't be asked: each run has what somebody sent.
	Pushed bool

	// FullEvery is how long after the end of a full pass the next one begins by itself; never if zero.
	FullEvery time.Duration

	// ReconcileEvery is how long after the end of a reconciliation, or of a full pass, what the source lists is compared
	// with the log by itself; never if zero, or if the source is no [harvest.Reconciler].
	ReconcileEvery time.Duration

	// Deadline bounds a run; what is left is for the next one. 24 hours if zero, or what the Runner says.
	Deadline time.Duration
	// StuckAfter is how long a run may do nothing at all before it is ended. 30 minutes if zero.
	StuckAfter time.Duration

	leftBehind atomic.Int32 // calls that have not come back from runs that have ended (letgo.go)
	exchanged  atomic.Pointer[Mapper]
}

// minted is the name in identifiers and sets.
func (s *Source) minted() string { return cmp.Or(s.Minted, s.Name) }

// Mint makes the OAI identifier of an item of the source (see [Mint]).
func (s *Source) Mint(namespace, local string) (string, error) {
	return Mint(namespace, s.minted(), local)
}

// Rules is the mapper that the source is mapped by at present.
func (s *Source) Rules() Mapper {
	if m := s.exchanged.Load(); m != nil {
		return *m
	}
	return s.Mapper
}

// SetRules exchanges the mapper. Pages that are being mapped go on with the one before; what is in the
// log stays as it is until it is mapped again (see Remapper).
func (s *Source) SetRules(m Mapper) { s.exchanged.Store(&m) }

// Again is the cursor with which a source that stands at the given one begins a new full pass.
func (s *Source) Again(at harvest.Cursor) harvest.Cursor {
	if r, ok := s.Harvest.(harvest.Restarter); ok {
		return r.Restart(at)
	}
	return FromTheStart(at)
}

// accept is the cursor from which the source goes on when a person has said that it may differ from what it was.
func (s *Source) accept(at harvest.Cursor) harvest.Cursor {
	if a, ok := s.Harvest.(harvest.Accepter); ok {
		return a.Accept(at)
	}
	return at
}

// An Order says what a run is to do besides going on from where the source stands.
type Order struct {
	Full   bool // begin a new full pass
	Accept bool // take the pass as it comes, also where the source seems to be another than it was
	// Reconcile compares what the source lists with the log, and fetches what the log lacks. Of a source that can't be
	// asked for a list everything is fetched, as with Full.
	Reconcile bool
	Settle    bool // ask the source nothing: only store what a person has agreed to (Log.Decide)
	// Retry, if not empty, are items from quarantine. They are tried again, and the source is asked nothing.
	Retry []harvest.Item
	By    string // who asks for the run: ByPerson, BySender, or the schedule if empty
	// Told, if not nil, hears after each commit what became of each item.
	Told func(*Receipt)
}

// asksNothing says whether the run works on what is there already.
func (o *Order) asksNothing() bool { return o.Settle || len(o.Retry) > 0 }

// A Runner brings the pages of sources into the log.
type Runner struct {
	Log       Log
	Namespace string // of the identifiers; a run without one is refused
	Observer  RunObserver
	Logger    *slog.Logger
	// Deadline bounds the runs of sources that have none of their own.
	Deadline time.Duration
	// Keep bounds what the log keeps of each source beside its records. It is seen to at the end of each run.
	Keep Keep

	hoard hoard
}

// A RunObserver hears what runs do. Its methods are called by several runs at once.
type RunObserver interface {
	RunBegan(run *Run)
	// PageCommitted follows each commit. total is the source's own estimate of the pass, 0 if it gave
	// none; sum counts the run so far.
	PageCommitted(run *Run, page *Receipt, sum Counts, total int)
	RunEnded(run *Run, report *Report)
}

// ErrNoNamespace says that there is nothing yet to make identifiers with.
var ErrNoNamespace = errors.New("no namespace is set, and identifiers are for ever: set gateway.namespace in the configuration to a domain of yours")

// maxRestale bounds how often a page is prepared again because a record changed meanwhile.
const maxRestale = 10

// Run brings the source's pass forward until it is complete, something fails, or the deadline comes.
// The report is never nil; its Err is the error that is returned.
//
// While one page is being committed the next is mapped and the one after it is fetched.
func (r *Runner) Run(ctx context.Context, src *Source, o Order) (*Report, error) {
	report := &Report{Source: src.Name, Result: Failed, Started: time.Now(), by: cmp.Or(o.By, BySchedule)}
	if r.Namespace == "" {
		report.Err = ErrNoNamespace
		return report, report.Err
	}
	if src.leftBehind.Load() > 0 {
		report.Err = fmt.Errorf("harvest %s: %w", src.Name, ErrHangs)
		r.Logger.Warn("a source can't be harvested", "source", src.Name, "err", report.Err)
		return report, report.Err
	}
	run, err := r.begin(ctx, src, o)
	if err != nil {
		report.Err = err
		return report, err
	}
	r.Observer.RunBegan(run)
	inner, pulse, done := r.watched(ctx, src)
	switch {
	case o.Settle:
		err = r.settle(inner, run, report)
	case len(o.Retry) > 0:
		err = r.retry(inner, run, src, o.Retry, report)
	default:
		err = r.pages(inner, run, src, report, pulse)
	}
	done()
	report.Requests, report.Bytes = pulse.sum()
	report.Took = time.Since(report.Started)
	report.conclude(ctx, inner, err)
	r.forget(ctx, report)
	// A run that was cancelled is written down all the same.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if e := r.Log.End(last, run, report.outcome(src)); e != nil {
		r.Logger.Error("the end of a run was not written down", "source", src.Name, "run", run.ID, "err", e)
	}
	r.Observer.RunEnded(run, report)
	return report, report.Err
}

// begin begins a run. Where the order does not ask for a full pass, it may be time for one.
func (r *Runner) begin(ctx context.Context, src *Source, o Order) (*Run, error) {
	pass, err := r.Log.Pass(ctx, src.Name)
	if err != nil {
		return nil, err
	}
	if err := pass.Stop.permit(src.Name, &o); err != nil {
		return nil, err
	}
	var restart func(harvest.Cursor) harvest.Cursor
	switch {
	case o.Full || !o.asksNothing() && !o.Reconcile && src.fullIsDue(&pass):
		restart = src.Again
	case o.Reconcile || !o.asksNothing() && src.reconcileIsDue(&pass):
		restart = src.reconcile
	}
	run, err := r.Log.Begin(ctx, src.Name, restart)
	if err != nil {
		return nil, err
	}
	if run.Told = o.Told; o.Accept {
		err = r.Log.Accept(ctx, run, src.accept)
	}
	return run, err
}

// fullIsDue says whether a full pass is due. A pass under way comes first: else one that fails now and then
// would begin again for ever.
func (s *Source) fullIsDue(p *Pass) bool {
	return s.FullEvery > 0 && !p.Underway && !p.LastFull.IsZero() && time.Since(p.LastFull) >= s.FullEvery
}

// fetched is a page, or a part of a large one, and the cursor it was fetched at.
type fetched struct {
	page  *harvest.Page
	from  harvest.Cursor
	first int               // how many items of the page came in the parts before this one
	kept  []string          // identifiers of items of the page that the log has as they are listed
	names map[string]string // of sets, with the last page of a full pass
	held  int               // what is counted of it while it is not stored (held.go)
	fetch Stage
}

// ready is a page that is prepared for its commit.
type ready struct {
	fetched
	batch   *Batch
	prepare Stage
}

// pages fetches, prepares and stores page after page. What was fetched whole is stored also when the next
// fetch fails at once, or the run is stopped: a source may give a page only once, because its tokens are
// spent when they are used.
func (r *Runner) pages(ctx context.Context, run *Run, src *Source, report *Report, pulse *pulse) error {
	keeping, stopKeeping := lingering(ctx, grace)
	defer stopKeeping()
	fetching, stopFetching := context.WithCancel(ctx)
	defer stopFetching()
	g, storing := errgroup.WithContext(keeping)
	defer context.AfterFunc(storing, stopFetching)() // nobody fetches what can't be stored
	pages, batches := make(chan fetched, 1), make(chan ready, 1)
	behind := newBacklog()
	var unfetched error // why the fetching ended; kept out of the group, whose errors stop the storing
	g.Go(func() error {
		defer close(pages)
		report.failedAt, unfetched = r.fetchPages(fetching, storing, src, run.Cursor, &pulse.held, pages)
		return nil
	})
	g.Go(func() error {
		defer close(batches)
		for f := range pages {
			pulse.beat()
			if err := r.preparePage(storing, run, src, f, behind, batches); err != nil {
				return err
			}
		}
		return nil
	})
	g.Go(func() error {
		for p := range batches {
			if err := r.commit(storing, run, src, p, report); err != nil {
				return err
			}
			behind.done()
			pulse.held.stored(p.held)
			pulse.beat()
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return unfetched
}

// fetchPages fetches page after page until the pass is done, and passes on what it has fetched while storing
// lasts. It gives the cursor at which it ended.
func (r *Runner) fetchPages(ctx, storing context.Context, src *Source, at harvest.Cursor, held *share, out chan<- fetched) (harvest.Cursor, error) {
	for {
		if err := held.of.roomForPage(ctx); err != nil {
			return at, err
		}
		began := time.Now()
		page, err := call(ctx, src, func(ctx context.Context) (*harvest.Page, error) { return src.Harvest.Page(ctx, at) })
		if err != nil {
			return at, fmt.Errorf("harvest %s: %w", src.Name, err)
		}
		if !page.Done && page.Next == at {
			return at, fmt.Errorf("harvest %s: the source gave the same place again; its cursor must move on", src.Name)
		}
		f := fetched{page: page, from: at, fetch: since(began)}
		if page.Done && page.Full {
			f.names = r.setNames(ctx, src)
		}
		divided, size := parts(f), 0
		for i := range divided {
			divided[i].held = holds(divided[i].page)
			size += divided[i].held
		}
		held.took(size)
		for _, part := range divided {
			if !send(storing, out, part) {
				return at, storing.Err()
			}
		}
		if page.Done {
			return at, nil
		}
		at = page.Next
	}
}

// commit stores a page. It was prepared while the page before it was not yet committed (or while
// somebody else changed one of its records), so what it takes for unchanged may have changed; then it
// is prepared again, from what is there now.
func (r *Runner) commit(ctx context.Context, run *Run, src *Source, p ready, report *Report) error {
	if p.page.Short != "" {
		report.Why = p.page.Short
	}
	began := time.Now()
	receipt, err := r.store(ctx, src, p.batch, report)
	for range maxRestale {
		if !errors.Is(err, ErrStale) {
			break
		}
		if p.batch, err = r.prepare(ctx, run, src, p.fetched); err != nil {
			return err
		}
		receipt, err = r.store(ctx, src, p.batch, report)
	}
	if err != nil {
		return fmt.Errorf("harvest %s: %w", src.Name, err)
	}
	receipt.Stages = Stages{Fetch: p.fetch, Prepare: p.prepare, Commit: since(began)}
	for _, w := range p.page.Warnings {
		report.warn(w)
	}
	if p.batch.repeats {
		report.warn(repeated)
	}
	if receipt.Returned > 0 {
		report.warn(returned)
	}
	for _, why := range p.batch.omitted {
		report.warn(why)
	}
	report.Full, report.Reconciles = p.page.Full, p.page.Reconciles
	report.Counts.Add(receipt.Counts)
	report.rejected(receipt.Reasons)
	r.Observer.PageCommitted(run, receipt, report.Counts, p.page.Total)
	p.batch.tell(receipt)
	return nil
}

// store commits a batch, unless it is out of all measure.
func (r *Runner) store(ctx context.Context, src *Source, b *Batch, report *Report) (*Receipt, error) {
	pass, err := r.Log.Pass(ctx, src.Name)
	if err != nil {
		return nil, err
	}
	if err := r.weigh(src, &pass, b, report); err != nil {
		return nil, err
	}
	if b.Hold = src.holding(&pass); b.Done {
		return r.finishPass(ctx, src, b, report)
	}
	return r.Log.Commit(ctx, b)
}
