package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// scrapeTime bounds what a scrape may take to read the log.
const scrapeTime = 5 * time.Second

// harvestMetrics are the metrics of harvests: counters from what runs report, and gauges read from
// the log when they are asked for.
type harvestMetrics struct {
	runs      *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	changes   *prometheus.CounterVec
	rejected  *prometheus.CounterVec
	unchanged *prometheus.CounterVec
	labels    labels
}

func newHarvestMetrics(r prometheus.Registerer, cfg *config.Config, st *sqlite.Store, added map[string]time.Time) *harvestMetrics {
	m := &harvestMetrics{
		labels: newLabels(cfg),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_harvest_runs_total",
			Help: "Runs that ended, by source, mode (full, incremental) and result (complete, incomplete, partial, failed, cancelled)."}, []string{"source", "mode", "result"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_harvest_run_duration_seconds",
			Help: "How long runs took.", Buckets: []float64{.1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600}}, []string{"mode"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_changes_total",
			Help: "Changes of records committed to the log, by source and operation (added, updated, deleted)."}, []string{"source", "op"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_rejected_total",
			Help: "Items put into quarantine, by source and reason."}, []string{"source", "reason"}),
		unchanged: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_unchanged_total",
			Help: "Items that came again as they were, by source."}, []string{"source"}),
	}
	for name := range cfg.Sources {
		name = m.labels.of(name)
		for _, result := range []string{pipeline.Complete, pipeline.Incomplete, pipeline.Partial, pipeline.Failed, pipeline.Cancelled} {
			m.runs.WithLabelValues(name, "full", result)
			m.runs.WithLabelValues(name, "incremental", result)
		}
		for _, op := range []string{"added", "updated", "deleted"} {
			m.changes.WithLabelValues(name, op)
		}
		m.unchanged.WithLabelValues(name)
	}
	r.MustRegister(m.runs, m.duration, m.changes, m.rejected, m.unchanged, &logCollector{cfg, st, added})
	return m
}

func (m *harvestMetrics) page(run *pipeline.Run, p *pipeline.Receipt) {
	source := m.labels.of(run.Source)
	m.changes.WithLabelValues(source, "added").Add(float64(p.Counts.Added))
	m.changes.WithLabelValues(source, "updated").Add(float64(p.Counts.Updated))
	m.changes.WithLabelValues(source, "deleted").Add(float64(p.Counts.Deleted))
	for reason, n := range p.Reasons {
		m.rejected.WithLabelValues(source, reason).Add(float64(n))
	}
	m.unchanged.WithLabelValues(source).Add(float64(p.Counts.Unchanged))
}

func (m *harvestMetrics) ended(run *pipeline.Run, report *pipeline.Report) {
	mode := "incremental"
	if report.Full {
		mode = "full"
	}
	m.runs.WithLabelValues(m.labels.of(run.Source), mode, report.Result).Inc()
	m.duration.WithLabelValues(mode).Observe(report.Took.Seconds())
}

