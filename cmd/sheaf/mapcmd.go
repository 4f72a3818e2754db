package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/ead"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type mapCmd struct {
	Source string `arg:"" help:"The name of a source."`
	File   string `arg:"" optional:"" help:"A file with one original, in the source's format, or with a page of them (a saved page of a listing, a response of OAI-PMH, a file of MARC records, an answer in JSON); - is the standard input. Default: records from the log."`
	ID     string `placeholder:"ID" help:"The record with this identifier, from the log."`
	Limit  int    `placeholder:"N" help:"How many records from the log, or of a page, to show (1), or components of a finding aid (20); at most 100."`
	JSON   bool   `help:"Print a JSON object a line."`
}

func (mapCmd) Help() string {
	return `Shows originals beside what the present rules of a source make of them: for each value the rule (file and line) and the field that it came from, then what was selected but not used, and what the mapping noticed. Nothing is stored, and nothing is asked of the source.

Of a finding aid in EAD, the collection is shown and then its components, each with what it inherits from the levels around it. A source of kind files shows what its harvest makes of the file; other kinds bring the collection alone.

The exit status is 3 if an original can't be mapped.`
}

func (mapCmd) Examples() []string {
	return []string{"sheaf map letters", "sheaf map letters --id oai:gateway.example.org:letters/17", "sheaf map letters 17.xml", "sheaf map papers finding-aid.xml --limit 5", "sheaf map letters --limit 20 --json"}
}

// maxOriginal bounds an original from a file, in bytes.
const maxOriginal = 16 << 20

func (c *mapCmd) Run(e *env) error {
	switch {
	case c.File != "" && c.ID != "":
		return usagef("give a file or --id, not both")
	case c.Limit < 0 || c.Limit > 100:
		return usagef("--limit %d: from 1 to 100 records can be shown", c.Limit)
	}
	cfg, err := e.config()
	if err != nil {
		return err
	}
	if cfg.Sources[c.Source] == nil {
		return usagef("there is no source %q in the configuration; %s", wording.ClipLine(c.Source, 100), known(cfg))
	}
	own, err := app.OpenRules(cfg, c.Source)
	if err != nil {
		return usageError{err}
	}
	var shown []mapped
	if c.File != "" {
		shown, err = c.inFile(e, cfg, own)
	} else {
		shown, err = c.kept(e, cfg, own)
	}
	if err != nil {
		return err
	}
	return c.print(e, shown)
}

// A mapped says what was made of an original, or of a component of a finding aid.
type mapped struct {
	Component string `json:"component,omitempty"` // its place in a finding aid: "2/1 (file)"
	More      int    `json:"more,omitempty"`      // how many components or records of a file follow and are not shown
	*rules.Explained
}

// inFile explains the original in the file. If the file is a finding aid it explains the components too, and if it is a
// page of originals it explains those.
func (c *mapCmd) inFile(e *env, cfg *config.Config, own *rules.Rules) (out []mapped, err error) {
	original, err := c.read(e)
	if err != nil {
		return nil, err
	}
	file := kinds.File{Path: c.File, Content: original}
	if c.File == "-" {
		file.Path = ""
	}
	if explained, more, isPage, err := app.ExplainPage(e.ctx, own, cfg, file, max(c.Limit, 1)); isPage || err != nil {
		for _, one := range explained {
			out = append(out, mapped{Explained: one})
		}
		if len(out) > 0 {
			out[len(out)-1].More = more
		}
		return out, err
	}
	out = append(out, mapped{Explained: own.ExplainFile(original)})
	if out[0].Error != "" {
		return out, nil
	}
	return c.components(out, own, original), nil
}

// components explains the components of a finding aid, if the original is one. A harvest of this kind of source doesn't
// bring them; one of kind files does, whose files are pages of records.
func (c *mapCmd) components(out []mapped, own *rules.Rules, original []byte) []mapped {
	aid, err := ead.Read(original)
	if err != nil {
		return out // it is not a finding aid
	}
	left := cmp.Or(c.Limit, 20)
	for component := range aid.Components() {
		if left--; left < 0 {
			out[len(out)-1].More++
			continue
		}
		place := component.Path
		if about := strings.TrimSpace(component.Level + " " + component.ID); about != "" {
			place += " (" + about + ")"
		}
		out = append(out, mapped{Component: place, Explained: own.ExplainFile(component.Original)})
	}
	return out
}

func (c *mapCmd) read(e *env) ([]byte, error) {
	in := e.stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	original, err := io.ReadAll(io.LimitReader(in, maxOriginal+1))
	if err == nil && len(original) > maxOriginal {
		err = fmt.Errorf("%s is larger than %d MiB; give a file with one record", c.File, maxOriginal>>20)
	}
	return original, err
}

// kept explains records of the log.
func (c *mapCmd) kept(e *env, cfg *config.Config, own *rules.Rules) (out []mapped, err error) {
	client, err := e.connect(cfg)
	if err != nil {
		return nil, err
	}
	out, err = c.explain(e.ctx, client, own)
	return out, errors.Join(err, client.Close())
}

