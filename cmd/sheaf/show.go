package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type showCmd struct {
	ID       string `arg:"" name:"id" help:"The identifier of a record, such as oai:gateway.example.org:letters/17, or letters/17; or one that it had before."`
	JSON     bool   `help:"Print JSON." xor:"form"`
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
		out := newRecordJSON(rec)
		out.Rules, out.Notes, out.Stale, out.Seen = rec.Rules, rec.Notes, rec.Stale, rec.Seen
		return printJSON(e.stdout, out)
	}
	return printRecord(e.stdout, rec)
}

func (c *showCmd) record(e *env) (rec *pipeline.Record, err error) {
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

// recordJSON is a record in JSON, as export writes it, with the names that events use. Only show fills in Rules, Notes,
// Stale and Seen.
type recordJSON struct {
	Identifier string          `json:"identifier"`
	Source     string          `json:"source"`
	Epoch      int64           `json:"epoch,string,omitempty"` // that seq belongs to; export fills it in
	Seq        int64           `json:"seq,string"`
	Version    int64           `json:"version"`
	Operation  string          `json:"operation"` // upserted, deleted
	Reason     string          `json:"reason,omitempty"`
	Datestamp  time.Time       `json:"datestamp"`
	Hash       string          `json:"hash"`
	Sets       []string        `json:"sets"`
	Origin     originJSON      `json:"origin"`
	Record     json.RawMessage `json:"record,omitempty"` // Dublin Core; if the record is deleted, the last that it had
	Rules      string          `json:"rules,omitempty"`  // version of the rules that made it
	Notes      json.RawMessage `json:"notes,omitempty"`
	Stale      bool            `json:"stale,omitempty"`
	Seen       time.Time       `json:"seen,omitzero"`
}

type originJSON struct {
	Identifier string    `json:"identifier"`
	Datestamp  string    `json:"datestamp,omitempty"`
	Format     string    `json:"format,omitempty"`
	Namespace  string    `json:"namespace,omitempty"`
	Harvested  time.Time `json:"harvested,omitzero"`
}

func newRecordJSON(r *pipeline.Record) recordJSON {
	out := recordJSON{
		Identifier: r.Identifier, Source: r.Source, Seq: r.Seq, Version: r.Version, Operation: "upserted", Reason: string(r.Deleted),
		Datestamp: r.Datestamp, Hash: fmt.Sprintf("%x", r.Fingerprint), Sets: r.Sets, Record: r.DC,
		Origin: originJSON{r.Origin.Identifier, r.Origin.Datestamp, r.Origin.Format.Prefix, r.Origin.Format.Namespace, r.Origin.Harvested},
	}
	if r.Deleted != pipeline.Live {
		out.Operation = "deleted"
	}
	if out.Sets == nil {
		out.Sets = []string{}
	}
	return out
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
	cfg, err := e.config()
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
