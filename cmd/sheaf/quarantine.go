package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type quarantineCmd struct {
	List quarantineListCmd `cmd:"" default:"withargs" help:"List the rejected items, with the reasons."`
	Show quarantineShowCmd `cmd:"" help:"Show a rejected item, with what the source sent."`
}

type quarantineListCmd struct {
	Source string `placeholder:"S" help:"Items of this source only."`
	JSON   bool   `help:"Print a JSON object a line."`
}

func (quarantineListCmd) Help() string {
	return `Lists the items that could not be used, with the reasons. A rejected item keeps nothing else from coming through, and an earlier good version of its record stays. It leaves quarantine when it comes well again.

The exit status is 3 if there is one.`
}

func (quarantineListCmd) Examples() []string {
	return []string{"sheaf quarantine list", "sheaf quarantine list --source letters"}
}

// quarantinePage is how many items are asked for at once.
const quarantinePage = 200

func (c *quarantineListCmd) Run(e *env) error {
	found := false
	err := e.with(func(ctx context.Context, client *control.Client) error {
		if c.Source != "" {
			if err := knownSource(ctx, client, c.Source); err != nil {
				return err
			}
		}
		var t *table
		for after := int64(0); ; {
			items, err := client.Quarantine(ctx, c.Source, after, quarantinePage)
			if err != nil {
				return err
			}
			if len(items) > 0 && !c.JSON && t == nil {
				t = newTable(e.stdout, "NUMBER", "SOURCE", "REASON", "TIMES", "LAST", "ITEM", "DETAIL")
			}
			for i := range items {
				found = true
				after = items[i].ID
				if err := c.print(e.stdout, t, &items[i]); err != nil {
					return err
				}
			}
			if len(items) < quarantinePage {
				break
			}
		}
		if t != nil {
			return t.flush()
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case found:
		return errLook
	case !c.JSON:
		fmt.Fprintln(e.stdout, "Nothing is in quarantine.")
	}
	return nil
}

func (c *quarantineListCmd) print(w io.Writer, t *table, q *store.Quarantined) error {
	if c.JSON {
		return printLine(w, newQuarantinedJSON(q))
	}
	t.row(strconv.FormatInt(q.ID, 10), q.Source, wording.ClipLine(q.Reason, 40), number(q.Times), stamp(q.LastSeen), wording.ClipLine(q.Key, 60), wording.ClipLine(q.Detail, 120))
	return nil
}

type quarantineShowCmd struct {
	Number   int64 `arg:"" help:"The number of an item, as the list gives it."`
	JSON     bool  `help:"Print JSON." xor:"form"`
	Original bool  `help:"Print what the source sent, and nothing else." xor:"form"`
}

func (quarantineShowCmd) Help() string {
	return "Shows one rejected item: why it was rejected, when it came, and what the source sent."
}

func (quarantineShowCmd) Examples() []string {
	return []string{"sheaf quarantine show 17", "sheaf quarantine show 17 --original > 17.xml"}
}

func (c *quarantineShowCmd) Run(e *env) error {
	var items []store.Quarantined
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		items, err = client.Quarantine(ctx, "", c.Number-1, 1)
		return err
	}); err != nil {
		return err
	}
	if len(items) == 0 || items[0].ID != c.Number {
		return fmt.Errorf("there is no item %d in quarantine; sheaf quarantine lists them", c.Number)
	}
	q := &items[0]
	switch {
	case c.Original:
		_, err := e.stdout.Write(q.Original)
		return err
	case c.JSON:
		return printJSON(e.stdout, newQuarantinedJSON(q))
	}
	printQuarantined(e.stdout, q)
	return nil
}

// maxShown bounds how much of an original is shown, in characters.
const maxShown = 2000

func printQuarantined(w io.Writer, q *store.Quarantined) {
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(w, "%-12s %s\n", label, wording.ClipLine(text, 1000))
		}
	}
	line("number", number(q.ID))
	line("source", q.Source)
	line("item", q.Key)
	line("record", q.Identifier)
	line("reason", q.Reason)
	line("detail", q.Detail)
	line("first", stamp(q.FirstSeen))
	line("last", stamp(q.LastSeen)+", "+wording.Count(q.Times, "time", "times"))
	if len(q.Original) > 0 {
		fmt.Fprintf(w, "\nThe source sent %s; --original prints them as they are:\n%s\n", wording.Count(int64(len(q.Original)), "byte", "bytes"), cleanLines(string(q.Original), maxShown))
	}
}

// quarantinedJSON is a rejected item in JSON.
type quarantinedJSON struct {
	Number     int64     `json:"number"`
	Source     string    `json:"source"`
	Item       string    `json:"item"`
	Identifier string    `json:"identifier,omitempty"` // of the record that the item would have become
	Reason     string    `json:"reason"`
	Detail     string    `json:"detail,omitempty"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	Times      int64     `json:"times"`
	Bytes      int       `json:"bytes"` // of what the source sent
}

func newQuarantinedJSON(q *store.Quarantined) quarantinedJSON {
	return quarantinedJSON{q.ID, q.Source, q.Key, q.Identifier, q.Reason, q.Detail, q.FirstSeen, q.LastSeen, q.Times, len(q.Original)}
}
