package events

import (
	"context"
	"log/slog"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// noticeQueue is how many notices may wait to be published. More are dropped, because a harvest must never
// wait for the broker, and notices are best effort.
const noticeQueue = 256

// noticesLook is how often the stream of notices is looked at.
const noticesLook = 30 * time.Second

// Notices publishes news of harvests for operators: that one has begun, and how it ended.
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
		kind = "harvest.held"
	}
	if report.Err != nil {
		kind, data["error"] = "harvest.failed", report.Err.Error()
	}
	n.tell(kind, run.Source, data)
}

func (n *Notices) tell(kind, source string, data map[string]any) {
	select {
	case n.queue <- pipeline.Notice{Type: kind, Source: source, Time: time.Now().UTC(), Data: data}:
	default:
	}
}
