package control

import (
	"context"
	"net/http"
	"net/url"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// serveQuality measures the records of a source, as fast as it goes.
func (g *Gateway) serveQuality(w http.ResponseWriter, r *http.Request) {
	q, err := g.Surveys.Measure(r.Context(), r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	if g.Config.Gateway.URL != "" {
		q.Pages = g.Config.Gateway.URL + pipeline.RecordsPath
	}
	answer(w, q)
}

// Quality measures the records of a source.
func (c *Client) Quality(ctx context.Context, source string) (*quality.Survey, error) {
	var q quality.Survey
	return &q, c.ask(ctx, http.MethodPost, "/quality", url.Values{"source": {source}}, &q)
}
