package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// RemapLine is one line of the answer to a remap: how far it is, then the end.
type RemapLine struct {
	Records int64                 `json:"records"` // looked at up to now
	Changed int64                 `json:"changed"`
	Total   int64                 `json:"total,omitempty"` // live records of the source
	Report  *pipeline.RemapReport `json:"report,omitempty"`
	// Corrected is what became of the corrections; with the report, if the source has any.
	Corrected *rules.Corrected `json:"corrected,omitempty"`
	// Quarantined items of the source are not looked at; with the report.
	Quarantined int64  `json:"quarantined,omitempty"`
	Error       string `json:"error,omitempty"`
}

// serveRemap runs the rules of a source, as its files say now, over what is kept of it: to count, or, with
// apply, to store what they make. It ends when the client hangs up, and goes on from there next time.
func (c *Core) serveRemap(w http.ResponseWriter, r *http.Request) {
	src, err := c.Source(r.FormValue("source"))
	if err != nil {
		refuse(w, err)
		return
	}
	remapper, standing, err := c.remapper(r, src)
	if err != nil {
		refuse(w, err)
		return
	}
	apply, own := r.FormValue("apply") != "", remapper.Mapper.(*rules.Rules)
	if apply {
		if _, busy := c.remaps.LoadOrStore(src.Name, true); busy {
			refuse(w, fmt.Errorf("a remap of %s is under way already", src.Name))
			return
		}
		// To be said before as well, in case that this process doesn't live to see the end.
		c.surveys.Outdated(r.Context(), src.Name)
		defer func() {
			c.remaps.Delete(src.Name)
			c.surveys.Outdated(context.WithoutCancel(r.Context()), src.Name)
		}()
		own.Observer = c.mapping.Of(src.Name)
		// From here on harvests go by the new rules too, so that the two agree.
		src.SetRules(own)
	}
	watched, watch := own.Watched()
	remapper.Mapper = watched
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	var counted int64
	remapper.Progress = func(p *pipeline.RemapReport) {
		if apply {
			c.harvests.Remapped(src.Name, p.Changed-counted)
			counted = p.Changed
		}
		_ = out.Encode(RemapLine{Records: p.Records(), Changed: p.Changed, Total: standing.Live}) // a client that is gone ends it through the request's context
		_ = flush.Flush()
	}
	_ = flush.Flush() // that it has begun; a slow drip has nothing to tell at first
	run := remapper.Count
	if apply {
		run = remapper.Apply
	}
	report, err := run(r.Context())
	line := RemapLine{Records: report.Records(), Changed: report.Changed, Total: standing.Live, Report: report, Quarantined: standing.Quarantined}
	whole := err == nil && report.Already == 0 && report.Failed == 0 && !report.Resumed
	line.Corrected = watch.Report(whole)
	if err != nil {
		line.Error = err.Error()
	}
	if apply {
		c.logger.Info("a remap has ended", "source", src.Name, "rules", report.Rules, "changed", report.Changed, "same", report.Same,
			"failed", report.Failed, "skipped", report.Skipped, "took", report.Took, "err", err)
	}
	_ = out.Encode(line)
}

// remapper reads the source's rules, and says how the source stands.
func (c *Core) remapper(r *http.Request, src *pipeline.Source) (_ *pipeline.Remapper, standing store.SourceStatus, err error) {
	own, err := OpenRules(c.Config, src.Name)
	if err != nil {
		return nil, standing, err
	}
	old := src.Rules().(*rules.Rules)
	own.Formats, own.GatewayNumber = old.Formats, old.GatewayNumber
	if want := r.FormValue("rules"); want != "" && want != own.Version() {
		return nil, standing, fmt.Errorf("the gateway that runs here has another configuration of %s than the one you gave; restart it, then remap", src.Name)
	}
	var pace float64
	if text := r.FormValue("rate"); text != "" {
		if pace, err = strconv.ParseFloat(text, 64); err != nil || !(pace >= 0 && pace <= 1e9) {
			return nil, standing, fmt.Errorf("rate must be a number of records in a second, not %q", text)
		}
	}
	all, err := c.Store.Status(r.Context())
	if err != nil {
		return nil, standing, err
	}
	for _, st := range all {
		if st.Source == src.Name {
			standing = st
		}
	}
	return &pipeline.Remapper{Log: c.Store, Source: src, Mapper: own, Rate: pace}, standing, nil
}

// Bounds of the originals that are given at once: how many, and how many bytes.
const (
	maxOriginals      = 100
	maxOriginalsBytes = 32 << 20
)

// serveOriginals gives the first records of a source with their originals.
func (c *Core) serveOriginals(w http.ResponseWriter, r *http.Request) {
	limit, err := number(r, "limit", 1)
	if err != nil {
		refuse(w, err)
		return
	}
	records := []pipeline.Kept{}
	size := 0
	for after, done := int64(0), false; !done && size < maxOriginalsBytes && int64(len(records)) < min(limit, maxOriginals); {
		stock, err := c.Store.Originals(r.Context(), r.FormValue("source"), after, "", int(min(limit, maxOriginals))-len(records))
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
