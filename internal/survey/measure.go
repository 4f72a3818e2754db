package survey

import (
	"context"
	"runtime"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// qualityPage is how many records are read in one snapshot.
const qualityPage = 500

// Measure measures the records of a source as fast as it can, and keeps the result. The source need not be configured any
// more.
func (s *Surveys) Measure(ctx context.Context, source string) (*quality.Survey, error) {
	begun := s.begun(source)
	q, place, err := s.measure(ctx, source, runtime.GOMAXPROCS(0), func(time.Duration) error { return nil })
	if err != nil {
		return nil, err
	}
	if s.source(source) != nil {
		if err := s.keep(ctx, q, place, begun); err != nil {
			s.logger.Warn("what was measured is not written down", "source", q.Source, "err", err)
		}
	}
	return q, nil
}

// measure measures the records of a source page by page, up to the place where the source stands now. It returns that
// place. Between two pages it calls rest with the time that the last page took. A record that changes meanwhile moves
// beyond the end, so no record is counted twice, and one that was not met yet is left to the next measure.
func (s *Surveys) measure(ctx context.Context, source string, workers int, rest func(worked time.Duration) error) (q *quality.Survey, place pipeline.Cursor, err error) {
	q = &quality.Survey{Source: source, Measured: time.Now().UTC().Truncate(time.Second)}
	present := ""
	if src := s.source(source); src != nil {
		q.Title, present = src.Title, src.Rules()
	}
	if place, err = s.log.Last(ctx, source); err != nil {
		return nil, place, err
	}
	met := newCensus(q.Measured, present, workers)
	for after := int64(0); after < place.Seq; {
		began := time.Now()
		stock, err := s.log.Originals(ctx, source, after, "", qualityPage)
		if err != nil {
			return nil, place, err
		}
		records := stock.Records
		for len(records) > 0 && records[len(records)-1].Seq > place.Seq {
			records = records[:len(records)-1]
		}
		if err := met.add(records); err != nil {
			return nil, place, err
		}
		if after = stock.Next; stock.Done {
			break
		}
		if err := rest(time.Since(began)); err != nil {
			return nil, place, err
		}
	}
	q.Report, q.Rules = met.reports()
	return q, place, nil
}
