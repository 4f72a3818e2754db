package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type harvestersCmd struct {
	JSON bool `help:"Print JSON."`
}

func (harvestersCmd) Help() string {
	return "Lists the programs that harvested this gateway by OAI-PMH in the last 30 days: who, what they asked for, how far they came and how fast, and whether they came to the end."
}

func (harvestersCmd) Examples() []string {
	return []string{"sheaf harvesters", "sheaf harvesters --json"}
}

func (c *harvestersCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	all := []control.HarvesterInfo{}
	if err := e.look(cfg, func(ctx context.Context, client *control.Client) (err error) {
		if client != nil {
			all, err = client.Harvesters(ctx)
		}
		return err
	}); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(e.stdout, "Nobody has harvested this gateway in the last 30 days.")
		return nil
	}
	now := time.Now()
	t := newTable(e.stdout, "CLIENT", "REQUEST", "STATE", "POSITION", "RECORDS/S", "BEGAN", "LAST", "AGENT")
	for i := range all {
		h := &all[i]
		t.row(wording.Line(h.Address), wording.ClipLine(h.Asked(), 80), h.State, h.Place(), number(int64(h.Speed)), ago(h.Began, now), ago(h.Last, now),
			wording.ClipLine(strings.TrimSpace(h.Agent+" "+h.Contact), 60))
	}
	return t.flush()
}
