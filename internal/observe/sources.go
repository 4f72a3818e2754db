package observe

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/store"
)

// Standings are how the sources stand in the log.
type Standings interface {
	Status(context.Context) ([]store.SourceStatus, error)
}

// A ConfiguredSource is what the configuration says of a source, as far as alarms need it.
type ConfiguredSource struct {
	Every time.Duration // how often it is harvested
	Added time.Time     // when it was met first
}

// Sources reads from the log how each source stands. Timestamps that are not known yet are left out.
type Sources struct {
	Log        Standings
	Configured func() map[string]ConfiguredSource // by their names
}

var (
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
func (c *Sources) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descAdded, descRecords, descLastSuccess, descLastNew, descInterval, descRunStarted, descRunHeartbeat, descHeld, descHeldSince, descState, descReconciled, descCompared, descMissing} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *Sources) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	when := func(d *prometheus.Desc, t time.Time, labels ...string) {
		if !t.IsZero() {
			gauge(d, float64(t.Unix()), labels...)
		}
	}
	all, err := c.Log.Status(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descRecords, err)
		return
	}
	stopped := map[string]bool{}
	for _, st := range all {
		stopped[st.Source] = st.Stop.Word() != ""
	}
	configured := c.Configured()
	for name, s := range configured {
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
		s, is := configured[st.Source]
		collectState(&st, store.Setting{Configured: is, Every: s.Every, Now: time.Now()}, gauge)
	}
}

// collectState shows how a source stands. A source that is well has one series, another one two.
func collectState(st *store.SourceStatus, is store.Setting, gauge func(*prometheus.Desc, float64, ...string)) {
	state := st.State(is)
	gauge(descState, flag(state == store.StateOK), st.Source, store.StateOK)
	if state != store.StateOK {
		gauge(descState, 1, st.Source, state)
	}
}
