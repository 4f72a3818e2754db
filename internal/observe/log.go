package observe

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// scrapeTime bounds what a scrape may take to read the log.
const scrapeTime = 5 * time.Second

// A Log is what is read of the log when Prometheus asks.
type Log interface {
	Head(context.Context) (pipeline.Head, error)
	// Trouble says why commits are paused; nil if they are not.
	Trouble() error
	Status(context.Context) ([]store.SourceStatus, error)
	// Checked is when the log was last found whole; zero if it was not yet.
	Checked() time.Time
	// Health says what is wrong with the log and its disk, an error that is pipeline.ErrFull if the disk is nearly
	// full; nil if nothing is.
	Health() error
	// Sizes are those of the files that the log is in, in bytes.
	Sizes() map[string]int64
	// DiskFree is what can still be written beside them, if the system says so.
	DiskFree() (bytes int64, ok bool)
	Writes() store.WriteStats
}

// A ConfiguredSource is what the configuration says of a source, as far as alarms need it.
type ConfiguredSource struct {
	Every time.Duration // how often it is harvested
	Added time.Time     // when it was met first
}

// A LogCollector reads gauges from the log when Prometheus asks, so that they are right after a restart too.
// Timestamps that are not known yet are left out.
type LogCollector struct {
	Log     Log
	Dir     string                      // the data folder
	Sources map[string]ConfiguredSource // by their names
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	descSeq          = desc("sheaf_log_seq", "The last seq that the log gave out.")
	descHeadTime     = desc("sheaf_log_head_timestamp_seconds", "The datestamp of the head of the log.")
	descEpoch        = desc("sheaf_log_epoch", "The epoch of the log; it changes when the log has gone back.")
	descPaused       = desc("sheaf_log_commits_paused", "1 while commits are paused because the clock can't be trusted.")
	descSize         = desc("sheaf_store_size_bytes", "What the data folder takes: db (the log), wal (what is written ahead of it), reserve (room kept for it), before_restore (logs that were replaced), nats (the embedded broker), dump (the dumps that are served), other.", "file")
	descFree         = desc("sheaf_store_disk_free_bytes", "What can still be written where the log is.")
	descHarvests     = desc("sheaf_log_harvests_paused", "1 while harvests are paused because the disk is nearly full.")
	descTrouble      = desc("sheaf_store_trouble", "1 while the log is damaged or gone, its disk nearly full, or its last write failed; /readyz says which.")
	descChecked      = desc("sheaf_store_checked_timestamp_seconds", "When the whole log was last read and found whole.")
	descWrites       = desc("sheaf_store_writes_total", "Writes to the log that had their turn.")
	descWaited       = desc("sheaf_store_write_wait_seconds_total", "How long writes to the log waited for their turn, all together.")
	descCommits      = desc("sheaf_store_commits_total", "Transactions of the log; several writes may share one.")
	descCommitting   = desc("sheaf_store_commit_seconds_total", "How long it took to make transactions durable, checkpoints included.")
	descAdded        = desc("sheaf_source_added_timestamp_seconds", "When the source was met first in the configuration.", "source")
	descRecords      = desc("sheaf_records", "Records by source and status (live, deleted, quarantined).", "source", "status")
	descLastSuccess  = desc("sheaf_harvest_last_success_timestamp_seconds", "End of the last complete pass.", "source")
	descLastNew      = desc("sheaf_harvest_last_new_record_timestamp_seconds", "Last change that the source brought.", "source")
	descInterval     = desc("sheaf_harvest_interval_seconds", "How often the source is to be harvested, or expected to send; missing for one that sends when it likes, and while a person has stopped it.", "source")
	descRunStarted   = desc("sheaf_harvest_run_started_timestamp_seconds", "Start of the run under way.", "source")
	descRunHeartbeat = desc("sheaf_harvest_run_heartbeat_timestamp_seconds", "Last page of the run under way.", "source")
	descHeld         = desc("sheaf_source_held_records", "Records that would be deleted or changed, and wait for a decision, by source and operation (deleted, changed).", "source", "op")
	descHeldSince    = desc("sheaf_source_held_since_timestamp_seconds", "Since when what the source would delete or change waits for a decision.", "source")
	descState        = desc("sheaf_source_state", "1 for the state that the source is in, with the words of sheaf status; ok is 0 while it is in another one, and the others are there only while they last.", "source", "state")
	descReconciled   = desc("sheaf_source_reconcile_last_timestamp_seconds", "When what the source lists was last held against the log, with a result.", "source")
	descCompared     = desc("sheaf_source_reconcile_records", "What came of that, by source and outcome: listed (and live in the log), found (those of them that the log lacked before), extra (in the log, and not listed).", "source", "outcome")
	descMissing      = desc("sheaf_completeness_missing_records", "Records that the source lists and the log still lacks after the last reconciliation.", "source")
)

