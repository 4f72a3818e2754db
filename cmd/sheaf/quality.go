package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type qualityCmd struct {
	Source string `arg:"" help:"The name of a source."`
	HTML   string `name:"html" placeholder:"FILE" help:"Write a page that can be sent to the provider." xor:"form"`
	JSON   bool   `help:"Print JSON." xor:"form"`
}

func (qualityCmd) Help() string {
	return `Measures the metadata of a source as it is in the log: how complete the elements are, how many dates, languages, types, rights and identifiers are in a standard form, which problems there are, and what DPLA, Europeana, OpenAIRE and BASE would object to; each with sample records.

With --html, one self-contained page is written, which needs nothing else and can be sent to the provider.`
}

func (qualityCmd) Examples() []string {
	return []string{"sheaf quality letters", "sheaf quality letters --html letters.html"}
}

func (c *qualityCmd) Run(e *env) error {
	var q *app.Quality
	if err := e.with(func(ctx context.Context, client *app.Client) (err error) {
		if err := knownSource(ctx, client, c.Source); err != nil {
			return err
		}
		q, err = client.Quality(ctx, c.Source)
		return err
	}); err != nil {
		return err
	}
	switch {
	case c.HTML != "":
		return c.page(e, q)
	case c.JSON:
		return printJSON(e.stdout, q)
	}
	fmt.Fprintf(e.stdout, "%s: measured %s; rules %s\n\n", q.Source, stamp(q.Measured), madeBy(q))
	return q.Report.WriteText(e.stdout)
}

// madeBy are the rules that made the records.
func madeBy(q *app.Quality) string {
	if len(q.Rules) == 1 {
		return q.Rules[0].Version
	}
	var parts []string
	for _, r := range q.Rules {
		parts = append(parts, fmt.Sprintf("%s (%s)", clip(r.Version, 40), count(r.Records, "record", "records")))
	}
	return strings.Join(parts, ", ")
}

// page writes the HTML page beside its place, then puts it there whole.
func (c *qualityCmd) page(e *env, q *app.Quality) (err error) {
	title := q.Title
	if title == "" {
		title = q.Source
	}
	page := quality.Page{
		Title: "Quality of " + title,
		Facts: []quality.Fact{{Name: "Source", Value: q.Source}, {Name: "Rules", Value: madeBy(q)}, {Name: "Measured", Value: stamp(q.Measured)}},
	}
	if q.Pages != "" {
		page.Link = func(identifier string) string { return recordPage(q.Pages, identifier) }
	}
	f, err := os.CreateTemp(filepath.Dir(c.HTML), ".sheaf-quality-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", c.HTML, err)
	}
	defer os.Remove(f.Name()) // it is not there any more if all went well
	err = q.Report.WriteHTML(f, page)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), c.HTML)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", c.HTML, err)
	}
	fmt.Fprintf(e.stdout, "%s: %s measured; the page is %s\n", q.Source, count(q.Report.Records, "record", "records"), c.HTML)
	return nil
}

// recordPage is the address of a record's page; empty if the identifier is not one of ours.
func recordPage(pages, identifier string) string {
	_, local, ok := strings.Cut(strings.TrimPrefix(identifier, "oai:"), ":")
	source, rest, slash := strings.Cut(local, "/")
	if !ok || !slash {
		return ""
	}
	return pages + source + "/" + pipeline.LocalPath(rest)
}
