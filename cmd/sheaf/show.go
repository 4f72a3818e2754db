package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type showCmd struct {
	ID       string `arg:"" name:"id" help:"The identifier of a record, such as oai:gateway.example.org:letters/17, or letters/17; or one that it had before."`
	JSON     bool   `help:"Print JSON: the line of sheaf export and of /changes, with what else is kept of the record (rules, notes, stale, seen; of a deleted one its last Dublin Core)." xor:"form"`
	Original bool   `help:"Print what the source sent, byte by byte." xor:"form"`
}

func (showCmd) Help() string {
	return "Shows one record: its Dublin Core, with each value that was not taken from the source marked as such; where it came from; what the mapping noticed."
}

func (showCmd) Examples() []string {
	return []string{"sheaf show oai:gateway.example.org:letters/17", "sheaf show oai:gateway.example.org:letters/17 --original > 17.xml"}
}

func (c *showCmd) Run(e *env) error {
	rec, err := c.record(e)
	if err != nil {
		return err
	}
	switch {
	case c.Original:
		_, err = e.stdout.Write(rec.Original)
		return err
	case c.JSON:
		return printLineOf(e.stdout, rec)
	}
	return printRecord(e.stdout, &rec.Record)
}

func (c *showCmd) record(e *env) (rec *control.Shown, err error) {
	cfg, err := e.config()
	if err != nil {
		return nil, err
	}
	client, err := e.connect(cfg)
	if err != nil {
		return nil, err
	}
	rec, err = client.Record(e.ctx, c.ID)
	if closed := client.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, pipeline.ErrNotFound) {
		return nil, fmt.Errorf("there is no record %s; identifiers look like oai:<namespace>:<source>/<local>, or <source>/<local> for short, and sheaf export lists them", wording.ClipLine(c.ID, 200))
	}
	return rec, err
}

// A shownJSON is what show says of a record beside its line, which is that of export and of the feed of changes.
type shownJSON struct {
	Record json.RawMessage `json:"record,omitempty"`   // of a deleted record, the last Dublin Core that it had
	Rules  string          `json:"rules,omitempty"`    // version of the rules that made it
	Notes  json.RawMessage `json:"notes,omitempty"`    // what the mapping noticed
	Stale  bool            `json:"stale,omitempty"`    // the newest harvest of it was rejected
	Seen   time.Time       `json:"last_seen,omitzero"` // when the source was last seen to have it
}

// printLineOf prints the line of a record, with what else is kept of it.
func printLineOf(w io.Writer, rec *control.Shown) error {
	more := shownJSON{Rules: rec.Rules, Notes: rec.Notes, Stale: rec.Stale, Seen: rec.Seen}
	if rec.Deleted != pipeline.Live {
		more.Record = rec.DC
	}
	members, err := json.Marshal(more)
	if err != nil {
		return err
	}
	ev := rec.Event
	ev.NameSource()
	enc := changejson.NewEncoder(rec.URL)
	line := bytes.TrimSuffix(enc.AppendLine(nil, &ev, changejson.Extras{Origin: true}), []byte("}\n"))
	if len(members) > len("{}") {
		line = append(line, ',')
	}
	line = append(line, members[1:]...)
	var out bytes.Buffer
	if err := json.Indent(&out, line, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = out.WriteTo(w)
	return err
}

// printRecord shows a record to a person.
func printRecord(w io.Writer, r *pipeline.Record) error {
	line := func(label, format string, args ...any) {
		fmt.Fprintf(w, "%-12s %s\n", label, wording.Line(fmt.Sprintf(format, args...)))
	}
	line("identifier", "%s", r.Identifier)
	line("source", "%s", r.Source)
	if r.Deleted != pipeline.Live {
		line("state", "deleted (%s)", r.Deleted)
	} else if r.Stale {
		line("state", "live, but stale: what came last was rejected; sheaf quarantine list --source %s says why", r.Source)
	} else {
		line("state", "live")
	}
	line("version", "%d, of %s, at seq %d", r.Version, stamp(r.Datestamp), r.Seq)
	if r.Rules != "" {
		line("rules", "%s", r.Rules)
	}
	line("sets", "%s", strings.Join(r.Sets, " "))
	line("upstream", "%s", r.Origin.Identifier)
	if r.Origin.Datestamp != "" {
		line("", "datestamp %s", r.Origin.Datestamp)
	}
	if r.Origin.Format.Prefix != "" {
		line("", "format %s", strings.TrimSpace(r.Origin.Format.Prefix+" "+r.Origin.Format.Namespace))
	}
	if !r.Origin.Harvested.IsZero() {
		line("", "harvested %s", stamp(r.Origin.Harvested))
	}
	if !r.Seen.IsZero() {
		line("", "last seen %s", stamp(r.Seen))
	}
	if len(r.DC) > 0 {
		fmt.Fprintln(w)
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(r.DC); err != nil {
			return fmt.Errorf("read %s: %w", r.Identifier, err)
		}
		dc.Sort()
		for i := range dc.Values {
			v := &dc.Values[i]
			line(v.Term.String(), "%s", valueLine(v))
		}
	}
	notes, err := dublincore.UnmarshalNotes(r.Notes)
	if err != nil {
		return fmt.Errorf("read the notes of %s: %w", r.Identifier, err)
	}
	if len(notes) > 0 {
		fmt.Fprintln(w)
		for _, n := range notes {
			line("note", "%s", noteLine(n))
		}
	}
	if n := len(r.Original); n > 0 {
		fmt.Fprintf(w, "\nThe original has %s; --original prints it.\n", wording.Count(int64(n), "byte", "bytes"))
	}
	return nil
}

// valueLine returns a line with a value and what is known of it.
func valueLine(v *dublincore.Value) string {
	var about []string
	if v.Lang != "" {
		about = append(about, v.Lang)
	}
	if v.Scheme != "" {
		about = append(about, v.Scheme)
	}
	if v.Original != "" && v.Original != v.Text {
		about = append(about, "as written: "+wording.ClipLine(v.Original, 200))
	}
	if v.From != dublincore.Extracted {
		about = append(about, "from "+v.From.String())
	}
	if len(about) == 0 {
		return v.Text
	}
	return v.Text + "  [" + strings.Join(about, "; ") + "]"
}

func noteLine(n dublincore.Note) string {
	s := n.Kind.String()
	if n.Term != 0 {
		s = n.Term.String() + ": " + s
	}
	if n.Text != "" {
		s += ": " + wording.ClipLine(n.Text, 300)
	}
	return s
}

// with calls f with the log of the configuration.
func (e *env) with(f func(context.Context, *control.Client) error) error {
	cfg, err := e.reachable()
	if err != nil {
		return err
	}
	client, err := e.connect(cfg)
	if err != nil {
		return err
	}
	err = f(e.ctx, client)
	if closed := client.Close(); err == nil {
		err = closed
	}
	return err
}
