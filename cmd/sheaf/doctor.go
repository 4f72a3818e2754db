package main

import (
	"context"
	"fmt"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/doctor"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type doctorCmd struct{}

func (doctorCmd) Help() string {
	return `Checks what the gateway stands on, beside a running gateway or without one, and says of each check whether all is well, or what to do:

  folder                 it and its disk take what is written
  permissions            it is closed to other users, and all of one user
  clock                  it can be trusted
  versions               the program that runs is the one that is installed
  ports                  the gateway answers at its addresses, or they are free for one
  events                 the stream has what the log has; asked of a running gateway
  backups                the newest copy is there, and not too old
  certificates           the gateway's own are good for two weeks more
  sources' certificates  so are those of the hosts that are harvested, with a request to each
  log                    it is whole: all of it is read, some seconds for each 100,000 records
  server                 PostgreSQL, if the log is there: rights, durability, replicas, vacuum, connections

The exit status is 1 if the log is damaged or can't be opened, and 3 if something else needs looking at.`
}

func (doctorCmd) Examples() []string {
	return []string{"sheaf doctor", "sheaf doctor --data /var/lib/sheaf"}
}

func (doctorCmd) Run(e *env) error {
	look, broken := false, false
	if err := e.with(func(ctx context.Context, client *control.Client) error {
		return client.Doctor(ctx, version(), func(f *doctor.Finding) error {
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
