package main

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type clockCmd struct {
	Confirm bool `help:"Say that the clock is right: changes are taken again."`
}

func (clockCmd) Help() string {
	return `Says what the clock says, when the last change was stamped, and whether changes are paused because the clock can't be trusted. The exit status is 3 if they are.

A stamp in the future would make harvesters miss records. So changes wait when the clock was set forward by more than a minute while the gateway ran, or is more than a day ahead of the last change when it starts and no time service vouches for it. Set the clock right, and they go on by themselves; if it is right as it is, say so with --confirm.`
}

func (clockCmd) Examples() []string { return []string{"sheaf clock", "sheaf clock --confirm"} }

func (c *clockCmd) Run(e *env) error {
	var info control.ClockInfo
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		info, err = client.Clock(ctx, c.Confirm)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The clock says  %s\nThe last stamp  %s\n", stamp(info.Now), stamp(info.Head))
	if info.Trouble != "" {
		fmt.Fprintln(e.stdout, wording.Line(info.Trouble))
		return errLook
	}
	fmt.Fprintln(e.stdout, "Changes are taken.")
	return nil
}