func (c *mapCmd) explain(ctx context.Context, client *control.Client, own *rules.Rules) (out []mapped, err error) {
	if c.ID == "" {
		records, err := client.Originals(ctx, c.Source, max(c.Limit, 1))
		for i := range records {
			out = append(out, mapped{Explained: own.Explain(&records[i].Record)})
		}
		if err == nil && len(out) == 0 {
			err = fmt.Errorf("there is no record of %s in the log yet; sheaf harvest %s brings some, or give a file", c.Source, c.Source)
		}
		return out, err
	}
	rec, err := client.Record(ctx, c.ID)
	switch {
	case errors.Is(err, pipeline.ErrNotFound):
		return nil, fmt.Errorf("there is no record %s; identifiers look like oai:<namespace>:<source>/<local>, and sheaf export lists them", wording.ClipLine(c.ID, 200))
	case err != nil:
		return nil, err
	case rec.Source != c.Source:
		return nil, usagef("the record %s is of the source %s: sheaf map %s --id …", wording.ClipLine(c.ID, 200), rec.Source, rec.Source)
	case len(rec.Original) == 0:
		return nil, fmt.Errorf("the record %s has no original: it is deleted (%s)", wording.ClipLine(c.ID, 200), rec.Deleted)
	}
	return []mapped{{Explained: own.Explain(&rec.Record)}}, nil
}

func (c *mapCmd) print(e *env, explained []mapped) error {
	var err error
	components := false
	for i, one := range explained {
		if one.Error != "" {
			err = errLook
		}
		if c.JSON {
			if e := printLine(e.stdout, one); e != nil {
				return e
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		if one.Component != "" {
			components = true
			fmt.Fprintln(e.stdout, "component", wording.ClipLine(one.Component, 200))
		}
		printExplained(e.stdout, one.Explained, terminalWidth(e.stdout))
		if one.More > 0 {
			what := "record"
			if one.Component != "" {
				what = "component"
			}
			fmt.Fprintf(e.stdout, "\n%s; --limit shows up to 100.\n", wording.Count(int64(one.More), "more "+what, "more "+what+"s"))
		}
	}
	if components && !c.JSON {
		fmt.Fprintln(e.stdout, "\nA harvest of this source brings the collection alone; kind: files with components: all makes records of the components.")
	}
	return err
}

// terminalWidth returns how many columns the terminal has; 100 if that is not known.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return 100
}

// Bounds of what is shown of an original, and of one of its fields, in characters.
const (
	maxMapped = 8000
	maxField  = 200
)

// printExplained shows an original beside what was made of it.
func printExplained(w io.Writer, e *rules.Explained, width int) {
	if e.Identifier != "" {
		fmt.Fprintln(w, wording.ClipLine(e.Identifier, 1000))
	}
	fmt.Fprintf(w, "format %s, rules %s\n", cmp.Or(wording.ClipLine(e.Format, 100), "not recognised"), e.Rules)
	if e.Error == "" {
		fmt.Fprintf(w, "sets %s\n", wording.ClipLine(strings.Join(e.Sets, " "), 1000))
	}
	fmt.Fprintln(w)
	var right []string
	for i := range e.Values {
		right = append(right, explainedLines(&e.Values[i])...)
	}
	if e.Error != "" {
		right = append(right, "can't be mapped: "+wording.ClipLine(e.Error, 1000))
	}
	printBeside(w, cleanLines(e.Legible(), maxMapped), right, width)
	for _, u := range e.Unused {
		fmt.Fprintf(w, "unused   %s: %s\n", ruleName(&u), wording.ClipLine(u.Input, maxField)+reason(u.Reason))
	}
	for _, u := range e.Unread {
		fmt.Fprintf(w, "unread   %s (%d): no rule looks at it: %s\n", u.Field, u.Count, wording.ClipLine(u.Text, maxField))
	}
	for _, n := range e.Notes {
		fmt.Fprintf(w, "note     %s\n", wording.ClipLine(noteLine(n), 500))
	}
}

// explainedLines returns a line with a value, and below it lines that say where it came from.
func explainedLines(v *rules.ExplainedValue) []string {
	text := v.Term.String() + "  " + wording.ClipLine(v.Value, 1000)
	if v.Lang != "" {
		text += " [" + v.Lang + "]"
	}
	if v.Scheme != "" {
		text += " [" + v.Scheme + "]"
	}
	lines := []string{text}
	for i := range v.Rules {
		line := "    < " + ruleName(&v.Rules[i])
		if in := wording.ClipLine(v.Rules[i].Input, maxField); in != "" && in != wording.ClipLine(v.Value, maxField) {
			line += ": " + in
		}
		lines = append(lines, line+reason(v.Rules[i].Reason))
	}
	switch {
	case len(v.Rules) == 0:
		lines = append(lines, "    < "+v.From)
	case v.From == "curated" && v.Rules[0].Reason == "":
		lines[1] += " (a person's correction)"
	}
	return lines
}

// ruleName names a rule by its place and the field that it took: "listing.map:3 date".
func ruleName(r *rules.ExplainedRule) string {
	name := r.Place()
	if r.Field != "" {
		name += " " + wording.ClipLine(r.Field, maxField)
	}
	return name
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return " (" + wording.ClipLine(s, maxField) + ")"
}