// A logCollector reads gauges from the log when Prometheus asks, so that they are right after a
// restart too. Timestamps that are not known yet are left out.
type logCollector struct {
	cfg   *config.Config
	store *sqlite.Store
	added map[string]time.Time
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	descSeq          = desc("sheaf_log_seq", "The last seq that the log gave out.")
	descHeadTime     = desc("sheaf_log_head_timestamp_seconds", "The datestamp of the head of the log.")
	descEpoch        = desc("sheaf_log_epoch", "The epoch of the log; it changes when the log has gone back.")
	descPaused       = desc("sheaf_log_commits_paused", "1 while commits are paused because the clock can't be trusted.")
	descSize         = desc("sheaf_store_size_bytes", "The size of the log's files.", "file")
	descFree         = desc("sheaf_store_disk_free_bytes", "What can still be written where the log is.")
	descWrites       = desc("sheaf_store_writes_total", "Writes to the log that had their turn.")
	descWaited       = desc("sheaf_store_write_wait_seconds_total", "How long writes to the log waited for their turn, all together.")
	descCommits      = desc("sheaf_store_commits_total", "Transactions of the log; several writes may share one.")
	descCommitting   = desc("sheaf_store_commit_seconds_total", "How long it took to make transactions durable, checkpoints included.")
	descAdded        = desc("sheaf_source_added_timestamp_seconds", "When the source was met first in the configuration.", "source")
	descRecords      = desc("sheaf_records", "Records by source and status (live, deleted, quarantined).", "source", "status")
	descLastSuccess  = desc("sheaf_harvest_last_success_timestamp_seconds", "End of the last complete pass.", "source")
	descLastNew      = desc("sheaf_harvest_last_new_record_timestamp_seconds", "Last change that the source brought.", "source")
	descInterval     = desc("sheaf_harvest_interval_seconds", "How often the source is to be harvested.", "source")
	descRunStarted   = desc("sheaf_harvest_run_started_timestamp_seconds", "Start of the run under way.", "source")
	descRunHeartbeat = desc("sheaf_harvest_run_heartbeat_timestamp_seconds", "Last page of the run under way.", "source")
	descState        = desc("sheaf_source_state", "1 for the state that the source is in, 0 for the others.", "source", "state")
)

// Describe implements prometheus.Collector.
func (c *logCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descSeq, descHeadTime, descEpoch, descPaused, descSize, descFree, descWrites, descWaited,
		descCommits, descCommitting, descAdded, descRecords, descLastSuccess,
		descLastNew, descInterval, descRunStarted, descRunHeartbeat, descState} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *logCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	head, err := c.store.Head(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descSeq, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	when := func(d *prometheus.Desc, t time.Time, labels ...string) {
		if !t.IsZero() {
			gauge(d, float64(t.Unix()), labels...)
		}
	}
	gauge(descSeq, float64(head.Seq))
	gauge(descEpoch, float64(head.Epoch))
	when(descHeadTime, head.Datestamp)
	gauge(descPaused, flag(c.store.Trouble() != nil))
	c.collectStore(ch, gauge)
	all, err := c.store.Status(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descRecords, err)
		return
	}
	for name, s := range c.cfg.Sources {
		gauge(descInterval, s.Every.Seconds(), name)
		when(descAdded, c.added[name], name)
	}
	for _, st := range all {
		gauge(descRecords, float64(st.Live), st.Source, "live")
		gauge(descRecords, float64(st.Deleted), st.Source, "deleted")
		gauge(descRecords, float64(st.Quarantined), st.Source, "quarantined")
		when(descLastSuccess, st.LastComplete, st.Source)
		when(descLastNew, st.LastNew, st.Source)
		if st.Running {
			when(descRunStarted, st.LastRun.Began, st.Source)
			when(descRunHeartbeat, st.LastRun.Heartbeat, st.Source)
		}
		for _, state := range sourceStates {
			gauge(descState, flag(state == stateOf(&st)), st.Source, state)
		}
	}
}

// The states of a source: active, or its last run failed, or was not complete.
var sourceStates = []string{"active", "failing", pipeline.Incomplete}

func stateOf(st *store.SourceStatus) string {
	switch st.LastRun.Result {
	case pipeline.Failed:
		return "failing"
	case pipeline.Incomplete:
		return pipeline.Incomplete
	}
	return "active"
}

func flag(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

func (c *logCollector) collectStore(ch chan<- prometheus.Metric, gauge func(*prometheus.Desc, float64, ...string)) {
	for file, size := range c.store.Sizes() {
		gauge(descSize, float64(size), file)
	}
	if free, ok := c.store.DiskFree(); ok {
		gauge(descFree, float64(free))
	}
	counter := func(d *prometheus.Desc, v float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v)
	}
	w := c.store.Writes()
	counter(descWrites, float64(w.Writes))
	counter(descWaited, w.Waited.Seconds())
	counter(descCommits, float64(w.Commits))
	counter(descCommitting, w.Committing.Seconds())
}
