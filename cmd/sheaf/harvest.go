package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type harvestCmd struct {
	Sources []string `arg:"" name:"source" help:"Names of sources, as sheaf sources lists them."`
	Full    bool     `help:"Ask for everything again, not only for what has changed."`
	// A source that can't list what it has without giving it is asked for everything.
	Reconcile bool `help:"Hold what the source lists against the log: fetch what the log lacks, and find what the source has no more."`
	Accept    bool `help:"Take a source as it is now, also where far fewer or far more records come than before."`
	DryRun    bool `help:"Fetch and map the first items, and store nothing."`
	Limit     int  `default:"10" placeholder:"N" help:"With --dry-run: how many items to look at (10)."`
}

func (harvestCmd) Help() string {
	return `Harvests sources now, one after the other: through the gateway if one runs on the data folder, else by itself. A harvest that was stopped goes on where it was. If one is under way, this follows it to its end; --full, --reconcile and --accept act after it.

The exit status is 3 if items were rejected; they are in quarantine with the reason, and the rest went through. It is also 3 if the harvest is incomplete: the source gave fewer records than it announced, or far fewer or far more than it had, or all of them under other identifiers. Then nothing is deleted, what lacks is asked for again by the next harvest, and --accept takes the source as it is now. And it is 3 if the source deletes or changes so many records that somebody must decide (sheaf pending).`
}

func (harvestCmd) Examples() []string {
	return []string{"sheaf harvest letters", "sheaf harvest letters maps --full", "sheaf harvest letters --dry-run --limit 3"}
}

func (c *harvestCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	for _, name := range c.Sources {
		if cfg.Sources[name] == nil {
			return usagef("there is no source %q in the configuration; %s", wording.ClipLine(name, 100), known(cfg))
		}
		if kind, err := kinds.Of(cfg.Sources[name].Kind); err == nil && kind.Sends {
			return usagef("%s can't be harvested, because it sends its records by itself: curl -H \"Authorization: Bearer TOKEN\" -T FILE http://%s/push/%s; sheaf map %s FILE shows what would become of a file", name, cfg.Listen.Ops, name, name)
		}
	}
	switch {
	case c.Limit < 1:
		return usagef("--limit %d: at least 1 item must be looked at", c.Limit)
	case c.DryRun:
		return c.preview(e, cfg)
	case cfg.Gateway.Namespace == "":
		return usageError{pipeline.ErrNoNamespace}
	}
	client, err := e.introduced(app.Connect(e.ctx, cfg, e.options()))
	if err != nil {
		return err
	}
	err = c.harvest(e, client)
	if closed := client.Close(); err == nil {
		err = closed
	}
	return err
}

// known lists the names of the configured sources, for a message.
func known(cfg *config.Config) string {
	if names := cfg.Names(); len(names) > 0 && len(names) <= 20 {
		return "there are: " + strings.Join(names, ", ")
	}
	return "sheaf sources lists them"
}

// harvest harvests the sources in turn. A source that fails does not hold up the others.
func (c *harvestCmd) harvest(e *env, client *control.Client) error {
	var worst error
	for _, name := range c.Sources {
		err := c.one(e, client, name)
		if e.ctx.Err() != nil {
			fmt.Fprintf(e.stderr, "sheaf: %s: stopped; the next harvest goes on from here\n", name)
			return errSaid
		}
		if errors.Is(worst, errSaid) || err == nil {
			continue
		}
		worst = err
	}
	return worst
}

