package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// chosen are items in quarantine: those with the numbers, or all of a source.
type chosen struct {
	Numbers []int64 `arg:"" optional:"" name:"number" help:"Numbers of items, as the list gives them."`
	Source  string  `placeholder:"S" help:"All items of this source."`
}

// each calls f for the items.
func (c *chosen) each(ctx context.Context, client *control.Client, f func(*store.Quarantined) error) error {
	switch {
	case len(c.Numbers) > 0 && c.Source != "":
		return usagef("say which items either by their numbers or by --source")
	case c.Source != "":
		return eachQuarantined(ctx, client, c.Source, f)
	case len(c.Numbers) == 0:
		return usagef("say which items: their numbers, as sheaf quarantine lists them, or --source S for all of a source")
	}
	for _, n := range c.Numbers {
		q, err := quarantined(ctx, client, n)
		if err == nil {
			err = f(q)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type quarantineRetryCmd struct{ chosen }

func (quarantineRetryCmd) Help() string {
	return `Maps rejected items again with the rules as they are now, as the source sent them, and without asking it. What comes well becomes a record; the rest stays in quarantine.

Only items that the mapping rejected can be tried again. What could not be read comes again with the next harvest of everything (sheaf harvest SOURCE --full).

The exit status is 3 if one of the items stays in quarantine.`
}

func (quarantineRetryCmd) Examples() []string {
	return []string{"sheaf quarantine retry 17 18", "sheaf quarantine retry --source letters"}
}

// retryBatch is how many items are tried again in one run.
const retryBatch = 500

func (c *quarantineRetryCmd) Run(e *env) error {
	var sum pipeline.Counts
	var unreadable int64
	err := e.with(func(ctx context.Context, client *control.Client) error {
		bySource := map[string][]int64{}
		if err := c.each(ctx, client, func(q *store.Quarantined) error {
			if len(q.Said) == 0 {
				unreadable++
				return nil
			}
			bySource[q.Source] = append(bySource[q.Source], q.ID)
			return nil
		}); err != nil {
			return err
		}
		for _, source := range slices.Sorted(maps.Keys(bySource)) {
			for some := range slices.Chunk(bySource[source], retryBatch) {
				n, err := client.Retry(ctx, source, some)
				sum.Add(n)
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if sum.Items > 0 || err == nil && unreadable == 0 {
		stored := sum.Changes() + sum.Unchanged
		fmt.Fprintf(e.stdout, "%s tried again: %d in the log now, %d still rejected\n", wording.Count(sum.Items, "item was", "items were"), stored, sum.Rejected)
		if held := sum.Items - sum.Rejected - sum.Suppressed - stored; held > 0 {
			fmt.Fprintf(e.stdout, "%s kept apart until the source's next harvest ends, because hold: asks about changes; sheaf pending says whether a person must decide\n", wording.Count(held, "item is", "items are"))
		}
	}
	if unreadable > 0 {
		fmt.Fprintf(e.stdout, "%s not tried, because it could not be read when it came; sheaf harvest SOURCE --full asks the source for it again\n", wording.Count(unreadable, "item was", "items were"))
	}
	if err == nil && sum.Rejected+unreadable > 0 {
		err = errLook
	}
	return err
}

type quarantineDropCmd struct {
	chosen
	By string `placeholder:"NAME" help:"Who decides; it is written down. Default: the user of this machine."`
}

func (quarantineDropCmd) Help() string {
	return `Says that rejected items need nobody's attention. They are not listed and not counted any more, and sheaf status does not exit with 3 because of them. What the source sent is kept. When the source sends an item in another way, and it still can't be used, it is told of again.`
}

func (quarantineDropCmd) Examples() []string {
	return []string{"sheaf quarantine drop 17 18", "sheaf quarantine drop --source letters"}
}

func (c *quarantineDropCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		var which []int64
		if err := c.each(ctx, client, func(q *store.Quarantined) error {
			if q.Dismissed.IsZero() {
				which = append(which, q.ID)
			}
			return nil
		}); err != nil {
			return err
		}
		var sum int64
		for some := range slices.Chunk(which, retryBatch) {
			n, err := client.Dismiss(ctx, some, cmp.Or(c.By, whoami()))
			sum += n
			if err != nil {
				return err
			}
		}
		fmt.Fprintf(e.stdout, "%s dropped; sheaf quarantine list --dropped lists them\n", wording.Count(sum, "item is", "items are"))
		return nil
	})
}
