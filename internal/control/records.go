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
// oai:<namespace>:, as corrections and the addresses of pages do. What no record is called comes back as it is.
func (g *Gateway) named(ctx context.Context, id string) string {
	namespace := g.Log.Namespace()
	if namespace == "" || strings.HasPrefix(id, "oai:") || !strings.Contains(id, "/") {
		return id
	}
	if _, err := g.Log.Record(ctx, id); !errors.Is(err, pipeline.ErrNotFound) {
		return id // an identifier that the record had before
	}
	if rec, err := g.Log.Record(ctx, "oai:"+namespace+":"+id); err == nil {
		return rec.Identifier
	}
	return id
}

func (g *Gateway) serveRecord(w http.ResponseWriter, r *http.Request) {
	rec, err := g.Log.Record(r.Context(), g.named(r.Context(), r.FormValue("id")))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, rec)
}

// exportPage is how many records are read in one snapshot.
const exportPage = 500

// serveRecords streams the log: the records after a cursor, one a line, until the head.
func (g *Gateway) serveRecords(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after", 0)
	if err != nil {
		refuse(w, err)
		return
	}
	source := r.FormValue("source")
	out := json.NewEncoder(w) // buffered: a log may have millions of records
	for {
		records, _, err := g.Log.Read(r.Context(), after, exportPage)
		if err != nil {
			_ = out.Encode(failure{err.Error()})
			return
		}
		if len(records) == 0 {
			return
		}
		for i := range records {
			after = records[i].Seq
			if source != "" && records[i].Source != source {
				continue
			}
			if err := out.Encode(&records[i]); err != nil {
				return // the reader has gone
			}
		}
	}
}

// Record gives one record. The error is [pipeline.ErrNotFound] if there is none.
func (c *Client) Record(ctx context.Context, identifier string) (*pipeline.Record, error) {
	var rec pipeline.Record
	return &rec, c.get(ctx, "/record", url.Values{"id": {identifier}}, &rec)
}

// Records calls f for each record of the log, in the log's order. If source is not empty, only records of that source
// are given.
func (c *Client) Records(ctx context.Context, source string, f func(*pipeline.Record) error) error {
	return lines(ctx, c, http.MethodGet, "/records", url.Values{"source": {source}}, func(l *struct {
		pipeline.Record
		failure
	}) error {
		if l.Error != "" {
			return errors.New(l.Error)
		}
		return f(&l.Record)
	})
}
