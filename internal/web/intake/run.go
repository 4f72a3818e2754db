package intake

import (
	"context"
	"errors"

	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// run brings what was delivered into the log. It goes on when the sender hangs up, who has sent everything.
func (d *Door) run(in *intent, delivery *push.Delivery) *answer {
	a := newAnswer(in.source.Name)
	ctx := push.With(d.ctx, delivery)
	defer delivery.Close()
	// Each delivery is a pass of its own, whatever became of the one before.
	order := pipeline.Order{Full: true, Told: a.hear, By: pipeline.BySender}
	report, err := d.Scheduler.Harvest(ctx, in.source.Source, order)
	for errors.Is(err, pipeline.ErrRunning) { // such as one that stores what a person has agreed to
		if _, _, err = d.Scheduler.Join(ctx, in.source.Name); ctx.Err() != nil {
			break
		}
		report, err = d.Scheduler.Harvest(ctx, in.source.Source, order)
	}
	if report == nil {
		report = &pipeline.Report{Result: pipeline.Failed}
	}
	head, unknown := d.Log.Head(context.WithoutCancel(ctx))
	if unknown == nil {
		a.Cursor = head.Cursor.String()
	}
	a.conclude(report, err)
	return a
}
