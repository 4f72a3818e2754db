package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type takedownCmd struct {
	ID     string `arg:"" name:"id" optional:"" help:"The identifier of a record, or one that it had before."`
	Reason string `placeholder:"TEXT" help:"Why, for those who ask later; it is not published."`
	By     string `placeholder:"NAME" help:"Who decides; it is written down. Default: the user of this machine."`
	List   bool   `help:"List what is kept out."`
	JSON   bool   `help:"With --list: print a JSON object a line."`
}

func (takedownCmd) Help() string {
	return `Removes a record for good. Its tombstone stays, so that harvesters and subscribers are told to delete it; its content goes: from the log and its file, from quarantine, and, once the tombstone is published, from the event stream. Whatever its source sends of it later is kept out, also after a restore. Backups that were made before still have it.

Under an identifier that the gateway doesn't know nothing is removed, and it is kept out if it comes.

To hide a record for a while there is sheaf withdraw.`
}

func (takedownCmd) Examples() []string {
	return []string{`sheaf takedown oai:gateway.example.org:letters/17 --reason "names a living person"`, "sheaf takedown --list"}
}

func (c *takedownCmd) Run(e *env) error {
	switch {
	case c.List:
		return c.list(e)
	case c.ID == "":
		return usagef("say which record: sheaf takedown ID --reason TEXT; sheaf takedown --list says what is kept out")
	case c.Reason == "":
		return usagef("say why, with --reason: somebody will ask one day")
	}
	return remove(e, pipeline.Removal{Identifier: c.ID, Final: true, Reason: c.Reason, Who: c.By})
}

type withdrawCmd struct {
	ID     string `arg:"" name:"id" help:"The identifier of a record, or one that it had before."`
	Reason string `placeholder:"TEXT" help:"Why, for those who ask later; it is not published."`
	By     string `placeholder:"NAME" help:"Who decides; it is written down. Default: the user of this machine."`
}

func (withdrawCmd) Help() string {
	return `Hides a record. Harvesters and subscribers are told to delete it, and whatever its source sends of it is kept out, until sheaf restore-record lets it come back. Its content stays in the log. To remove it for good there is sheaf takedown.`
}

func (withdrawCmd) Examples() []string {
	return []string{`sheaf withdraw oai:gateway.example.org:letters/17 --reason "rights are being cleared"`}
}

func (c *withdrawCmd) Run(e *env) error {
	return remove(e, pipeline.Removal{Identifier: c.ID, Reason: c.Reason, Who: c.By})
}

// remove takes a record down, or withdraws it.
func remove(e *env, r pipeline.Removal) error {
	r.Who = cmp.Or(r.Who, whoami())
	return e.with(func(ctx context.Context, client *control.Client) error {
		s, err := client.Remove(ctx, r)
		switch {
		case err != nil:
			return err
		case s.Seq == 0:
			fmt.Fprintf(e.stdout, "%s is not in the log; it is kept out if it comes\n", wording.ClipLine(s.Identifier, 300))
		case s.Final && !r.Final:
			fmt.Fprintf(e.stdout, "%s was taken down before, for good\n", s.Identifier)
		case s.Final:
			fmt.Fprintf(e.stdout, "%s is taken down and kept out. Backups that were made before still have it\n", s.Identifier)
		default:
			fmt.Fprintf(e.stdout, "%s is hidden; sheaf restore-record %s lets it come back\n", s.Identifier, s.Identifier)
		}
		return nil
	})
}

func (c *takedownCmd) list(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		var t *table
		for after := ""; ; {
			page, err := client.Suppressed(ctx, after)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			if t == nil && !c.JSON {
				t = newTable(e.stdout, "RECORD", "HOW", "WHEN", "WHO", "WHY")
			}
			for i := range page {
				if after = page[i].Identifier; c.JSON {
					if err := printLine(e.stdout, newSuppressedJSON(&page[i])); err != nil {
						return err
					}
					continue
				}
				s := &page[i]
				t.row(s.Identifier, string(s.Deletes()), stamp(s.At), wording.ClipLine(s.Who, 40), wording.ClipLine(s.Reason, 120))
			}
		}
		switch {
		case t != nil:
			return t.flush()
		case !c.JSON:
			fmt.Fprintln(e.stdout, "Nothing is kept out.")
		}
		return nil
	})
}

// suppressedJSON is what is kept out, in JSON.
type suppressedJSON struct {
	Identifier string    `json:"identifier"`
	How        string    `json:"how"` // takedown, withdrawn
	Source     string    `json:"source,omitempty"`
	Upstream   string    `json:"upstream,omitempty"` // what its source calls it
	At         time.Time `json:"at"`
	Who        string    `json:"who,omitempty"`
	Why        string    `json:"why,omitempty"`
}

func newSuppressedJSON(s *pipeline.Suppression) suppressedJSON {
	return suppressedJSON{s.Identifier, string(s.Deletes()), s.Source, s.Upstream, s.At, s.Who, s.Reason}
}

type restoreRecordCmd struct {
	ID string `arg:"" name:"id" help:"The identifier of a record that was withdrawn."`
	By string `placeholder:"NAME" help:"Who decides; it is written down. Default: the user of this machine."`
}

func (restoreRecordCmd) Help() string {
	return `Lets a record come back that was withdrawn, as it was, by the mapping as it is now. What its source has changed meanwhile comes with the next harvest of everything (sheaf harvest SOURCE --full). A record that was taken down does not come back.`
}

func (restoreRecordCmd) Examples() []string {
	return []string{"sheaf restore-record oai:gateway.example.org:letters/17"}
}

func (c *restoreRecordCmd) Run(e *env) error {
	return e.with(func(ctx context.Context, client *control.Client) error {
		err := client.Readmit(ctx, c.ID, cmp.Or(c.By, whoami()))
		if errors.Is(err, pipeline.ErrNotFound) {
			return fmt.Errorf("there is no record %s; sheaf takedown --list says what is kept out", wording.ClipLine(c.ID, 200))
		}
		if err == nil {
			fmt.Fprintf(e.stdout, "%s is served again, as it was; what its source has changed meanwhile comes with a harvest of everything (sheaf harvest SOURCE --full)\n", c.ID)
		}
		return err
	})
}
