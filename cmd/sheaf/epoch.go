package main

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type epochCmd struct {
	TakeOver bool `help:"Publish to the event stream from now on, although another log of this namespace has."`
}

func (epochCmd) Help() string {
	return `Begins a new epoch of the log at the present second. It is the way out when the log has stamped changes with a date that was wrong, and waits for it, or when the event stream can't be gone on with.

Nothing is lost and nothing is fetched again, but everybody who follows the gateway starts again: resumption tokens and cursors are refused, every record shows the new epoch's first datestamp, and every record is published once more. The clock is taken to be right.`
}

func (epochCmd) Examples() []string { return []string{"sheaf epoch", "sheaf epoch --take-over"} }

func (c *epochCmd) Run(e *env) error {
	var head pipeline.Head
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		head, err = client.Epoch(ctx, c.TakeOver)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The epoch %d has begun at %s. Harvesters and consumers are told to start again.\n", head.Epoch, stamp(head.Datestamp))
	return nil
}
