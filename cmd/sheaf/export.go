package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

type exportCmd struct {
	Format string `enum:"ndjson,oai_dc" default:"ndjson" help:"ndjson: a JSON object a line, the line of /changes and the data of an event, with its origin. oai_dc: one XML document, a ListRecords of OAI-PMH."`
	Source string `placeholder:"S" help:"Records of this source only."`
	From   string `placeholder:"URL" help:"Export a gateway elsewhere, by the address of its public pages."`
	After  string `placeholder:"CURSOR" help:"With --from: only what has changed behind this place in its log, <epoch>.<seq>."`
}

func (exportCmd) Help() string {
	return `Writes all records to the standard output, deleted ones too, in the order of the log. At the end it says, on the standard error, the place in the log that the export is true for: events after that place continue it without a gap.

A line is that of /changes?with=origin, here and with --from; its schema is at /schemas/record-change.v1.json of each gateway. A record that changes meanwhile may come twice: the later line is right.`
}

func (exportCmd) Examples() []string {
	return []string{"sheaf export > records.ndjson", "sheaf export --format oai_dc --source letters > letters.xml", "sheaf export --from https://gateway.example.org/ > records.ndjson"}
}

// An exporter writes records in a format.
type exporter interface {
	begin() error
	record(*pipeline.Event) error
	end() error
}

func (c *exportCmd) Run(e *env) error {
	switch {
	case c.From != "":
		return c.fromGateway(e)
	case c.After != "":
		return usagef("--after goes with --from; of this gateway sheaf watch --after says what has changed")
	}
	w := bufio.NewWriterSize(e.stdout, 1<<16)
	return e.with(func(ctx context.Context, client *control.Client) error {
		if err := c.known(ctx, client); err != nil {
			return err
		}
		// The export meets every record up to this head, in its present state or a later one.
		info, err := client.Info(ctx)
		if err != nil {
			return err
		}
		var out exporter = &ndjson{w: w, enc: changejson.NewEncoder(info.URL)}
		if c.Format == "oai_dc" {
			out = &listRecords{w: w}
		}
		if err := out.begin(); err != nil {
			return err
		}
		n := int64(0)
		if err := client.Records(ctx, c.Source, func(ev *pipeline.Event) error {
			n++
			return out.record(ev)
		}); err != nil {
			return err
		}
		if err := out.end(); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(e.stderr, "%s; sheaf watch --after %s goes on from here, and so does /changes?after=%[2]s\n", wording.Count(n, "record", "records"), info.Head.Cursor)
		return nil
	})
}

// known refuses a source that is neither configured nor in the log, because an empty export would hide a typing mistake.
func (c *exportCmd) known(ctx context.Context, client *control.Client) error {
	if c.Source == "" {
		return nil
	}
	return knownSource(ctx, client, c.Source)
}

func knownSource(ctx context.Context, client *control.Client, name string) error {
	infos, err := client.Sources(ctx)
	if err != nil {
		return err
	}
	for i := range infos {
		if infos[i].Name == name {
			return nil
		}
	}
	return usagef("there is no source %q; sheaf sources lists them", wording.ClipLine(name, 100))
}

// An ndjson writes the lines of /changes?with=origin.
type ndjson struct {
	w   io.Writer
	enc changejson.Encoder
	buf []byte
}

func (n *ndjson) begin() error { return nil }
func (n *ndjson) record(ev *pipeline.Event) error {
	n.buf = n.enc.AppendLine(n.buf[:0], ev, changejson.Extras{Origin: true})
	_, err := n.w.Write(n.buf)
	return err
}
func (n *ndjson) end() error { return nil }

// listRecords writes records as the ListRecords element of OAI-PMH.
type listRecords struct {
	w   io.Writer
	buf []byte
}

func (l *listRecords) begin() error {
	_, err := io.WriteString(l.w, xmlDeclaration+`<ListRecords xmlns="http://www.openarchives.org/OAI/2.0/">`+"\n")
	return err
}

const xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

func (l *listRecords) record(r *pipeline.Event) error {
	b := append(l.buf[:0], "<record>"...)
	b = appendHeader(b, r.Identifier, r.Deleted != pipeline.Live, r.Datestamp, r.Sets)
	if r.Deleted == pipeline.Live {
		var dc dublincore.Record
		if err := dc.UnmarshalJSON(r.DC); err != nil {
			return fmt.Errorf("export %s: %w", r.Identifier, err)
		}
		b = append(b, "<metadata>"...)
		b = dc.AppendOAIDC(b)
		b = append(b, "</metadata>"...)
	}
	b = append(b, "</record>\n"...)
	l.buf = b
	_, err := l.w.Write(b)
	return err
}

func appendHeader(b []byte, identifier string, deleted bool, datestamp time.Time, sets []string) []byte {
	b = append(b, "<header"...)
	if deleted {
		b = append(b, ` status="deleted"`...)
	}
	b = append(b, "><identifier>"...)
	b = xmlscan.AppendText(b, identifier)
	b = append(b, "</identifier><datestamp>"...)
	b = oaipmh.AppendDatestamp(b, datestamp)
	b = append(b, "</datestamp>"...)
	for _, s := range sets {
		b = append(b, "<setSpec>"...)
		b = xmlscan.AppendText(b, s)
		b = append(b, "</setSpec>"...)
	}
	return append(b, "</header>"...)
}

func (l *listRecords) end() error {
	_, err := io.WriteString(l.w, "</ListRecords>\n")
	return err
}
