// Package survey keeps measuring the quality of the sources' metadata. It stores the last result for each source in the
// log, as the memo quality_<source>, so that the result outlives a restart.
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

// Nobody should notice that quality is being measured. So one goroutine measures one source at a time, and rests
// restShare times as long as it works: it takes a 40th of a core, whatever there is to measure. After a measure the source
// is left alone for settleShare times as long as the measure took, rests included, because otherwise a source that changes
// all the time would be read all the time.
const (
	restShare   = 39
	settleShare = 10
	lookEvery   = time.Minute // how often we look for changes that nobody has told us of
	afterError  = time.Hour
)

// A Log has the records that are measured, and keeps the results.
type Log interface {
	// Last returns the place of the source's last change; zero if the source has no records.
	Last(ctx context.Context, source string) (pipeline.Cursor, error)
	// Originals returns live records of a source, as [pipeline.Keeper] says.
	Originals(ctx context.Context, source string, after int64, rules string, limit int) (*pipeline.StoredPage, error)
	// Memo returns the text that SetMemo stored under a name; empty if there is none.
	Memo(ctx context.Context, name string) (string, error)
	SetMemo(ctx context.Context, name, text string) error
}

// A Source is a source whose quality is measured again and again.
type Source struct {
	Name, Title string
	Rules       func() string // the version of its rules at present
	// Busy reports whether the records are being mapped again. Then the source is not measured until
	// [Surveys.Outdated] is called at the end.
	Busy func() bool
}

// Surveys keeps the last result for each source, and measures sources again that have changed.
type Surveys struct {
	log    Log
	logger *slog.Logger
	wake   chan struct{}

	writing sync.Mutex // held while a result is stored, so that results are stored in the order in which they became known

	mu      sync.Mutex
	sources []Source
	last    map[string]*kept
	settle  map[string]time.Time // when a source may be measured again
	dated   map[string]int       // how often Outdated was called for a source
}

// A kept measure is what is stored of a measure.
type kept struct {
	Measured time.Time       `json:"measured"`
	Place    pipeline.Cursor `json:"place"` // where the source stood; zero if the measure is certainly out of date
	Rules    []figures       `json:"rules"`
}

// figures are those of the records that one version of the rules has made.
type figures struct {
	Rules string `json:"rules"`
	quality.Shares
}

// Open reads the results that were stored before. Measures that fail are logged.
func Open(ctx context.Context, log Log, sources []Source, logger *slog.Logger) (*Surveys, error) {
	s := &Surveys{
		log: log, logger: logger, wake: make(chan struct{}, 1),
		last: map[string]*kept{}, settle: map[string]time.Time{}, dated: map[string]int{},
	}
	return s, s.Assign(ctx, sources)
}

// Assign gives the sources that are measured from now on. What was stored of those that are new is read.
func (s *Surveys) Assign(ctx context.Context, sources []Source) error {
	stored := map[string]*kept{}
	for i := range sources {
		name := sources[i].Name
		text, err := s.log.Memo(ctx, memo(name))
		if err != nil {
			return err
		}
		had := new(kept)
		if text != "" && json.Unmarshal([]byte(text), had) == nil { // a result that can't be read is measured again
			stored[name] = had
		}
	}
	s.mu.Lock()
	for name := range stored {
		if now := s.last[name]; now != nil {
			stored[name] = now
		}
	}
	s.sources, s.last = sources, stored
	s.mu.Unlock()
	s.look()
	return nil
}

func memo(source string) string { return "quality_" + source }

// begun returns what [Surveys.keep] must be told of a measure that begins now.
func (s *Surveys) begun(source string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dated[source]
}

// keep stores the result of a measure. A measure takes long, because it rests. If Outdated was called for the source
// meanwhile, the source is due again.
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

// Outdated says that records of a source have changed although they have not moved in the log: other rules have made them,
// with the same result.
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

// look makes Run look at the sources soon.
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

// RunEnded implements [pipeline.RunObserver]. What a run has changed is measured soon.
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

// round measures each source that is due, and first the one that was measured longest ago. It returns how long to wait
// before looking again.
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

// try measures a source if it is due. If the source is due only later, it returns how long to wait.
func (s *Surveys) try(ctx context.Context, source string) (wait time.Duration, err error) {
	if src := s.source(source); src == nil || src.Busy() {
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

// resting returns a function that waits restShare times as long as the work took.
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

// source finds a source by its name; nil if the source is not measured.
func (s *Surveys) source(name string) *Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.sources {
		if s.sources[i].Name == name {
			return &s.sources[i]
		}
	}
	return nil
}

// Each calls f with the last result for each source: when it was measured, and the shares for each version of the rules
// that made the records.
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
