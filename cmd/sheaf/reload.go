package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/control"
)

type reloadCmd struct{}

func (reloadCmd) Help() string {
	return `Has the gateway that runs on the data folder read its configuration again, as SIGHUP does: its own file and what that names, as they are where the gateway runs.

A file that is not good is refused whole: each problem is printed, the gateway goes on with the old one, and the exit status is 1. A good one is in force at once, and what has changed is printed: harvests, followers and readers of events go on, except those that it concerns. For a few keys, such as addresses, the gateway begins again in the same process; docs/operators.md names them.`
}

func (reloadCmd) Examples() []string {
	return []string{"sheaf reload", "sheaf reload --config /etc/sheaf/sheaf.yaml"}
}

func (c *reloadCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		changed, err := client.Reload(ctx)
		if err != nil && strings.Contains(err.Error(), "\n") {
			fmt.Fprintln(e.stderr, err) // a line for each problem, with file and line number, as sheaf config check prints them
			return errSaid
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, "The configuration is good:")
		for _, sentence := range changed {
			fmt.Fprintln(e.stdout, "  "+sentence)
		}
		return nil
	})
}
