package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
)

type cancelCmd struct {
	Sources []string `arg:"" name:"source" help:"The names of sources."`
	Reason  string   `placeholder:"TEXT" help:"Why, for those who ask later."`
	decider
}

func (cancelCmd) Help() string {
	return `Ends harvests that are under way: one that waits at once, another one after the page that it is at. What was stored stays, and the next harvest goes on from there: the next time that the source is due, or with sheaf harvest. To keep a source from being harvested, use sheaf pause.`
}

func (cancelCmd) Examples() []string { return []string{"sheaf cancel letters"} }

func (c *cancelCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		var failed error
		for _, source := range c.Sources {
			ended, err := client.Cancel(ctx, source, c.who(), c.Reason)
			if err == nil {
				fmt.Fprintln(e.stdout, summary(&ended))
			}
			failed = errors.Join(failed, err)
		}
		return failed
	})
}
