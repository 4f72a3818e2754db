package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type pendingCmd struct {
	Run_    int64 `arg:"" name:"run" optional:"" help:"The number of a run, as the list gives it: show each record that it is about."`
	All     bool  `help:"List all records of the run, not only the first of them."`
	Decided bool  `help:"List what was decided last."`
	JSON    bool  `help:"Print JSON."`
}

func (pendingCmd) Help() string {
	return `Lists what waits for a person. When a source deletes more of its records at once than hold: in the configuration allows (2% of them and more than 100, if nothing is set), or changes more, these records stay as they are, everything else goes on, and somebody has to decide: sheaf approve does just what is listed here, sheaf refuse leaves the records as they are.

The exit status is 3 if something waits.`
}

func (pendingCmd) Examples() []string {
	return []string{"sheaf pending", "sheaf pending 17 --all", "sheaf pending --decided"}
}

func (c *pendingCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		if c.Run_ != 0 {
			return c.changes(ctx, e, client)
		}
		p, err := client.Pending(ctx)
		switch {
		case err != nil:
			return err
		case c.JSON:
			err = printJSON(e.stdout, p)
		case c.Decided:
			return c.decided(e, p.Decided)
		default:
			err = c.list(e, p.Waiting)
		}
		if err == nil && len(p.Waiting) > 0 {
			err = errLook
		}
		return err
	})
}

func (c *pendingCmd) list(e *env, waiting []control.PendingRun) error {
	if len(waiting) == 0 {
		fmt.Fprintln(e.stdout, "Nothing waits for a decision.")
		return nil
	}
	t := newTable(e.stdout, "RUN", "SOURCE", "SINCE", "RECORDS", "DELETE", "OF THEM ABSENT", "CHANGE")
	for _, p := range waiting {
		t.row(number(p.Run), p.Source, ago(p.Since, time.Now()), number(p.Live), number(p.Deletions), number(p.Absent), number(p.Changes))
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "\nsheaf pending %d shows the records of the first; sheaf approve %d does it, sheaf refuse %d leaves them as they are\n", waiting[0].Run, waiting[0].Run, waiting[0].Run)
	return nil
}

func (c *pendingCmd) decided(e *env, decided []pipeline.Decided) error {
	if len(decided) == 0 {
		fmt.Fprintln(e.stdout, "Nothing was decided yet.")
		return nil
	}
	t := newTable(e.stdout, "WHEN", "WHO", "DECISION", "RUN", "SOURCE", "DELETE", "CHANGE")
	for i := range decided {
		d := &decided[i]
		what := "refused"
		if d.Approve {
			what = "approved"
		}
		t.row(stamp(d.At), wording.ClipLine(d.Who, 60), what, number(d.Run), d.Source, number(d.Deletions), number(d.Changes))
	}
	return t.flush()
}

// maxSample is how many records of a run are shown unless all are asked for.
const maxSample = 20

// changes lists the records that a run is about.
func (c *pendingCmd) changes(ctx context.Context, e *env, client *control.Client) error {
	var t *table
	if !c.JSON {
		t = newTable(e.stdout, "WOULD", "RECORD", "TITLE")
	}
	shown := 0
	for after := int64(0); ; {
		page, err := client.PendingChanges(ctx, c.Run_, after)
		if err != nil {
			return err
		}
		for i := range page {
			if after = page[i].Item; !c.All && shown == maxSample {
				return c.end(e, t, true)
			}
			shown++
			if err := c.print(e, t, &page[i]); err != nil {
				return err
			}
		}
		if len(page) == 0 {
			return c.end(e, t, false)
		}
	}
}

func (c *pendingCmd) end(e *env, t *table, more bool) error {
	if t != nil {
		if err := t.flush(); err != nil {
			return err
		}
		if more {
			fmt.Fprintf(e.stdout, "… and more; sheaf pending %d --all lists all of them\n", c.Run_)
		}
	}
	return errLook
}

func (c *pendingCmd) print(e *env, t *table, p *control.PendingChange) error {
	if t == nil {
		return printLine(e.stdout, p)
	}
	would, title := "be deleted ("+string(p.Deleted)+")", p.Title
	if p.Deleted == pipeline.Live {
		would = "change"
		if p.NewTitle != p.Title {
			title += " → " + p.NewTitle
		}
	}
	t.row(would, p.Identifier, wording.ClipLine(title, 100))
	return nil
}

type approveCmd struct {
	decision
}

func (approveCmd) Help() string {
	return `Does what waits with a run: deletes or changes just those records that sheaf pending lists. If a later harvest has changed what waits, its number is another one, and nothing is done.`
}

func (approveCmd) Examples() []string {
	return []string{"sheaf approve 17", "sheaf approve 17 --by ada"}
}

func (c *approveCmd) Run(e *env) error { return c.decide(e, true) }

type refuseCmd struct {
	decision
}

func (refuseCmd) Help() string {
	return `Leaves the records as they are that wait with a run. The source may go on saying the same of them: nobody is asked again, until it gives another version of a record. sheaf harvest --full --accept takes what the source says after all.`
}

func (refuseCmd) Examples() []string { return []string{"sheaf refuse 17"} }

func (c *refuseCmd) Run(e *env) error { return c.decide(e, false) }

// decision is what both commands ask for.
type decision struct {
	Number int64  `arg:"" name:"run" help:"The number of the run, as sheaf pending lists it."`
	By     string `placeholder:"NAME" help:"Who decides; it is written down. Default: the user of this machine."`
}

func (c *decision) decide(e *env, approve bool) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		v, err := client.Decide(ctx, c.Number, pipeline.Decision{Approve: approve, Who: cmp.Or(c.By, whoami())})
		if err != nil {
			return err
		}
		switch n := &v.Counts; {
		case !approve:
			fmt.Fprintf(e.stdout, "%s: %s as they are\n", v.Source, wording.Count(v.Held.Waiting(), "record stays", "records stay"))
		case v.Later:
			fmt.Fprintf(e.stdout, "%s: approved; a harvest is under way, at whose end it is done\n", v.Source)
		default:
			fmt.Fprintf(e.stdout, "%s: %d deleted, %d changed\n", v.Source, n.Deleted, n.Updated)
		}
		return nil
	})
}

// whoami is the user who runs the command.
func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "user " + strconv.Itoa(os.Getuid())
}
