package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type remapCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"The names of sources."`
	All     bool     `help:"All sources, one after the other, in the order of the configuration."`
	Apply   bool     `help:"Store what the rules make, instead of only counting."`
	Rate    float64  `default:"1000" placeholder:"N" help:"With --apply: how many records may change in a second (1000); 0 is as many as go."`
	JSON    bool     `help:"Print JSON, a report for each source."`
}

func (remapCmd) Help() string {
	return `Runs the present rules of a source (mapping, context, corrections, then the rules for sets) over the originals that are kept, and says how many records would change, under which terms, and which sets they would enter and leave, with samples. Nothing is asked of the source.

With --apply the changes are stored, at a bounded pace. Only records of which something else is served get a new datestamp and an event. Harvests go on meanwhile; what they bring is newer and stays. A remap that was stopped goes on where it was. To go back, put the earlier rules in place and remap again.

Edited rules for sets, another name or address of the gateway, and a new release that writes a format otherwise concern all sources: --all.

The exit status is 3 if some records can't be mapped by the rules; they stay as they are.`
}

func (remapCmd) Examples() []string {
	return []string{"sheaf remap letters", "sheaf remap letters --apply", "sheaf remap letters --apply --rate 50", "sheaf remap --all"}
}

func (c *remapCmd) Run(e *env) error {
	if !(c.Rate >= 0) {
		return usagef("--rate %v: it is a number of records in a second, 0 or more", c.Rate)
	}
	cfg, err := e.config()
	if err != nil {
		return err
	}
	switch {
	case c.All && len(c.Sources) > 0:
		return usagef("--all is all sources; leave the names away")
	case c.All:
		c.Sources = cfg.Names()
	case len(c.Sources) == 0:
		return usagef("which source? Name one or several, or give --all; %s", known(cfg))
	}
	versions := make([]string, len(c.Sources))
	for i, name := range c.Sources {
		if cfg.Sources[name] == nil {
			return usagef("there is no source %q in the configuration; %s", wording.ClipLine(name, 100), known(cfg))
		}
		own, err := app.OpenRules(cfg, name)
		if err != nil {
			return usageError{err}
		}
		versions[i] = own.Version()
	}
	client, err := e.connect(cfg)
	if err != nil {
		return err
	}
	for i, name := range c.Sources {
		if i > 0 && !c.JSON {
			fmt.Fprintln(e.stdout)
		}
		if err = worse(err, c.one(e, client, name, versions[i])); e.ctx.Err() != nil {
			break
		}
	}
	if closed := client.Close(); err == nil {
		err = closed
	}
	return err
}

// worse joins the results of two sources. A failure counts more than something to look at.
func worse(a, b error) error {
	switch {
	case a == nil, errors.Is(a, errLook) && b != nil:
		return b
	case b == nil, errors.Is(b, errLook):
		return a
	}
	return errors.Join(a, b)
}

// one remaps one source.
func (c *remapCmd) one(e *env, client *control.Client, name, rules string) error {
	last, err := c.remap(e, client, name, rules)
	if last != nil {
		if c.JSON {
			if err := printJSON(e.stdout, remapJSON{last.Report, last.Corrected, last.Quarantined}); err != nil {
				return err
			}
		} else {
			printRemap(e.stdout, last, c.Apply, err == nil)
		}
	}
	switch {
	case e.ctx.Err() != nil:
		fmt.Fprintf(e.stderr, "sheaf: %s: stopped%s\n", name, map[bool]string{true: "; the next remap goes on from here"}[c.Apply])
		return errSaid
	case err != nil:
		return err
	case last.Report.Failed > 0:
		return errLook
	}
	return nil
}

// remap returns the line with the report, if it came, and the error that ended the remap.
func (c *remapCmd) remap(e *env, client *control.Client, name, rules string) (last *control.RemapLine, err error) {
	show := newRemapProgress(e.stderr, name)
	failure := "the gateway ended before the remap did; run it again, and it goes on"
	err = client.Remap(e.ctx, control.RemapOrder{Source: name, Apply: c.Apply, Rate: c.Rate, Rules: rules}, func(l *control.RemapLine) error {
		if l.Report != nil {
			last, failure = l, l.Error
		} else if l.Error != "" {
			failure = l.Error
		}
		show.line(l)
		return nil
	})
	show.end()
	if (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) && failure != "" {
		err = fmt.Errorf("%s", wording.ClipLine(failure, 1000))
	}
	return last, err
}

// remapJSON is what --json prints.
type remapJSON struct {
	*pipeline.RemapReport
	Corrections *pipeline.Corrected `json:"corrections,omitempty"`
	Quarantined int64               `json:"quarantined,omitempty"` // items of the source in quarantine, which a remap leaves alone
}

