package events

import (
	"context"
	"log/slog"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// noticeQueue is how many notices may wait to be published. More are dropped, because a harvest must never
// wait for the broker, and notices are best effort.
const noticeQueue = 256

// noticesLook is how often the stream of notices is looked at.
const noticesLook = 30 * time.Second

// Notices publishes news of harvests and sources for operators: that a harvest has begun and how it ended, that a
// source fails, is well again, or was stopped.
type Notices struct {
	client *Client
	logger *slog.Logger
	queue  chan pipeline.Notice
	look   time.Duration
}

// NewNotices makes an observer of runs. What it hears is published by [Notices.Run].
func NewNotices(c *Client, logger *slog.Logger) *Notices {
	return &Notices{client: c, logger: logger, queue: make(chan pipeline.Notice, noticeQueue), look: noticesLook}
}

// Run publishes notices until ctx ends, and sets their stream back when somebody has changed it. It does not
// leave that to the relay, which would wait where the broker does not answer about this stream.
func (n *Notices) Run(ctx context.Context) error {
	look := time.NewTicker(n.look)
	defer look.Stop()
	for {
		select {
		case notice := <-n.queue:
			if err := n.client.Notify(ctx, notice); err != nil {
				n.logger.Debug("a notice was not published", "type", notice.Type, "err", err)
			}
		case <-look.C:
			n.client.keepNotices(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// RunBegan implements [pipeline.RunObserver].
func (n *Notices) RunBegan(run *pipeline.Run) {
	n.tell("harvest.started", run.Source, map[string]any{"run": run.ID})
}

// PageCommitted implements [pipeline.RunObserver].
func (n *Notices) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}

// RunEnded implements [pipeline.RunObserver].
func (n *Notices) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	data := map[string]any{
		"run": run.ID, "result": report.Result, "full": report.Full, "items": report.Counts.Items,
		"added": report.Counts.Added, "updated": report.Counts.Updated, "deleted": report.Counts.Deleted,
		"unchanged": report.Counts.Unchanged, "rejected": report.Counts.Rejected,
	}
	kind := "harvest.completed"
	if report.Why != "" {
		kind, data["why"] = "harvest.incomplete", report.Why
	}
	if report.Result == pipeline.OnHold {
		kind = "harvest.approval-needed"
		data["held"] = map[string]any{"deletions": report.Held.Deletions, "absent": report.Held.Absent, "changes": report.Held.Changes}
	}
	if report.Err != nil {
		kind, data["error"] = "harvest.failed", report.Err.Error()
	}
	n.tell(kind, run.Source, data)
}

// SourceFails hears that a source has begun to fail, or fails in another way; kind is that of the error.
func (n *Notices) SourceFails(source, kind string, since time.Time) {
	event := "source.unreachable"
	switch harvest.Kind(kind) {
	case harvest.Challenged:
		event = "source.challenged"
	case harvest.Unreachable, harvest.Timeout, harvest.HTTP5xx:
	default:
		return // it answers, and what is wrong with the answer is told by harvest.failed
	}
	n.tell(event, source, map[string]any{"kind": kind, "since": since.UTC().Format(time.RFC3339)})
}

// SourceRecovered hears that a source is well that had failed since then.
func (n *Notices) SourceRecovered(source string, since time.Time) {
	n.tell("source.recovered", source, map[string]any{"since": since.UTC().Format(time.RFC3339)})
}

// SourceStopped hears that a person has paused or retired a source.
func (n *Notices) SourceStopped(source string, s pipeline.Stop) {
	n.tell("source.paused", source, map[string]any{"who": s.Who, "reason": s.Reason, "retired": s.Retired})
}

// Dumped tells that a dump of the log is there, which is true for a place, and where its manifest is.
func (n *Notices) Dumped(url, cursor string, rows, bytes int64, parts int) {
	n.tell("snapshot.published", "", map[string]any{"cursor": cursor, "rows": rows, "bytes": bytes, "parts": parts, "url": url})
}

func (n *Notices) tell(kind, source string, data map[string]any) {
	select {
	case n.queue <- pipeline.Notice{Type: kind, Source: source, Time: time.Now().UTC(), Data: data}:
	default:
	}
}
