package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Harvests counts what runs report.
type Harvests struct {
	// Commits are the times of the runs' commits.
	Commits CommitTimes

	runs      *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	changes   *prometheus.CounterVec
	rejected  *prometheus.CounterVec
	unchanged *prometheus.CounterVec
	forgotten *prometheus.CounterVec
	labels    *Labels
}

// NewHarvests registers the metrics. Those of the given sources are there from the beginning.
func NewHarvests(r prometheus.Registerer, sources []string, l *Labels) *Harvests {
	m := &Harvests{
		labels: l,
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_harvest_runs_total",
			Help: "Runs that ended, by source, mode (full, incremental, reconcile) and result (complete, incomplete, held, partial, failed, stuck, cancelled)."}, []string{"source", "mode", "result"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_harvest_run_duration_seconds",
			Help: "How long runs took.", Buckets: []float64{.1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600}}, []string{"mode"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_changes_total",
			Help: "Changes of records committed to the log, by source and operation (added, updated, deleted)."}, []string{"source", "op"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_rejected_total",
			Help: "Items put into quarantine, by source and reason."}, []string{"source", "reason"}),
		unchanged: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_unchanged_total",
			Help: "Items that came again as they were, by source."}, []string{"source"}),
		forgotten: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_quarantine_forgotten_total",
			Help: "Items that have left quarantine because keep.quarantine bounds it, by source."}, []string{"source"}),
	}
	for _, mode := range modes {
		m.duration.WithLabelValues(mode)
	}
	m.Know(sources)
	r.MustRegister(m.runs, m.duration, m.changes, m.rejected, m.unchanged, m.forgotten)
	return m
}

var modes = []string{"full", "incremental", "reconcile"}

// Know makes the series of sources that are configured.
func (m *Harvests) Know(sources []string) {
	for _, name := range sources {
		name = m.labels.of(name)
		for _, result := range pipeline.Results {
			for _, mode := range modes {
				m.runs.WithLabelValues(name, mode, result)
			}
		}
		for _, op := range []string{"added", "updated", "deleted"} {
			m.changes.WithLabelValues(name, op)
		}
		m.unchanged.WithLabelValues(name)
		m.forgotten.WithLabelValues(name)
	}
}

// Forget removes the series of a source that is not configured any more.
func (m *Harvests) Forget(source string) {
	for _, v := range []*prometheus.CounterVec{m.runs, m.changes, m.rejected, m.unchanged, m.forgotten} {
		v.DeletePartialMatch(prometheus.Labels{"source": source})
	}
}

// RunBegan implements [pipeline.RunObserver].
func (m *Harvests) RunBegan(*pipeline.Run) {}

// PageCommitted implements [pipeline.RunObserver].
func (m *Harvests) PageCommitted(run *pipeline.Run, p *pipeline.Receipt, _ pipeline.Counts, _ int) {
	if p.Counts.Changes() > 0 {
		m.Commits.note(p.Head.Seq, time.Now())
	}
	source := m.labels.of(run.Source)
	m.changes.WithLabelValues(source, "added").Add(float64(p.Counts.Added))
	m.changes.WithLabelValues(source, "updated").Add(float64(p.Counts.Updated))
	m.changes.WithLabelValues(source, "deleted").Add(float64(p.Counts.Deleted))
	for reason, n := range p.Reasons {
		m.rejected.WithLabelValues(source, reason).Add(float64(n))
	}
	m.unchanged.WithLabelValues(source).Add(float64(p.Counts.Unchanged))
}

// RunEnded implements [pipeline.RunObserver].
func (m *Harvests) RunEnded(run *pipeline.Run, report *pipeline.Report) {
	mode := "incremental"
	switch {
	case report.Reconciles:
		mode = "reconcile"
	case report.Full:
		mode = "full"
	}
	m.runs.WithLabelValues(m.labels.of(run.Source), mode, report.Result).Inc()
	m.duration.WithLabelValues(mode).Observe(report.Took.Seconds())
	m.forgotten.WithLabelValues(m.labels.of(run.Source)).Add(float64(report.Forgotten.Quarantined))
}

// Remapped counts records of a source that a remap has changed.
func (m *Harvests) Remapped(source string, changed int64) {
	m.changes.WithLabelValues(m.labels.of(source), "updated").Add(float64(changed))
}
