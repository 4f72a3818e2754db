package app

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Quality is how good the metadata of a source is, as it is in the log.
type Quality struct {
	Source string `json:"source"`
	Title  string `json:"title,omitempty"`
	// Rules are the versions of the rules that made the records, with how many each made; the most first.
	Rules    []RulesMade     `json:"rules"`
	Measured time.Time       `json:"measured"`
	Report   *quality.Report `json:"report"`
	// Pages is the address that the path of a record's page is added to; empty if the gateway has none.
	Pages string `json:"pages,omitempty"`
}

// RulesMade counts the records that a version of the rules has made.
type RulesMade struct {
	Version string `json:"version"`
	Records int64  `json:"records"`
}

// newQualityMetric is set by the last report of each source.
func newQualityMetric(r prometheus.Registerer) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "sheaf_quality_ratio",
		Help: "Share of a source's live records that have the element, from 0 to 1, when its quality was measured last."}, []string{"source", "element"})
	r.MustRegister(g)
	return g
}

// qualityPage is how many records are read in one snapshot.
const qualityPage = 500

// serveQuality measures the records of a source.
func (c *Core) serveQuality(w http.ResponseWriter, r *http.Request) {
	q := &Quality{Source: r.FormValue("source"), Measured: time.Now().UTC().Truncate(time.Second)}
	if s := c.Config.Sources[q.Source]; s != nil {
		q.Title = s.Title
	}
	if c.Config.Gateway.URL != "" {
		q.Pages = c.Config.Gateway.URL + "/records/"
	}
	meters := make([]*quality.Meter, runtime.GOMAXPROCS(0))
	for i := range meters {
		meters[i] = quality.NewMeter(q.Measured)
	}
	made := map[string]int64{}
	for after, done := int64(0), false; !done; {
		stock, err := c.Store.Originals(r.Context(), q.Source, after, "", qualityPage)
		if err == nil {
			err = measure(meters, stock.Records)
		}
		if err != nil {
			refuse(w, err)
			return
		}
		for i := range stock.Records {
			made[stock.Records[i].Rules]++
		}
		after, done = stock.Next, stock.Done
	}
	for _, m := range meters[1:] {
		meters[0].Merge(m)
	}
	q.Report = meters[0].Report()
	for version, n := range made {
		q.Rules = append(q.Rules, RulesMade{version, n})
	}
	slices.SortFunc(q.Rules, func(a, b RulesMade) int { return int(b.Records - a.Records) })
	for element, ratio := range q.Report.Ratios() {
		c.quality.WithLabelValues(q.Source, element).Set(ratio)
	}
	answer(w, q)
}

// measure feeds each meter a part of the records.
func measure(meters []*quality.Meter, records []pipeline.Kept) error {
	errs := make([]error, len(meters))
	var wg sync.WaitGroup
	for w := range meters {
		wg.Go(func() {
			for i := w; i < len(records); i += len(meters) {
				var dc dublincore.Record
				if err := dc.UnmarshalJSON(records[i].DC); err != nil {
					errs[w] = fmt.Errorf("read %s: %w", records[i].Identifier, err)
					return
				}
				dc.Notes = records[i].Notes
				meters[w].Add(records[i].Identifier, &dc)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
