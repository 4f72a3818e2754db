package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Bounds of the originals that are given at once: how many, and how many bytes.
const (
	maxOriginals      = 100
	maxOriginalsBytes = 32 << 20
)

// serveOriginals gives the first records of a source with their originals.
func (g *Gateway) serveOriginals(w http.ResponseWriter, r *http.Request) {
	limit, err := number(r, "limit", 1)
	if err != nil {
		refuse(w, err)
		return
	}
	records := []pipeline.StoredRecord{}
	size := 0
	for after, done := int64(0), false; !done && size < maxOriginalsBytes && int64(len(records)) < min(limit, maxOriginals); {
		stock, err := g.Log.Originals(r.Context(), r.FormValue("source"), after, "", int(min(limit, maxOriginals))-len(records))
		if err != nil {
			refuse(w, err)
			return
		}
		for i := range stock.Records {
			size += len(stock.Records[i].Original)
		}
		records = append(records, stock.Records...)
		after, done = stock.Next, stock.Done
	}
	answer(w, records)
}

// Originals gives the first records of a source, at most limit (and at most 100, or fewer that are
// large), with their originals.
func (c *Client) Originals(ctx context.Context, source string, limit int) (out []pipeline.StoredRecord, err error) {
	return out, c.get(ctx, "/originals", url.Values{"source": {source}, "limit": {strconv.Itoa(limit)}}, &out)
}
