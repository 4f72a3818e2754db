package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A harvestObserver counts what runs do, and passes their progress on to whoever follows one.
type harvestObserver struct {
	metrics *harvestMetrics
	commits *commitTimes
	logger  *slog.Logger
	changed func() // called when a run has ended that changed something; set before the first run

	mu        sync.Mutex
	notify    func(pipeline.Notice) // nil if nobody listens
	followers map[string][]chan HarvestLine
}

func newHarvestObserver(r prometheus.Registerer, cfg *config.Config, st *sqlite.Store, added map[string]time.Time, logger *slog.Logger) *harvestObserver {
	return &harvestObserver{metrics: newHarvestMetrics(r, cfg, st, added), commits: &commitTimes{}, logger: logger, followers: map[string][]chan HarvestLine{}}
}

// follow gives the progress of a source's runs until unfollow is called, which closes the channel. A
// follower that is slow misses news, but never holds a run up.
func (o *harvestObserver) follow(source string) (lines <-chan HarvestLine, unfollow func()) {
	ch := make(chan HarvestLine, 16)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.followers[source] = append(o.followers[source], ch)
	return ch, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		all := o.followers[source]
		for i, c := range all {
			if c == ch {
				o.followers[source] = append(all[:i:i], all[i+1:]...)
				close(ch)
				return
			}
		}
	}
}

// RunBegan implements pipeline.RunObserver.
func (o *harvestObserver) RunBegan(run *pipeline.Run) {
	o.tell("harvest.started", run.Source, map[string]any{"run": run.ID})
}

// PageCommitted implements pipeline.RunObserver.
func (o *harvestObserver) PageCommitted(run *pipeline.Run, page *pipeline.Receipt, sum pipeline.Counts, total int) {
	o.metrics.page(run, page)
	if page.Counts.Changes() > 0 {
		o.commits.note(page.Head.Seq, time.Now())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, ch := range o.followers[run.Source] {
		select {
		case ch <- HarvestLine{Source: run.Source, Counts: sum, Total: total}:
		default:
		}
	}
}

// RunEnded implements pipeline.RunObserver.
func (o *harvestObserver) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	o.metrics.ended(run, report)
	o.log(run, report)
	if report.Counts.Changes() > 0 {
		o.changed()
	}
	data := map[string]any{
		"run": run.ID, "result": report.Result, "full": report.Full, "items": report.Counts.Items,
		"added": report.Counts.Added, "updated": report.Counts.Updated, "deleted": report.Counts.Deleted,
		"unchanged": report.Counts.Unchanged, "rejected": report.Counts.Rejected,
	}
	kind := "harvest.completed"
	if report.Why != "" {
		kind, data["why"] = "harvest.incomplete", report.Why
	}
	if report.Err != nil {
		kind, data["error"] = "harvest.failed", report.Err.Error()
	}
	o.tell(kind, run.Source, data)
}

// log says how a run ended; at the level of a warning if somebody should look.
func (o *harvestObserver) log(run *pipeline.Run, report *pipeline.Report) {
	c := report.Counts
	attrs := []any{
		"source", run.Source, "result", report.Result, "new", c.Added, "changed", c.Updated, "deleted", c.Deleted,
		"unchanged", c.Unchanged, "rejected", c.Rejected, "took", report.Took.Round(time.Millisecond),
	}
	var remote *harvest.Error
	if errors.As(report.Err, &remote) {
		attrs = append(attrs, "advice", remote.Sentence())
	}
	level := slog.LevelInfo
	if report.Why != "" {
		level = slog.LevelWarn
		attrs = append(attrs, "why", report.Why)
	}
	if report.Err != nil && report.Result != pipeline.Cancelled {
		level = slog.LevelWarn
	}
	if report.Err != nil {
		attrs = append(attrs, "err", report.Err)
	}
	o.logger.Log(context.Background(), level, "a harvest has ended", attrs...)
}

func (o *harvestObserver) tell(kind, source string, data map[string]any) {
	o.mu.Lock()
	notify := o.notify
	o.mu.Unlock()
	if notify != nil {
		notify(pipeline.Notice{Type: kind, Source: source, Time: time.Now().UTC(), Data: data})
	}
}

func (o *harvestObserver) setNotify(notify func(pipeline.Notice)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notify = notify
}

// commitTimes remembers when recent commits happened, finer than their datestamps, so that the time
// to an event's acknowledgement can be measured.
type commitTimes struct {
	mu   sync.Mutex
	ring [1024]struct {
		seq int64
		at  time.Time
	}
	next int
}

func (c *commitTimes) note(seq int64, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ring[c.next%len(c.ring)].seq, c.ring[c.next%len(c.ring)].at = seq, at
	c.next++
}

// between calls f for each commit whose last seq is in (after, upTo].
func (c *commitTimes) between(after, upTo int64, f func(at time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.ring {
		if e := &c.ring[i]; e.seq > after && e.seq <= upTo {
			f(e.at)
		}
	}
}
