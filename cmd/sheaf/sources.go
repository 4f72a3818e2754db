package main

import (
	"context"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type sourcesCmd struct {
	JSON bool `help:"Print JSON."`
}

func (sourcesCmd) Help() string {
	return "Lists the sources that are configured, and those that are not any more but left records."
}

func (sourcesCmd) Examples() []string { return []string{"sheaf sources", "sheaf sources --json"} }

func (c *sourcesCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	var infos []control.SourceInfo
	if err := e.look(cfg, func(ctx context.Context, client *control.Client) (err error) {
		infos, err = sourcesOf(ctx, client, cfg)
		return err
	}); err != nil {
		return err
	}
	if c.JSON {
		out := make([]sourceJSON, 0, len(infos))
		for i := range infos {
			out = append(out, newSourceJSON(&infos[i], ""))
		}
		return printJSON(e.stdout, out)
	}
	t := newTable(e.stdout, "SOURCE", "KIND", "EVERY", "RECORDS", "FROM", "TITLE")
	for i := range infos {
		s := &infos[i]
		every := "-"
		if s.Every > 0 {
			every = config.FormatDuration(s.Every)
		}
		kind := s.Kind
		if !s.Configured {
			kind = "(not configured)"
		}
		t.row(s.Name, kind, every, number(s.Status.Live), wording.ClipLine(placeOf(s), 60), wording.ClipLine(s.Title, 60))
	}
	return t.flush()
}

// placeOf says where the records of a source come from.
func placeOf(s *control.SourceInfo) string {
	if kind, err := kinds.Of(s.Kind); err == nil && kind.Sends {
		return "is sent to /push/" + s.Name
	}
	return strings.Join(s.From, " ")
}

// look calls f with the log, or with nil if there is none yet.
func (e *env) look(cfg *config.Config, f func(context.Context, *control.Client) error) error {
	if !hasLog(cfg) {
		return f(e.ctx, nil)
	}
	client, err := e.connect(cfg)
	if err != nil {
		return err
	}
	err = f(e.ctx, client)
	if e := client.Close(); err == nil {
		err = e
	}
	return err
}

// sourcesOf returns the sources as the log knows them, or as they are configured if there is no log.
func sourcesOf(ctx context.Context, client *control.Client, cfg *config.Config) ([]control.SourceInfo, error) {
	if client == nil {
		return control.Configured(cfg), nil
	}
	return client.Sources(ctx)
}
