package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How the quality of sources is kept current without being felt: one source at a time, in one goroutine
// that rests restShare times as long as it works, so that it takes a 40th of a core whatever there is to
// measure. After a measure a source is left alone for settleShare times as long as that took, resting
// included, for a source that changes all the time would be read all the time.
const (
	restShare   = 39
	settleShare = 10
	lookEvery   = time.Minute // for changes that nobody told of
	afterError  = time.Hour
)

// surveys keep what was measured last of each configured source, for the metrics, and measure again what
// has changed. What was measured is written down (the memo quality_<source>), so that it is there after
// a restart.
type surveys struct {
	core   *Core
	logger *slog.Logger
	wake   chan struct{}

	writing sync.Mutex // what is known last is what is written last

	mu     sync.Mutex
	last   map[string]*survey
	settle map[string]time.Time // not to be measured before
	dated  map[string]int       // how often outdated has spoken of a source
}

// A survey is what is kept of a measure.
type survey struct {
	Measured time.Time       `json:"measured"`
	Place    pipeline.Cursor `json:"place"` // where the source stood; zero if it is out of date for sure
	Rules    []figures       `json:"rules"`
}

// figures are shares (0 to 1) of the records that one version of the rules has made, by name.
type figures struct {
	Rules    string             `json:"rules"`
	Records  int64              `json:"records"`
	Elements map[string]float64 `json:"elements"` // records that have the element
	Standard map[string]float64 `json:"standard"` // of the records with a value of the kind, those with one in standard form
	Problems map[string]float64 `json:"problems"` // records that show the problem
	Accepted map[string]float64 `json:"accepted"` // records that meet all that the aggregator requires
	Tiers    map[string]float64 `json:"tiers"`    // records in each of Europeana's tiers
}

func newSurveys(ctx context.Context, c *Core) (*surveys, error) {
	s := &surveys{core: c, logger: c.logger, wake: make(chan struct{}, 1), last: map[string]*survey{}, settle: map[string]time.Time{}, dated: map[string]int{}}
	for name := range c.Config.Sources {
		text, err := c.Store.Memo(ctx, surveyMemo(name))
		if err != nil {
			return nil, err
		}
		had := new(survey)
		if text != "" && json.Unmarshal([]byte(text), had) == nil { // what can't be read is measured again
			s.last[name] = had
		}
	}
	return s, nil
}

func surveyMemo(source string) string { return "quality_" + source }

// begun is what keep is to be told of a measure that begins now.
func (s *surveys) begun(source string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dated[source]
}

// keep takes in a measure, and writes it down. If the source went out of date while it was measured, which
// takes long where it rests, it is due again.
func (s *surveys) keep(ctx context.Context, q *Quality, begun int) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	now := &survey{Measured: q.Measured, Place: q.place}
	for i := range q.Rules {
		now.Rules = append(now.Rules, figuresOf(&q.Rules[i]))
	}
	s.mu.Lock()
	if s.dated[q.Source] != begun {
		now.Place = pipeline.Cursor{}
	}
	s.last[q.Source] = now
	s.mu.Unlock()
	return s.write(ctx, q.Source, now)
}

func (s *surveys) write(ctx context.Context, source string, now *survey) error {
	text, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("write down the quality of %s: %w", source, err)
	}
	return s.core.Store.SetMemo(ctx, surveyMemo(source), string(text))
}

// outdated says that records of a source have changed in a way that their places in the log don't tell:
// other rules made them, with the same result.
func (s *surveys) outdated(ctx context.Context, source string) {
	s.writing.Lock()
	s.mu.Lock()
	s.dated[source]++
	var now *survey
	if had := s.last[source]; had != nil {
		now = &survey{Measured: had.Measured, Rules: had.Rules}
		s.last[source] = now
	}
	delete(s.settle, source)
	s.mu.Unlock()
	if now != nil {
		if err := s.write(ctx, source, now); err != nil {
			s.logger.Warn("it is not written down that the quality is to be measured again", "source", source, "err", err)
		}
	}
	s.writing.Unlock()
	s.look()
}

// look has the sources looked at soon.
func (s *surveys) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run measures what has changed, until ctx ends.
func (s *surveys) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.wake:
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		timer.Reset(s.round(ctx))
	}
}

// round measures each source that is due, the one that was measured longest ago first, and says when to
// look again.
func (s *surveys) round(ctx context.Context) time.Duration {
	again := lookEvery
	for _, source := range s.oldestFirst() {
		wait, err := s.try(ctx, source)
		if ctx.Err() != nil {
			return again
		}
		if err != nil {
			s.logger.Warn("the quality of a source was not measured", "source", source, "err", err)
			s.leave(source, afterError)
		}
		if wait > 0 {
			again = min(again, wait)
		}
	}
	return again
}

func (s *surveys) oldestFirst() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, src := range s.core.sources {
		names = append(names, src.Name)
	}
	when := func(name string) (t time.Time) {
		if had := s.last[name]; had != nil {
			t = had.Measured
		}
		return t
	}
	slices.SortStableFunc(names, func(a, b string) int { return when(a).Compare(when(b)) })
	return names
}

// try measures a source if it is due; if that is only later, wait says when.
func (s *surveys) try(ctx context.Context, source string) (wait time.Duration, err error) {
	if _, busy := s.core.remaps.Load(source); busy {
		return 0, nil // its end will be told
	}
	last, err := s.core.Store.Last(ctx, source)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	had, settled := s.last[source], time.Until(s.settle[source])
	s.mu.Unlock()
	switch {
	case had == nil && last.Seq == 0, had != nil && had.Place == last:
		return 0, nil
	case settled > 0:
		return settled, nil
	}
	began, begun := time.Now(), s.begun(source)
	q, err := s.core.measureQuality(ctx, source, 1, resting(ctx))
	if err == nil {
		err = s.keep(ctx, q, begun)
	}
	s.leave(source, settleShare*time.Since(began))
	return 0, err
}

func (s *surveys) leave(source string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle[source] = time.Now().Add(d)
}

// resting waits restShare times as long as the work took.
func resting(ctx context.Context) func(time.Duration) error {
	return func(worked time.Duration) error {
		timer := time.NewTimer(restShare * worked)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// figuresOf are the shares in a report.
func figuresOf(made *RulesMade) figures {
	r := made.Report
	f := figures{Rules: made.Version, Records: r.Records, Elements: r.Ratios(), Standard: map[string]float64{},
		Problems: map[string]float64{}, Accepted: map[string]float64{}, Tiers: map[string]float64{}}
	of := func(n, all int64) float64 { return float64(n) / float64(max(all, 1)) }
	for _, k := range r.Standards {
		if k.Records > 0 {
			f.Standard[k.Kind] = of(k.Good, k.Records)
		}
	}
	for _, p := range r.Problems {
		f.Problems[p.Code] = of(p.Records, r.Records)
	}
	for _, a := range r.Aggregators {
		f.Accepted[a.Name] = of(a.Accepted, r.Records)
	}
	for _, t := range r.Tiers {
		if t.Code == "overall" {
			for i, n := range t.Tiers {
				f.Tiers[string("0ABC"[i])] = of(n, r.Records)
			}
		}
	}
	return f
}
