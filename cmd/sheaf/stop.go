package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// decider is who stops a source, or lets it go on.
type decider struct {
	By string `placeholder:"NAME" help:"Who decides; it is written down. Default: the user of this machine."`
}

func (d *decider) who() string { return cmp.Or(d.By, whoami()) }

type pauseCmd struct {
	Sources []string `arg:"" name:"source" help:"The names of sources."`
	Reason  string   `placeholder:"TEXT" help:"Why, for those who ask later."`
	decider
}

func (pauseCmd) Help() string {
	return `Stops sources from being harvested until sheaf resume, also over a restart. A harvest that is under way ends after the page that it is at; the next one goes on from there. What is there of the source is served as before.`
}

func (pauseCmd) Examples() []string {
	return []string{`sheaf pause letters --reason "the repository moves on Friday"`}
}

func (c *pauseCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		var failed error
		for _, source := range c.Sources {
			stop, err := client.Pause(ctx, source, pipeline.Stop{Who: c.who(), Reason: c.Reason})
			if err == nil {
				fmt.Fprintf(e.stdout, "%s is %s; sheaf resume %s lets it be harvested again\n", source, wording.ClipLine(stop.Sentence(), 1000), source)
			}
			failed = errors.Join(failed, err)
		}
		return failed
	})
}

type resumeCmd struct {
	Sources []string `arg:"" name:"source" help:"The names of sources."`
	decider
}

func (resumeCmd) Help() string {
	return `Lets sources be harvested again that were paused or retired. A gateway that runs harvests a source within half a minute if that is due. What was deleted of a retired source comes back with its next harvest, which is one of everything.`
}

func (resumeCmd) Examples() []string { return []string{"sheaf resume letters"} }

func (c *resumeCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		var failed error
		for _, source := range c.Sources {
			was, err := client.Resume(ctx, source, c.who())
			if err == nil {
				fmt.Fprintf(e.stdout, "%s may be harvested again; it was %s\n", source, wording.ClipLine(was.Sentence(), 1000))
			}
			failed = errors.Join(failed, err)
		}
		return failed
	})
}

type retireCmd struct {
	Source string  `arg:"" help:"The name of a source, which need not be configured any more."`
	Reason string  `placeholder:"TEXT" help:"Why, for those who ask later."`
	Yes    bool    `help:"Don't ask."`
	Rate   float64 `default:"1000" placeholder:"N" help:"How many records may be deleted in a second (1000); 0 is as many as go."`
	decider
}

func (retireCmd) Help() string {
	return `Ends a source for good: it is not harvested any more, and its records become deletions, at a bounded pace, so that harvesters and subscribers delete them too. What they were stays in the log. Records that were taken down stay so.

It asks before it does so; where nobody can answer, --yes is needed. A retirement that was stopped goes on when the command is given again. If it was a mistake, sheaf resume lets the next harvest bring the records back, under the same identifiers.`
}

func (retireCmd) Examples() []string {
	return []string{`sheaf retire letters --reason "the archive is closed"`, "sheaf retire letters --yes --rate 50"}
}

func (c *retireCmd) Run(e *env) error {
	if !(c.Rate >= 0) {
		return usagef("--rate %v: it is a number of records in a second, 0 or more", c.Rate)
	}
	return e.with(func(ctx context.Context, client *control.Client) error {
		live, err := c.live(ctx, client)
		if err != nil {
			return err
		}
		if err := c.ask(e, live); err != nil {
			return err
		}
		failure := "the gateway ended before the source was retired; give the command again, and it goes on"
		err = client.Retire(ctx, c.Source, pipeline.Stop{Who: c.who(), Reason: c.Reason}, c.Rate, func(l *control.RetireLine) error {
			if l.Done {
				failure = l.Error
				fmt.Fprintf(e.stdout, "%s is retired: %s deleted, of %d\n", c.Source, wording.Count(l.Deleted, "record", "records"), l.Live)
			}
			return nil
		})
		if err == nil && failure != "" {
			err = errors.New(wording.ClipLine(failure, 1000))
		}
		return err
	})
}

// live is how many live records there are of the source.
func (c *retireCmd) live(ctx context.Context, client *control.Client) (int64, error) {
	infos, err := client.Sources(ctx)
	for i := range infos {
		if infos[i].Name == c.Source {
			return infos[i].Status.Live, err
		}
	}
	if err == nil {
		err = usagef("there is no source %q; sheaf status lists them", wording.ClipLine(c.Source, 100))
	}
	return 0, err
}

// ask asks a person whether the source is meant.
func (c *retireCmd) ask(e *env, live int64) error {
	if c.Yes {
		return nil
	}
	fmt.Fprintf(e.stderr, "%s of %s will be deleted here, at all harvesters and at all subscribers. Type the name of the source to go on: ", wording.Count(live, "record", "records"), c.Source)
	answer, _ := bufio.NewReader(e.stdin).ReadString('\n') // no answer is not the name
	if strings.TrimSpace(answer) != c.Source {
		fmt.Fprintln(e.stderr)
		return usagef("nothing was done: the answer is not %q; --yes answers for you", c.Source)
	}
	return nil
}