// Describe implements [prometheus.Collector].
func (c *LogCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descSeq, descHeadTime, descEpoch, descPaused, descSize, descFree, descHarvests, descTrouble, descChecked, descWrites, descWaited,
		descCommits, descCommitting, descAdded, descRecords, descLastSuccess,
		descLastNew, descInterval, descRunStarted, descRunHeartbeat, descHeld, descHeldSince, descReconciled, descCompared, descMissing, descState} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *LogCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	head, err := c.Log.Head(ctx)
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
	gauge(descPaused, flag(c.Log.Trouble() != nil))
	when(descChecked, c.Log.Checked())
	c.collectStore(ch, gauge)
	all, err := c.Log.Status(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descRecords, err)
		return
	}
	stopped := map[string]bool{}
	for _, st := range all {
		stopped[st.Source] = st.Stop.Word() != ""
	}
	for name, s := range c.Sources {
		if s.Every > 0 && !stopped[name] { // else nothing is late
			gauge(descInterval, s.Every.Seconds(), name)
		}
		when(descAdded, s.Added, name)
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
		gauge(descHeld, float64(st.Held.Deletions), st.Source, "deleted")
		gauge(descHeld, float64(st.Held.Changes), st.Source, "changed")
		when(descHeldSince, st.Held.Since, st.Source)
		if c := &st.Reconciled; !c.At.IsZero() && c.Why == "" {
			when(descReconciled, c.At, st.Source)
			gauge(descCompared, float64(c.Listed), st.Source, "listed")
			gauge(descCompared, float64(c.Found), st.Source, "found")
			gauge(descCompared, float64(c.Extra), st.Source, "extra")
			gauge(descMissing, float64(c.Missing), st.Source)
		}
		c.collectState(&st, gauge)
	}
}

// collectState shows how a source stands. A source that is well has one series, another one two.
func (c *LogCollector) collectState(st *store.SourceStatus, gauge func(*prometheus.Desc, float64, ...string)) {
	conf, configured := c.Sources[st.Source]
	state := st.State(store.Setting{Configured: configured, Every: conf.Every, Now: time.Now()})
	gauge(descState, flag(state == store.StateOK), st.Source, store.StateOK)
	if state != store.StateOK {
		gauge(descState, 1, st.Source, state)
	}
}

func flag(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

func (c *LogCollector) collectStore(ch chan<- prometheus.Metric, gauge func(*prometheus.Desc, float64, ...string)) {
	for file, size := range c.Log.Sizes() {
		gauge(descSize, float64(size), file)
	}
	for part, size := range beside(c.Dir) {
		gauge(descSize, float64(size), part)
	}
	if free, ok := c.Log.DiskFree(); ok {
		gauge(descFree, float64(free))
	}
	health := c.Log.Health()
	gauge(descHarvests, flag(errors.Is(health, pipeline.ErrFull)))
	gauge(descTrouble, flag(health != nil))
	counter := func(d *prometheus.Desc, v float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v)
	}
	w := c.Log.Writes()
	counter(descWrites, float64(w.Writes))
	counter(descWaited, w.Waited.Seconds())
	counter(descCommits, float64(w.Commits))
	counter(descCommitting, w.Committing.Seconds())
}
