package observe

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// failingMemo is the name of the memo in which the log keeps which sources fail, since when and why: JSON.
const failingMemo = "sources_failing"

// memoTime bounds what it may take to write a memo at the end of a run.
const memoTime = 5 * time.Second

// Failing remembers, across restarts, since when each source fails, and how. A source that fails is one whose last
// run failed, or brought less than the source has; a run that was cancelled says nothing.
type Failing struct {
	kept   Memos
	logger *slog.Logger

	mu      sync.Mutex
	sources map[string]failure
	told    FailureObserver // nil if nobody wants to hear
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

// NewFailing reads what is remembered of the configured sources.
func NewFailing(ctx context.Context, sources []string, kept Memos, logger *slog.Logger) (*Failing, error) {
	f := &Failing{kept: kept, logger: logger, sources: map[string]failure{}}
	text, err := kept.Memo(ctx, failingMemo)
	if err != nil || text == "" {
		return f, err
	}
	had := map[string]failure{}
	if err := json.Unmarshal([]byte(text), &had); err != nil {
		return nil, fmt.Errorf("read which sources fail: %w", err)
	}
	for _, name := range sources {
		if was, ok := had[name]; ok {
			f.sources[name] = was
		}
	}
	return f, nil
}

// Know takes the names of the sources that are configured now: the others are forgotten.
func (f *Failing) Know(sources []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	had := len(f.sources)
	maps.DeleteFunc(f.sources, func(name string, _ failure) bool { return !slices.Contains(sources, name) })
	if len(f.sources) < had {
		f.keep()
	}
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
	f.mu.Lock()
	defer f.mu.Unlock()
	was, failed := f.sources[run.Source]
	now := was
	switch report.Result {
	case pipeline.Failed, pipeline.Incomplete, pipeline.Stuck:
		now.Kind = kindOf(report)
		if !failed {
			now.Since = time.Now().Unix()
		}
		f.sources[run.Source] = now
	default:
		now = failure{}
		delete(f.sources, run.Source)
	}
	if now == was {
		return
	}
	f.keep()
	switch {
	case f.told == nil:
	case now == (failure{}):
		f.told.SourceRecovered(run.Source, time.Unix(was.Since, 0))
	default:
		f.told.SourceFails(run.Source, now.Kind, time.Unix(now.Since, 0))
	}
}

// keep writes the memo. What can't be written is only forgotten at a restart.
func (f *Failing) keep() {
	ctx, cancel := context.WithTimeout(context.Background(), memoTime)
	defer cancel()
	text, err := json.Marshal(f.sources)
	if err == nil {
		err = f.kept.SetMemo(ctx, failingMemo, string(text))
	}
	if err != nil {
		f.logger.Warn("which sources fail could not be noted", "err", err)
	}
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
	f.mu.Lock()
	defer f.mu.Unlock()
	for source, s := range f.sources {
		ch <- prometheus.MustNewConstMetric(descFailingSince, prometheus.GaugeValue, float64(s.Since), source)
		ch <- prometheus.MustNewConstMetric(descLastError, prometheus.GaugeValue, 1, source, s.Kind)
	}
}
