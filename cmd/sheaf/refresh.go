package main

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type refreshCmd struct {
	IDs []string `arg:"" name:"id" help:"Identifiers of records."`
}

func (refreshCmd) Help() string {
	return `Sends the present state of records once more as an event, for a consumer that has lost it. The events are on the stream of notices (SHEAF_OPS), below sheaf.v1.refreshed, with the type sheaf.record.refreshed.v1 and an id of their own: the stream of records has each change once.

Nothing changes in the log. A gateway must run. For many records the consumer reads the log itself (sheaf export). The exit status is 3 if there is no such record.`
}

func (refreshCmd) Examples() []string {
	return []string{"sheaf refresh oai:gateway.example.org:letters/17"}
}

func (c *refreshCmd) Run(e *env) error {
	if len(c.IDs) > control.MaxRefresh {
		return usagef("%d identifiers are given, and %d can be sent again at once", len(c.IDs), control.MaxRefresh)
	}
	var out control.RefreshInfo
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		out, err = client.Refresh(ctx, c.IDs)
		return err
	}); err != nil {
		return err
	}
	for _, id := range out.Sent {
		fmt.Fprintf(e.stdout, "%s was sent again\n", wording.Line(id))
	}
	for _, id := range out.Missing {
		fmt.Fprintf(e.stderr, "there is no record %s\n", wording.ClipLine(id, 1100))
	}
	if len(out.Missing) > 0 {
		return errLook
	}
	return nil
}