// newRemapProgress shows how far a remap is, but only on a terminal.
func newRemapProgress(w io.Writer, source string) *remapProgress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &remapProgress{}
	}
	return &remapProgress{show: &bar{w: w, source: source}}
}

type remapProgress struct{ show progress }

func (p *remapProgress) line(l *control.RemapLine) {
	if p.show != nil && l.Report == nil {
		p.show.line(&control.HarvestLine{Counts: pipeline.Counts{Items: l.Records}, Total: int(l.Total)})
	}
}

func (p *remapProgress) end() {
	if p.show != nil {
		p.show.end()
	}
}

// printRemap shows a report to a person.
func printRemap(w io.Writer, l *control.RemapLine, apply, whole bool) {
	r := l.Report
	looked := r.Changed + r.Same + r.Failed + r.Skipped
	change, same, fail := "would change", "would come out as they are", "can't be mapped, and would stay as they are"
	if apply {
		change, same, fail = "changed", "came out as they were", "can't be mapped, and stay as they are"
	}
	fmt.Fprintf(w, "%s: rules %s: looked at %s", r.Source, r.Rules, wording.Count(looked, "record", "records"))
	if looked > 0 && r.Took > 0 {
		fmt.Fprintf(w, " in %s", r.Took.Round(time.Millisecond))
	}
	fmt.Fprintln(w)
	line := func(n int64, what string) {
		if n > 0 {
			fmt.Fprintf(w, "  %9d %s\n", n, what)
		}
	}
	fmt.Fprintf(w, "  %9d %s\n", r.Changed, change)
	line(r.Same, same)
	line(r.Failed, fail)
	line(r.Skipped, "had been changed by a harvest meanwhile")
	line(r.Already, "were made by these rules already")
	for i := range r.Terms {
		t := &r.Terms[i]
		fmt.Fprintf(w, "\n%s: %s\n", t.Term, wording.Count(t.Records, "record", "records"))
		for _, s := range t.Samples {
			fmt.Fprintf(w, "  %s\n", wording.ClipLine(s.Identifier, 200))
			fmt.Fprintf(w, "    - %s\n    + %s\n", sampleText(s.Before), sampleText(s.After))
		}
	}
	for i := range r.Sets {
		printSetChange(w, &r.Sets[i])
	}
	if r.Rendered > 0 {
		fmt.Fprintf(w, "\nwritten otherwise, with the same values: %s\n", wording.Count(r.Rendered, "record", "records"))
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "\ncan't be mapped: %s\n  %s\n", wording.ClipLine(f.Identifier, 200), wording.ClipLine(f.Why, 300))
	}
	printCorrected(w, l.Corrected)
	if l.Quarantined > 0 {
		fmt.Fprintf(w, "\nnot looked at: %s in quarantine; sheaf quarantine retry --source %s tries them by the rules\n",
			wording.Count(l.Quarantined, "item", "items"), r.Source)
	}
	switch {
	case apply || !whole || r.Changed+r.Same == 0:
	case r.Changed == 0:
		fmt.Fprintf(w, "\nNo record would change; sheaf remap %s --apply notes that these rules made them.\n", r.Source)
	default:
		fmt.Fprintf(w, "\nNothing was changed; sheaf remap %s --apply does it.\n", r.Source)
	}
}

// printCorrected says what became of people's corrections.
func printCorrected(w io.Writer, c *pipeline.Corrected) {
	if c == nil {
		return
	}
	fmt.Fprintf(w, "\ncorrections: %d applied\n", c.Applied)
	some := func(n int64, what string, samples []string) {
		if n == 0 {
			return
		}
		fmt.Fprintf(w, "  %d %s:\n", n, what)
		for _, s := range samples {
			fmt.Fprintf(w, "    %s\n", wording.ClipLine(s, 500))
		}
	}
	some(c.Gone, "without effect, for the value to correct is gone", c.GoneSome)
	some(c.Nameless, "for no record", c.NamelessSome)
}

func printSetChange(w io.Writer, c *pipeline.SetChange) {
	var moves []string
	if c.Enter > 0 {
		moves = append(moves, wording.Count(c.Enter, "record enters", "records enter"))
	}
	if c.Leave > 0 {
		moves = append(moves, wording.Count(c.Leave, "record leaves", "records leave"))
	}
	fmt.Fprintf(w, "\nset %s: %s\n", wording.ClipLine(c.Set, 200), strings.Join(moves, ", "))
	for _, s := range c.Samples {
		if leaves, ok := strings.CutPrefix(s, "-"); ok {
			fmt.Fprintf(w, "    - %s\n", wording.ClipLine(leaves, 200))
		} else {
			fmt.Fprintf(w, "    + %s\n", wording.ClipLine(s, 200))
		}
	}
}

func sampleText(values []string) string {
	if len(values) == 0 {
		return "(none)"
	}
	return wording.ClipLine(strings.Join(values, " | "), 400)
}
