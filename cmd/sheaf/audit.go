package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/audit"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type auditCmd struct {
	Limit int  `default:"100" placeholder:"N" help:"How many to list, the last first."`
	JSON  bool `help:"Print a JSON object a line."`
}

func (auditCmd) Help() string {
	return `Lists what people have done to the gateway, by commands and on the operators' pages: decisions, takedowns, retirements, pauses, harvests that were more than usual, remaps, backups, restores, and who signed in to the pages or tried to.

It is kept in the data folder, in audit.ndjson and audit.1.ndjson, within the bounds of keep.audit, apart from the log of records: a restored backup takes nothing of it back.`
}

func (auditCmd) Examples() []string {
	return []string{"sheaf audit", `sheaf audit --json --limit 100000 | jq 'select(.what == "takedown")'`}
}

func (c *auditCmd) Run(e *env) error {
	if c.Limit < 1 {
		return usagef("--limit %d: list at least one", c.Limit)
	}
	cfg, err := e.config()
	if err != nil {
		return err
	}
	entries, err := app.AuditLog(cfg).Last(c.Limit)
	if err != nil {
		return err
	}
	if c.JSON {
		for i := range entries {
			if err := printLine(e.stdout, &entries[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(entries) == 0 {
		fmt.Fprintln(e.stdout, "Nobody has done anything yet that is written down.")
		return nil
	}
	t := newTable(e.stdout, "WHEN", "WHO", "HOW", "WHAT", "TO WHAT", "WHY, AND MORE")
	for i := range entries {
		a := &entries[i]
		t.row(stamp(a.At), wording.ClipLine(a.Who, 40), wording.ClipLine(strings.TrimSpace(a.Via+" "+a.From), 60), wording.ClipLine(a.What, 20),
			wording.ClipLine(cmp.Or(a.Record, a.Source, a.File), 100), wording.ClipLine(why(a), 200))
	}
	return t.flush()
}

// why says why something was done, and what came of it.
func why(a *audit.Entry) string {
	var out []string
	for _, text := range []string{a.Reason, a.More} {
		if text != "" {
			out = append(out, text)
		}
	}
	if a.Run != 0 {
		out = append(out, fmt.Sprintf("run %d", a.Run))
	}
	return strings.Join(out, "; ")
}
