package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sheaf-gateway/sheaf/internal/wording"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// fromGateway writes out what a gateway elsewhere has, which it tells over HTTP. What is cut is asked for again.
func (c *exportCmd) fromGateway(e *env) error {
	u, err := gatewayURL(c.From)
	if err != nil {
		return err
	}
	after, err := parsePosition(c.After)
	if err != nil {
		return err
	}
	xml := c.Format == "oai_dc"
	f := follow.Follower{
		Gateway: u.String(), Source: c.Source, With: follow.With{OAIDC: xml, Origin: !xml, Line: !xml}, Patience: patience,
		Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	w := bufio.NewWriterSize(e.stdout, 1<<16)
	list := &listRecords{w: w}
	if xml {
		if err := list.begin(); err != nil {
			return err
		}
	}
	n, pass, last := int64(0), int64(0), after
	err = f.CatchUp(e.ctx, follow.Place{Position: after}, func(_ context.Context, b *follow.Batch) error {
		again := b.Sweep() || b.Place.Filling // it reads everything
		if after != (pipeline.Position{}) && again || pass != 0 && b.Pass() != pass {
			return errReplaced
		}
		for i := range b.Changes {
			if err := c.writeChange(w, list, &b.Changes[i]); err != nil {
				return err
			}
		}
		n, pass, last = n+int64(len(b.Changes)), b.Pass(), b.Place.Position
		return w.Flush()
	})
	switch {
	case errors.Is(err, errReplaced):
		return fmt.Errorf("the log of %s was replaced, by a restore for instance; begin again without --after", wording.ClipLine(u.String(), 200))
	case err != nil:
		return err
	}
	if xml {
		if err := list.end(); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.stderr, "%s; sheaf watch --from %s --after %s goes on from here\n", wording.Count(n, "record", "records"), u, last)
	return w.Flush()
}

func (c *exportCmd) writeChange(w *bufio.Writer, list *listRecords, ch *follow.Change) error {
	if c.Format == "oai_dc" {
		return list.change(ch)
	}
	_, _ = w.Write(ch.Line) // an error stays with the writer
	return w.WriteByte('\n')
}

// change writes a change as a record of OAI-PMH, as its gateway serves it.
func (l *listRecords) change(ch *follow.Change) error {
	b := append(l.buf[:0], "<record>"...)
	b = appendHeader(b, ch.Identifier, ch.Deleted(), ch.Datestamp, ch.Sets)
	if !ch.Deleted() {
		b = append(append(append(b, "<metadata>"...), ch.OAIDC...), "</metadata>"...)
	}
	l.buf = append(b, "</record>\n"...)
	_, err := l.w.Write(l.buf)
	return err
}
