package main

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
)

type reloadCmd struct{}

func (reloadCmd) Help() string {
	return `Has the gateway that runs on the data folder read its configuration again, as SIGHUP does: its own file and what that names, as they are where the gateway runs.

A file that is not good is refused whole: each problem is printed, the gateway goes on with the old one, and the exit status is 1. With a good one the gateway stops as for Ctrl-C, and starts again at once in the same process.`
}

func (reloadCmd) Examples() []string {
	return []string{"sheaf reload", "sheaf reload --config /etc/sheaf/sheaf.yaml"}
}

func (c *reloadCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		if err := client.Reload(ctx); err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, "The configuration is good, and in force as soon as what is under way has come to a page's end.")
		return nil
	})
}
