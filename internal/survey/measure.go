package survey

import (
	"context"
	"runtime"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Quality is how good the metadata of a source is, as it is in the log.
type Quality struct {
	Source string `json:"source"`
	Title  string `json:"title,omitempty"`
	// Rules are the versions of the rules that made the records: the one in force first, then those that
	// made most. Beyond three they are together, as "other". A source whose rules have changed has two
	// until it is mapped again.
	Rules    []RulesMade     `json:"rules"`
	Measured time.Time       `json:"measured"`
	Report   *quality.Report `json:"report"` // of all records
	// Pages is the address that the path of a record's page is added to; empty if the gateway has none.
	Pages string `json:"pages,omitempty"`

	place pipeline.Cursor // where the source stood
}

// RulesMade are the records that a version of the rules has made.
type RulesMade struct {
	Version string          `json:"version"`
	Present bool            `json:"present"` // in force: what is harvested now is made by it
	Records int64           `json:"records"`
	Report  *quality.Report `json:"report"`
}

// qualityPage is how many records are read in one snapshot.
const qualityPage = 500

// Measure measures the records of a source as fast as it goes, also of one that is not configured any more,
// and keeps the result.
func (s *Surveys) Measure(ctx context.Context, source string) (*Quality, error) {
	begun := s.begun(source)
	q, err := s.measure(ctx, source, runtime.GOMAXPROCS(0), func(time.Duration) error { return nil })
	if err != nil {
		return nil, err
	}
	if s.source(source) != nil {
		if err := s.keep(ctx, q, begun); err != nil {
			s.logger.Warn("what was measured is not written down", "source", q.Source, "err", err)
		}
	}
	return q, nil
}

// measure measures the records of a source up to where it stands now, page by page; rest is called
// between two pages with the time that the last one took. A record that changes meanwhile moves beyond
// the end: none is counted twice, and one that was not met yet is left to the next measure.
func (s *Surveys) measure(ctx context.Context, source string, workers int, rest func(worked time.Duration) error) (*Quality, error) {
	q := &Quality{Source: source, Measured: time.Now().UTC().Truncate(time.Second)}
	present := ""
	if src := s.source(source); src != nil {
		q.Title, present = src.Title, src.Rules()
	}
	var err error
	if q.place, err = s.log.Last(ctx, source); err != nil {
		return nil, err
	}
	met := newCensus(q.Measured, present, workers)
	for after := int64(0); after < q.place.Seq; {
		began := time.Now()
		stock, err := s.log.Originals(ctx, source, after, "", qualityPage)
		if err != nil {
			return nil, err
		}
		records := stock.Records
		for len(records) > 0 && records[len(records)-1].Seq > q.place.Seq {
			records = records[:len(records)-1]
		}
		if err := met.add(records); err != nil {
			return nil, err
		}
		if after = stock.Next; stock.Done {
			break
		}
		if err := rest(time.Since(began)); err != nil {
			return nil, err
		}
	}
	q.Report, q.Rules = met.reports()
	return q, nil
}
