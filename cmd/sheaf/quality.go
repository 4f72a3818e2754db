package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type qualityCmd struct {
	Source string `arg:"" help:"The name of a source."`
	HTML   string `name:"html" placeholder:"FILE" help:"Write a page that can be sent to the provider." xor:"form"`
	JSON   bool   `help:"Print JSON." xor:"form"`
	Rules  string `placeholder:"VERSION" help:"Only the records that this version of the rules has made."`
}

func (qualityCmd) Help() string {
	return `Measures the metadata of a source as it is in the log: how complete the elements are, how many dates, languages, types, rights and identifiers are in a standard form, which problems there are, and what DPLA, Europeana, OpenAIRE and BASE would object to; each with sample records.

A source whose rules have changed, and that is not wholly mapped again, has records of several versions of the rules: their figures are set side by side first. A running gateway measures what has changed by itself, and carries the figures in its metrics.

With --html, one self-contained page is written, which needs nothing else and can be sent to the provider.`
}

func (qualityCmd) Examples() []string {
	return []string{"sheaf quality letters", "sheaf quality letters --html letters.html"}
}

func (c *qualityCmd) Run(e *env) error {
	var q *quality.Survey
	if err := e.with(func(ctx context.Context, client *control.Client) (err error) {
		if err := knownSource(ctx, client, c.Source); err != nil {
			return err
		}
		q, err = client.Quality(ctx, c.Source)
		return err
	}); err != nil {
		return err
	}
	if err := c.narrow(q); err != nil {
		return err
	}
	switch {
	case c.HTML != "":
		return c.page(e, q)
	case c.JSON:
		return printJSON(e.stdout, q)
	}
	fmt.Fprintf(e.stdout, "%s: measured %s; rules: %s\n", q.Source, stamp(q.Measured), q.MadeBy())
	if q.Report.Records == 0 {
		fmt.Fprintf(e.stdout, "there is nothing to measure yet; sheaf harvest %s brings records\n", q.Source)
		return nil
	}
	fmt.Fprintln(e.stdout)
	if parts := q.Parts(); len(parts) > 1 {
		fmt.Fprintln(e.stdout, "BY VERSION OF THE RULES")
		if err := quality.WriteComparison(e.stdout, parts); err != nil {
			return err
		}
		fmt.Fprint(e.stdout, "\nALL TOGETHER\n")
	}
	return q.Report.WriteText(e.stdout)
}

// narrow keeps only the result for one version of the rules, if the user asks for one. The beginning of its name is
// enough.
func (c *qualityCmd) narrow(q *quality.Survey) error {
	if c.Rules == "" {
		return nil
	}
	var names []string
	for _, r := range q.Rules {
		if strings.HasPrefix(r.Version, c.Rules) {
			q.Report, q.Rules = r.Report, []quality.RulesMade{r}
			return nil
		}
		names = append(names, r.Version)
	}
	return usagef("--rules %s: no record of %s was made by it; the versions are %s", wording.ClipLine(c.Rules, 40), q.Source, strings.Join(names, ", "))
}

// page writes the HTML page to a file beside its place, and moves it there when it is whole.
func (c *qualityCmd) page(e *env, q *quality.Survey) (err error) {
	f, err := os.CreateTemp(filepath.Dir(c.HTML), ".sheaf-quality-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", c.HTML, err)
	}
	defer os.Remove(f.Name()) // does nothing if all went well, because the file was moved
	err = q.Report.WriteHTML(f, q.Page(pipeline.RecordPath))
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
	fmt.Fprintf(e.stdout, "%s: %s measured; the page is %s\n", q.Source, wording.Count(q.Report.Records, "record", "records"), c.HTML)
	return nil
}
