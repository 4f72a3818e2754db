package main

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type doctorCmd struct{}

func (doctorCmd) Help() string {
	return `Checks the data folder, beside a running gateway or without one, and says of each check whether all is well, or what to do: whether the folder and its disk take what is written, whether the clock can be trusted, whether the log is whole, and, where it is in PostgreSQL, whether the server is set up as it should be: rights, durability, replicas, vacuum, connections. To see whether the log is whole it reads all of the log: some seconds for each 100,000 records.

The exit status is 1 if the log is damaged or can't be opened, and 3 if something else needs looking at.`
}

func (doctorCmd) Examples() []string {
	return []string{"sheaf doctor", "sheaf doctor --data /var/lib/sheaf"}
}

func (doctorCmd) Run(e *env) error {
	look, broken := false, false
	if err := e.with(func(ctx context.Context, client *control.Client) error {
		return client.Doctor(ctx, func(f *control.Finding) error {
			verdict, text := "ok   ", f.Found
			if f.Advice != "" {
				look, broken = true, broken || f.Broken
				verdict, text = "LOOK ", f.Advice
			}
			_, err := fmt.Fprintf(e.stdout, "%s%s: %s\n", verdict, f.Check, wording.Line(text))
			return err
		})
	}); err != nil {
		return err
	}
	switch {
	case broken:
		return errSaid
	case look:
		return errLook
	}
	return nil
}