// one harvests a source. The error is errSaid or errLook.
func (c *harvestCmd) one(e *env, client *control.Client, name string) error {
	show := newProgress(e.stderr, name)
	last := control.HarvestLine{Source: name, Result: pipeline.Failed, Error: "the gateway ended before the harvest did; sheaf status says how it stands"}
	err := client.Harvest(e.ctx, name, pipeline.Order{Full: c.Full, Reconcile: c.Reconcile, Accept: c.Accept}, func(l *control.HarvestLine) error {
		if l.Joined {
			fmt.Fprintf(e.stderr, "%s: a harvest is under way already; this is how it goes on\n", name)
			return nil
		}
		last = *l
		show.line(l)
		return nil
	})
	show.end()
	if err != nil {
		last.Error = err.Error()
	} else if !last.Done && last.Error == "" {
		last.Result, last.Error = pipeline.Failed, "the gateway ended before the harvest did; sheaf status says how it stands"
	}
	fmt.Fprintln(e.stdout, summary(&last))
	for _, w := range last.Warnings {
		fmt.Fprintf(e.stdout, "%s: warning: %s\n", name, wording.Line(w))
	}
	if last.Reconciled != nil {
		fmt.Fprintf(e.stdout, "%s: reconciled: %s\n", name, wording.ClipLine(last.Reconciled.Sentence(), 1000))
	}
	if last.Why != "" {
		fmt.Fprintf(e.stdout, "%s: %s\n", name, wording.ClipLine(last.Why, 1000))
	}
	switch {
	case e.ctx.Err() != nil:
		return errSaid
	case last.Error != "":
		fmt.Fprintf(e.stderr, "sheaf: %s\n", strings.TrimSuffix(wording.ClipLine(last.Error, 1000)+". "+last.Advice, ". "))
		return errSaid
	case last.Counts.Rejected > 0:
		fmt.Fprintf(e.stdout, "%s: %s rejected; sheaf quarantine list --source %s says why\n", name, wording.Count(last.Counts.Rejected, "item was", "items were"), name)
		return errLook
	case last.Result == pipeline.Incomplete, last.Result == pipeline.OnHold:
		return errLook
	case last.Result == pipeline.Partial:
		fmt.Fprintf(e.stdout, "%s: the harvest came to its deadline and was ended; the next one goes on from here\n", name)
		return errLook
	}
	return nil
}

// summary describes a run in a line.
func summary(l *control.HarvestLine) string {
	n := &l.Counts
	s := fmt.Sprintf("%s: %s: %d new, %d changed, %d deleted, %d unchanged, %d rejected", l.Source, cmp.Or(l.Result, "stopped"),
		n.Added, n.Updated, n.Deleted, n.Unchanged, n.Rejected)
	if n.Suppressed > 0 {
		s += fmt.Sprintf(", %d kept out", n.Suppressed)
	}
	if l.Took > 0 {
		s += " in " + l.Took.Round(time.Millisecond).String()
	}
	return s
}

// preview shows what harvests would bring.
func (c *harvestCmd) preview(e *env, cfg *config.Config) error {
	var worst error
	for _, name := range c.Sources {
		err := c.previewOne(e.ctx, e, cfg, name)
		if worst == nil || err != nil && !errors.Is(err, errLook) {
			worst = err
		}
		if e.ctx.Err() != nil {
			break
		}
	}
	return worst
}

func (c *harvestCmd) previewOne(ctx context.Context, e *env, cfg *config.Config, name string) error {
	p, err := app.PreviewSource(ctx, cfg, name, c.Limit, version(), func(one *rules.Previewed) error {
		printPreviewed(e.stdout, one)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w%s", err, advice(err))
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(e.stdout, "%s: warning: %s\n", name, wording.Line(w))
	}
	more := ""
	switch {
	case p.More && p.Total > 0:
		more = fmt.Sprintf(" of %d", p.Total)
	case p.More:
		more = ", and there is more"
	}
	fmt.Fprintf(e.stdout, "%s: looked at %s%s; nothing was stored\n", name, wording.Count(int64(p.Items), "item", "items"), more)
	if p.Rejected > 0 {
		fmt.Fprintf(e.stdout, "%s: %s\n", name, wording.Count(int64(p.Rejected), "item would be rejected", "items would be rejected"))
		return errLook
	}
	return nil
}
