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
	Standings
	Peers
}

// A LogCollector reads gauges of the log, as this gateway has it, when Prometheus asks, so that they are right after a
// restart too. Timestamps that are not known yet are left out.
type LogCollector struct {
	Log Log
	Dir string // the data folder
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	descSeq        = desc("sheaf_log_seq", "The last seq that the log gave out.")
	descHeadTime   = desc("sheaf_log_head_timestamp_seconds", "The datestamp of the head of the log.")
	descEpoch      = desc("sheaf_log_epoch", "The epoch of the log; it changes when the log has gone back.")
	descPaused     = desc("sheaf_log_commits_paused", "1 while commits are paused because the clock can't be trusted.")
	descSize       = desc("sheaf_store_size_bytes", "What the data folder takes: db (the log), wal (what is written ahead of it), reserve (room kept for it), before_restore (logs that were replaced), nats (the embedded broker), dump (the dumps that are served), other.", "file")
	descFree       = desc("sheaf_store_disk_free_bytes", "What can still be written where the log is.")
	descHarvests   = desc("sheaf_log_harvests_paused", "1 while harvests are paused because the disk is nearly full.")
	descTrouble    = desc("sheaf_store_trouble", "1 while the log is damaged or gone, its disk nearly full, or its last write failed; /readyz says which.")
	descChecked    = desc("sheaf_store_checked_timestamp_seconds", "When the whole log was last read and found whole.")
	descWrites     = desc("sheaf_store_writes_total", "Writes to the log that had their turn.")
	descWaited     = desc("sheaf_store_write_wait_seconds_total", "How long writes to the log waited for their turn, all together.")
	descCommits    = desc("sheaf_store_commits_total", "Transactions of the log; several writes may share one.")
	descCommitting = desc("sheaf_store_commit_seconds_total", "How long it took to make transactions durable, checkpoints included.")
)

// Describe implements [prometheus.Collector].
func (c *LogCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descSeq, descHeadTime, descEpoch, descPaused, descSize, descFree, descHarvests, descTrouble, descChecked, descWrites, descWaited, descCommits, descCommitting} {
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
