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
	List  quarantineListCmd  `cmd:"" default:"withargs" help:"List the rejected items, with the reasons."`
	Show  quarantineShowCmd  `cmd:"" help:"Show a rejected item, with what the source sent."`
	Retry quarantineRetryCmd `cmd:"" help:"Try rejected items again, with the mapping as it is now."`
	Drop  quarantineDropCmd  `cmd:"" help:"Say that rejected items need nobody's attention."`
}

type quarantineListCmd struct {
	Source  string `placeholder:"S" help:"Items of this source only."`
	Dropped bool   `help:"Items that were dropped, too."`
	JSON    bool   `help:"Print a JSON object a line."`
}

func (quarantineListCmd) Help() string {
	return `Lists the items that could not be used, with the reasons. A rejected item keeps nothing else from coming through, and an earlier good version of its record stays. It leaves quarantine when it comes well again. After the mapping was mended, sheaf quarantine retry tries items again without asking the source; sheaf quarantine drop says that items need nobody's attention.

The exit status is 3 if there is one that was not dropped.`
}

func (quarantineListCmd) Examples() []string {
	return []string{"sheaf quarantine list", "sheaf quarantine list --source letters"}
}

func (c *quarantineListCmd) Run(e *env) error {
	found := false
	err := e.with(func(ctx context.Context, client *control.Client) error {
		var t *table
		err := eachQuarantined(ctx, client, c.Source, func(q *store.Quarantined) error {
			if !q.Dismissed.IsZero() && !c.Dropped {
				return nil
			}
			if !c.JSON && t == nil {
				t = newTable(e.stdout, "NUMBER", "SOURCE", "REASON", "TIMES", "LAST", "ITEM", "DETAIL")
			}
			found = found || q.Dismissed.IsZero()
			return c.print(e.stdout, t, q)
		})
		if err == nil && t != nil {
			err = t.flush()
		} else if err == nil && !c.JSON {
			fmt.Fprintln(e.stdout, "Nothing is in quarantine.")
		}
		return err
	})
	if err == nil && found {
		err = errLook
	}
	return err
}

// quarantinePage is how many items are asked for at once.
const quarantinePage = 200

// eachQuarantined calls f for each rejected item of a source, or of all if it is empty, in order of their numbers.
func eachQuarantined(ctx context.Context, client *control.Client, source string, f func(*store.Quarantined) error) error {
	if source != "" {
		if err := knownSource(ctx, client, source); err != nil {
			return err
		}
	}
	for after := int64(0); ; {
		items, err := client.Quarantine(ctx, source, after, quarantinePage)
		if err != nil || len(items) == 0 {
			return err
		}
		for i := range items {
			after = items[i].ID
			if err := f(&items[i]); err != nil {
				return err
			}
		}
	}
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
	var q *store.Quarantined
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		q, err = quarantined(ctx, client, c.Number)
		return err
	}); err != nil {
		return err
	}
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

// quarantined is the item with this number.
func quarantined(ctx context.Context, client *control.Client, number int64) (*store.Quarantined, error) {
	items, err := client.Quarantine(ctx, "", number-1, 1)
	if err == nil && (len(items) == 0 || items[0].ID != number) {
		err = fmt.Errorf("there is no item %d in quarantine; sheaf quarantine lists them", number)
	}
	if err != nil {
		return nil, err
	}
	return &items[0], nil
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
	if !q.Dismissed.IsZero() {
		line("dropped", stamp(q.Dismissed)+", by "+q.DismissedBy)
	}
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
	Dropped    time.Time `json:"dropped,omitzero"`
	DroppedBy  string    `json:"dropped_by,omitempty"`
}

func newQuarantinedJSON(q *store.Quarantined) quarantinedJSON {
	return quarantinedJSON{q.ID, q.Source, q.Key, q.Identifier, q.Reason, q.Detail, q.FirstSeen, q.LastSeen, q.Times, len(q.Original), q.Dismissed, q.DismissedBy}
}
