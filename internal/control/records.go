package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// named returns the identifier of the record that a person means: people may leave out what all identifiers begin with,
// oai:<namespace>:, as corrections and the addresses of pages do, and may call a renamed source by its name of now. What no
// record is called comes back as it is.
func (g *Gateway) named(ctx context.Context, id string) string {
	begin := "oai:" + g.Log.Namespace() + ":"
	short := strings.TrimPrefix(id, begin)
	source, local, ok := strings.Cut(short, "/")
	if begin == "oai::" || strings.HasPrefix(short, "oai:") || !ok {
		return id
	}
	if _, err := g.Log.Record(ctx, id); !errors.Is(err, pipeline.ErrNotFound) {
		return id // an identifier that the record has, or had before
	}
	others := []string{begin + short}
	if s, err := g.Source(source); err == nil && s.Minted != "" {
		others = append(others, begin+s.Minted+"/"+local)
	}
	for _, other := range others {
		if rec, err := g.Log.Record(ctx, other); err == nil {
			return rec.Identifier
		}
	}
	return id
}

// A Shown is one record, with all that is kept of it.
type Shown struct {
	pipeline.Event
	URL string // the gateway's public root, without a slash at the end
}

func (g *Gateway) serveRecord(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	rec, err := g.Log.Record(ctx, g.named(ctx, r.FormValue("id")))
	if err != nil {
		refuse(w, err)
		return
	}
	before, err := g.Log.Changes(ctx, pipeline.Wanted{After: rec.Seq, Down: true, Limit: 1, Bytes: 1})
	if err != nil {
		refuse(w, err)
		return
	}
	out := Shown{Event: pipeline.Event{Record: *rec, Epoch: before.Head.Epoch}, URL: g.URL}
	if len(before.Records) > 0 {
		out.Prev = before.Records[0].Seq
	}
	answer(w, out)
}

// What is read of the log in one snapshot.
const (
	exportPage  = 500
	exportBytes = 8 << 20
)

var errReplaced = errors.New("the log began a new epoch while it was read (a backup was restored, for instance); start again")

// serveRecords streams the log: the records of a source, or all, one a line, until the head.
func (g *Gateway) serveRecords(w http.ResponseWriter, r *http.Request) {
	wanted := pipeline.Wanted{Source: r.FormValue("source"), Limit: exportPage, Bytes: exportBytes}
	out := json.NewEncoder(w) // buffered: a log may have millions of records
	for epoch, prev := int64(0), int64(0); ; {
		page, err := g.Log.Changes(r.Context(), wanted)
		if err == nil && epoch != 0 && page.Head.Epoch != epoch {
			err = errReplaced
		}
		if err != nil {
			_ = out.Encode(failure{err.Error()})
			return
		}
		epoch = page.Head.Epoch
		for i := range page.Records {
			ev := pipeline.Event{Record: page.Records[i], Epoch: epoch, Prev: prev}
			ev.NameSource()
			if err := out.Encode(&ev); err != nil {
				return // the reader has gone
			}
			prev = ev.Seq
		}
		if wanted.After = page.Upto; page.Upto >= page.Head.Seq {
			return
		}
	}
}

// Record gives one record. The error is [pipeline.ErrNotFound] if there is none.
func (c *Client) Record(ctx context.Context, identifier string) (*Shown, error) {
	var rec Shown
	return &rec, c.get(ctx, "/record", url.Values{"id": {identifier}}, &rec)
}

// Records calls f for each record of the log, in the log's order, with the record before it as Prev. If source is not
// empty, only records of that source are given. All are of one epoch, or the error says that another has begun.
func (c *Client) Records(ctx context.Context, source string, f func(*pipeline.Event) error) error {
	return lines(ctx, c, http.MethodGet, "/records", url.Values{"source": {source}}, func(l *struct {
		pipeline.Event
		failure
	}) error {
		if l.Error != "" {
			return errors.New(l.Error)
		}
		return f(&l.Event)
	})
}
