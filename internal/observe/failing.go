package observe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The log keeps since when a source fails and why as the memo failingMemo+source: JSON, and nothing for a source that is well. Each
// source has a memo of its own, because several gateways on one log harvest different sources.
const failingMemo = "source_failing/"

// failingOnce is the memo in which earlier programs kept all failing sources together: JSON by source.
const failingOnce = "sources_failing"

// memoTime bounds what it may take to read or write memos at the end of a run, and for a scrape.
const memoTime = 5 * time.Second

// Failing remembers, across restarts and in whichever gateway the source is harvested, since when each source fails, and how. A
// source that fails is one whose last run failed, or brought less than the source has; a run that was cancelled says nothing.
type Failing struct {
	kept   MemoSet
	logger *slog.Logger

	mu      sync.Mutex
	sources map[string]bool
	told    FailureObserver // nil if nobody wants to hear
}

// A MemoSet has memos that are read together.
type MemoSet interface {
	Memos
	// Memos are the texts that are kept under names which begin with a prefix, by the rest of their names.
	Memos(ctx context.Context, prefix string) (map[string]string, error)
}

// A FailureObserver hears when a source begins to fail, fails in another way, or is well again.
type FailureObserver interface {
	SourceFails(source, kind string, since time.Time)
	SourceRecovered(source string, since time.Time)
}

// Tell has an observer hear of sources from now on. It must not wait for anything.
func (f *Failing) Tell(o FailureObserver) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = o
}

type failure struct {
	Since int64  `json:"since"` // end of the first run that failed, in seconds since 1970
	Kind  string `json:"kind"`  // of the error of the last
}

var (
	descFailingSince = desc("sheaf_source_failing_since_timestamp_seconds",
		"End of the first of the runs in a row that failed or were incomplete; absent while the source is well.", "source")
	descLastError = desc("sheaf_source_last_error",
		"1 for the kind of error with which the last run failed (unreachable, challenged, malformed…; incomplete, stuck, other); absent while the source is well.", "source", "kind")
)

// NewFailing shows which of the configured sources fail.
func NewFailing(ctx context.Context, sources []string, kept MemoSet, logger *slog.Logger) (*Failing, error) {
	f := &Failing{kept: kept, logger: logger}
	if err := f.part(ctx); err != nil {
		return nil, fmt.Errorf("read which sources fail: %w", err)
	}
	return f, f.know(ctx, sources)
}

// part makes a memo for each source of the one that an earlier program has written.
func (f *Failing) part(ctx context.Context) error {
	text, err := f.kept.Memo(ctx, failingOnce)
	if err != nil || text == "" {
		return err
	}
	had := map[string]failure{}
	if err := json.Unmarshal([]byte(text), &had); err != nil {
		return err
	}
	for name, was := range had {
		if err := f.keep(ctx, name, was); err != nil {
			return err
		}
	}
	return f.kept.SetMemo(ctx, failingOnce, "")
}

// Know takes the names of the sources that are configured now: the others are forgotten.
func (f *Failing) Know(sources []string) {
	ctx, cancel := context.WithTimeout(context.Background(), memoTime)
	defer cancel()
	if err := f.know(ctx, sources); err != nil {
		f.logger.Warn("which sources fail is not forgotten of those that are not configured any more", "err", err)
	}
}

func (f *Failing) know(ctx context.Context, sources []string) error {
	known := map[string]bool{}
	for _, name := range sources {
		known[name] = true
	}
	f.mu.Lock()
	f.sources = known
	f.mu.Unlock()
	had, err := f.kept.Memos(ctx, failingMemo)
	if err != nil {
		return err
	}
	for name := range had {
		if !known[name] {
			err = errors.Join(err, f.keep(ctx, name, failure{}))
		}
	}
	return err
}

// RunBegan implements [pipeline.RunObserver].
func (*Failing) RunBegan(*pipeline.Run) {}

// PageCommitted implements [pipeline.RunObserver].
func (*Failing) PageCommitted(*pipeline.Run, *pipeline.Receipt, pipeline.Counts, int) {}

// RunEnded implements [pipeline.RunObserver].
func (f *Failing) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	if report.Result == pipeline.Cancelled {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), memoTime)
	defer cancel()
	was, err := f.failure(ctx, run.Source)
	var now failure
	switch report.Result {
	case pipeline.Failed, pipeline.Incomplete, pipeline.Stuck:
		now = failure{Since: cmp.Or(was.Since, time.Now().Unix()), Kind: kindOf(report)}
	}
	if now == was {
		return
	}
	if err == nil {
		err = f.keep(ctx, run.Source, now)
	}
	if err != nil { // the next run that ends notes it
		f.logger.Warn("whether a source fails could not be noted", "source", run.Source, "err", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.told == nil:
	case now == (failure{}):
		f.told.SourceRecovered(run.Source, time.Unix(was.Since, 0))
	default:
		f.told.SourceFails(run.Source, now.Kind, time.Unix(now.Since, 0))
	}
}

// failure is how a source fails; zero if it is well.
func (f *Failing) failure(ctx context.Context, source string) (was failure, err error) {
	text, err := f.kept.Memo(ctx, failingMemo+source)
	if err != nil || text == "" {
		return was, err
	}
	return was, json.Unmarshal([]byte(text), &was)
}

// keep writes down how a source fails, or that it does not.
func (f *Failing) keep(ctx context.Context, source string, now failure) error {
	if now == (failure{}) {
		return f.kept.SetMemo(ctx, failingMemo+source, "")
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return f.kept.SetMemo(ctx, failingMemo+source, string(text))
}

// kindOf is the kind of a failure, from the closed set of [harvest.Kinds] and three more.
func kindOf(report *pipeline.Report) string {
	if kind := harvest.KindOf(report.Err); kind != "" && report.Result != pipeline.Stuck {
		return string(kind)
	}
	if report.Result == pipeline.Incomplete || report.Result == pipeline.Stuck {
		return report.Result
	}
	return "other"
}

// Describe implements [prometheus.Collector].
func (f *Failing) Describe(ch chan<- *prometheus.Desc) {
	ch <- descFailingSince
	ch <- descLastError
}

// Collect implements [prometheus.Collector].
func (f *Failing) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), memoTime)
	defer cancel()
	f.mu.Lock()
	sources := f.sources
	f.mu.Unlock()
	fail, err := f.kept.Memos(ctx, failingMemo)
	for source, text := range fail {
		var now failure
		if !sources[source] {
			continue
		}
		if err = json.Unmarshal([]byte(text), &now); err != nil {
			break
		}
		ch <- prometheus.MustNewConstMetric(descFailingSince, prometheus.GaugeValue, float64(now.Since), source)
		ch <- prometheus.MustNewConstMetric(descLastError, prometheus.GaugeValue, 1, source, now.Kind)
	}
	if err != nil {
		f.logger.Warn("which sources fail could not be read", "err", err)
	}
}
