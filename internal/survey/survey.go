// Package survey keeps the quality of the sources measured. What was measured last is kept in the log as the memo
// quality_<source>, so that it is there after a restart.
package survey

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How the quality of sources is kept current without being felt: one source at a time, in one goroutine
// that rests restShare times as long as it works, so that it takes a 40th of a core whatever there is to
// measure. After a measure a source is left alone for settleShare times as long as that took, resting
// included, because a source that changes all the time would be read all the time.
const (
	restShare   = 39
	settleShare = 10
	lookEvery   = time.Minute // for changes that nobody told of
	afterError  = time.Hour
)

// A Log is what is measured, and where the results are kept.
type Log interface {
	// Last is the place of the source's last change; zero if it has no records.
	Last(ctx context.Context, source string) (pipeline.Cursor, error)
	// Originals gives live records of a source, as [pipeline.Keeper] says.
	Originals(ctx context.Context, source string, after int64, rules string, limit int) (*pipeline.Stock, error)
	// Memo is a text that SetMemo kept under a name; empty if none.
	Memo(ctx context.Context, name string) (string, error)
	SetMemo(ctx context.Context, name, text string) error
}

// A Source is one that is kept measured.
type Source struct {
	Name, Title string
	Rules       func() string // the version of its rules at present
	// Busy says that its records are being mapped again. Then it is not measured: the end of that is told by Outdated.
	Busy func() bool
}

// Surveys keep what was measured last of each source, and measure again what has changed.
type Surveys struct {
	log     Log
	sources []Source
	logger  *slog.Logger
	wake    chan struct{}

	writing sync.Mutex // what is known last is what is written last

	mu     sync.Mutex
	last   map[string]*kept
	settle map[string]time.Time // not to be measured before
	dated  map[string]int       // how often Outdated has spoken of a source
}

// A kept measure is what stays of one.
type kept struct {
	Measured time.Time       `json:"measured"`
	Place    pipeline.Cursor `json:"place"` // where the source stood; zero if it is out of date for sure
	Rules    []figures       `json:"rules"`
}

// figures are those of the records that one version of the rules has made.
type figures struct {
	Rules string `json:"rules"`
	quality.Shares
}

// Open reads what was measured before. The logger hears of measures that failed.
func Open(ctx context.Context, log Log, sources []Source, logger *slog.Logger) (*Surveys, error) {
	s := &Surveys{
		log: log, sources: sources, logger: logger, wake: make(chan struct{}, 1),
		last: map[string]*kept{}, settle: map[string]time.Time{}, dated: map[string]int{},
	}
	for i := range sources {
		name := sources[i].Name
		text, err := log.Memo(ctx, memo(name))
		if err != nil {
			return nil, err
		}
		had := new(kept)
		if text != "" && json.Unmarshal([]byte(text), had) == nil { // what can't be read is measured again
			s.last[name] = had
		}
	}
	return s, nil
}

func memo(source string) string { return "quality_" + source }

// begun is what keep must be told of a measure that begins now.
func (s *Surveys) begun(source string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dated[source]
}

// keep takes in a measure, and writes it down. If the source went out of date while it was measured, which
// takes long where it rests, it is due again.
func (s *Surveys) keep(ctx context.Context, q *quality.Survey, place pipeline.Cursor, begun int) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	now := &kept{Measured: q.Measured, Place: place}
	for i := range q.Rules {
		now.Rules = append(now.Rules, figures{Rules: q.Rules[i].Version, Shares: q.Rules[i].Report.Shares()})
	}
	s.mu.Lock()
	if s.dated[q.Source] != begun {
		now.Place = pipeline.Cursor{}
	}
	s.last[q.Source] = now
	s.mu.Unlock()
	return s.write(ctx, q.Source, now)
}

func (s *Surveys) write(ctx context.Context, source string, now *kept) error {
	text, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("write down the quality of %s: %w", source, err)
	}
	return s.log.SetMemo(ctx, memo(source), string(text))
}

// Outdated says that records of a source have changed in a way that their places in the log don't tell:
// other rules made them, with the same result.
func (s *Surveys) Outdated(ctx context.Context, source string) {
	s.writing.Lock()
	s.mu.Lock()
	s.dated[source]++
	var now *kept
	if had := s.last[source]; had != nil {
		now = &kept{Measured: had.Measured, Rules: had.Rules}
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
func (s *Surveys) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// RunBegan implements [pipeline.RunObserver].
func (s *Surveys) RunBegan(*pipeline.Run) {}

// PageCommitted implements [pipeline.RunObserver].
func (s *Surveys) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}

// RunEnded implements [pipeline.RunObserver]: what a run has changed is measured soon.
func (s *Surveys) RunEnded(_ *pipeline.Run, report *pipeline.Report) {
	if report.Counts.Changes() > 0 {
		s.look()
	}
}

// Run measures what has changed, until ctx ends.
func (s *Surveys) Run(ctx context.Context) error {
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
func (s *Surveys) round(ctx context.Context) time.Duration {
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

func (s *Surveys) oldestFirst() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for i := range s.sources {
		names = append(names, s.sources[i].Name)
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
func (s *Surveys) try(ctx context.Context, source string) (wait time.Duration, err error) {
	if s.source(source).Busy() {
		return 0, nil
	}
	last, err := s.log.Last(ctx, source)
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
	q, place, err := s.measure(ctx, source, 1, resting(ctx))
	if err == nil {
		err = s.keep(ctx, q, place, begun)
	}
	s.leave(source, settleShare*time.Since(began))
	return 0, err
}

func (s *Surveys) leave(source string, d time.Duration) {
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

// source finds a source by its name; nil if it is not kept measured.
func (s *Surveys) source(name string) *Source {
	for i := range s.sources {
		if s.sources[i].Name == name {
			return &s.sources[i]
		}
	}
	return nil
}

// Each calls f with what was measured last of each source: when, and what, by the versions of the rules that made
// the records.
func (s *Surveys) Each(f func(source string, measured time.Time, byRules iter.Seq2[string, *quality.Shares])) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for source, last := range s.last {
		f(source, last.Measured, last.shares)
	}
}

// shares is an iterator over the versions of the rules.
func (k *kept) shares(yield func(rules string, of *quality.Shares) bool) {
	for i := range k.Rules {
		if !yield(k.Rules[i].Rules, &k.Rules[i].Shares) {
			return
		}
	}
}
