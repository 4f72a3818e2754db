package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type webhooksCmd struct {
	List    webhooksListCmd    `cmd:"" default:"withargs" help:"Say how the webhooks stand."`
	Letters webhooksLettersCmd `cmd:"" help:"List what a webhook could not deliver, and why."`
	Replay  webhooksReplayCmd  `cmd:"" help:"Try again what could not be delivered."`
	Drop    webhooksDropCmd    `cmd:"" help:"Give up what could not be delivered."`
	Test    webhooksTestCmd    `cmd:"" help:"Send a ping to a receiver."`
}

type webhooksListCmd struct {
	JSON bool `help:"Print JSON."`
}

func (webhooksListCmd) Help() string {
	return `Says of each webhook how far it is, what waits to be tried again, what is dead (tried no more), since when its receiver takes nothing, and what went wrong last.

The exit status is 3 if a person should look at one: it has dead letters, its receiver wanted no more (410), or has taken nothing for a quarter of an hour.`
}

func (webhooksListCmd) Examples() []string {
	return []string{"sheaf webhooks list", "sheaf webhooks list --json"}
}

func (c *webhooksListCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	all := []webhook.Standing{}
	if err := e.look(cfg, func(ctx context.Context, client *control.Client) (err error) {
		if client != nil {
			all, err = client.Webhooks(ctx)
		}
		return err
	}); err != nil {
		return err
	}
	switch {
	case c.JSON:
		err = printJSON(e.stdout, all)
	case len(all) == 0:
		fmt.Fprintln(e.stdout, "There are no webhooks.")
	default:
		err = printWebhooks(e.stdout, all, time.Now())
	}
	if err == nil && webhooksTrouble(all) {
		err = errLook
	}
	return err
}

// webhooksTrouble reports whether an operator should look at one of the webhooks.
func webhooksTrouble(all []webhook.Standing) bool {
	for i := range all {
		if all[i].Trouble() {
			return true
		}
	}
	return false
}

func printWebhooks(w io.Writer, all []webhook.Standing, now time.Time) error {
	t := newTable(w, "WEBHOOK", "STATE", "PLACE", "BEHIND", "WAITING", "DEAD", "DELIVERED", "LAST TROUBLE")
	for i := range all {
		s := &all[i]
		t.row(s.Name, webhookState(s, now), s.Place.String(), number(s.Behind), number(int64(s.Waiting)), number(int64(s.Dead)), ago(s.Delivered, now), wording.ClipLine(s.Why, 100))
	}
	return t.flush()
}

func webhookState(s *webhook.Standing, now time.Time) string {
	switch {
	case s.URL == "":
		return "not configured"
	case !s.Ended.IsZero():
		return "ended " + ago(s.Ended, now)
	case !s.Failing.IsZero():
		return "failing for " + rough(now.Sub(s.Failing))
	}
	return "ok"
}

type webhooksLettersCmd struct {
	Name string `arg:"" help:"The name of a webhook."`
	JSON bool   `help:"Print a JSON object a line."`
}

func (webhooksLettersCmd) Help() string {
	return "Lists the changes that a receiver has not taken, at most 1,000: first those that are tried no more, then those that wait to be tried again."
}

func (webhooksLettersCmd) Examples() []string {
	return []string{"sheaf webhooks letters catalogue", "sheaf webhooks letters catalogue --json"}
}

func (c *webhooksLettersCmd) Run(e *env) error {
	var all []webhook.Letter
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		all, err = client.Letters(ctx, c.Name)
		return err
	}); err != nil {
		return err
	}
	if c.JSON {
		for i := range all {
			if err := printLine(e.stdout, all[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		fmt.Fprintln(e.stdout, "Everything was taken.")
		return nil
	}
	now := time.Now()
	t := newTable(e.stdout, "RECORD", "STATE", "ATTEMPTS", "FIRST", "NEXT", "WHY")
	for i := range all {
		l := &all[i]
		state, next := "waiting", until(l.Next, now)
		if l.Dead {
			state, next = "dead", "-"
		}
		t.row(wording.ClipLine(l.Identifier, 1100), state, number(int64(l.Attempts)), ago(l.First, now), next, wording.ClipLine(l.Why, 100))
	}
	return t.flush()
}

type webhooksReplayCmd struct {
	Name string   `arg:"" help:"The name of a webhook."`
	IDs  []string `arg:"" optional:"" name:"id" help:"Identifiers of records, or of events (webhook-id). Default: all that are dead."`
}

func (webhooksReplayCmd) Help() string {
	return `Has changes tried again that the receiver of a webhook has not taken: at once, and then as often as at first. What is sent is the latest state of the record.

A webhook whose receiver wanted no more (410) goes on. The exit status is 3 if not all of what was named is there.`
}

func (webhooksReplayCmd) Examples() []string {
	return []string{"sheaf webhooks replay catalogue", "sheaf webhooks replay catalogue oai:gateway.example.org:letters/17"}
}

func (c *webhooksReplayCmd) Run(e *env) error {
	return e.letters(c.IDs, "tried again", func(ctx context.Context, client *control.Client) (int64, error) {
		return client.Replay(ctx, c.Name, c.IDs)
	})
}

// letters runs a command about letters, and says of how many.
func (e *env) letters(ids []string, done string, f func(context.Context, *control.Client) (int64, error)) error {
	if len(ids) > control.MaxLetters {
		return usagef("%d records are named, and %d can be at once", len(ids), control.MaxLetters)
	}
	var n int64
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		n, err = f(ctx, client)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s %s\n", wording.Count(n, "change is", "changes are"), done)
	if n < int64(len(ids)) {
		return errLook
	}
	return nil
}

type webhooksDropCmd struct {
	Name string   `arg:"" help:"The name of a webhook."`
	IDs  []string `arg:"" optional:"" name:"id" help:"Identifiers of records, or of events (webhook-id). Default: all that are dead."`
}

func (webhooksDropCmd) Help() string {
	return `Gives up changes that the receiver of a webhook has not taken: it will not have them, unless the record changes again. Of a webhook that is not in the configuration any more everything is forgotten, its place too, if no record is named.

The exit status is 3 if not all of what was named is there.`
}

func (webhooksDropCmd) Examples() []string {
	return []string{"sheaf webhooks drop catalogue", "sheaf webhooks drop catalogue oai:gateway.example.org:letters/17"}
}

func (c *webhooksDropCmd) Run(e *env) error {
	return e.letters(c.IDs, "given up", func(ctx context.Context, client *control.Client) (int64, error) {
		return client.DropLetters(ctx, c.Name, c.IDs)
	})
}

type webhooksTestCmd struct {
	Name string `arg:"" help:"The name of a webhook."`
}

func (webhooksTestCmd) Help() string {
	return "Sends an event of the type sheaf.webhook.ping.v1 to the receiver, signed like any other, and says what it answers. Nothing changes by it."
}

func (webhooksTestCmd) Examples() []string { return []string{"sheaf webhooks test catalogue"} }

func (c *webhooksTestCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		took, err := client.TestWebhook(ctx, c.Name)
		if err == nil {
			fmt.Fprintf(e.stdout, "%s: it has taken the ping, within %s\n", c.Name, took.Round(time.Millisecond))
		}
		return err
	})
}
