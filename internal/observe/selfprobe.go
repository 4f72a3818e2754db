package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/selfprobe"
)

// A SelfProbe shows what the gateway finds when it walks its own list of records.
type SelfProbe struct {
	Prober interface{ State() selfprobe.State }
}

var (
	descProbeOK      = desc("sheaf_selfprobe_success", "1 if the last page that the gateway asked of its own OAI-PMH was good, 0 if not; absent until it has asked.")
	descProbeGood    = desc("sheaf_selfprobe_last_success_timestamp_seconds", "When a page that the gateway asked of its own OAI-PMH was good last.")
	descProbeTook    = desc("sheaf_selfprobe_page_duration_seconds", "How long the last page took that the gateway asked of its own OAI-PMH; absent until it has asked.")
	descProbeWalked  = desc("sheaf_selfprobe_walk_completed_timestamp_seconds", "When the gateway came to the end of its own list of all records last.")
	descProbeRecords = desc("sheaf_selfprobe_walk_records", "Records, deleted ones too, that the gateway met when it walked its own list to the end last.")
	descProbeLacked  = desc("sheaf_selfprobe_walk_missing_records", "By how many the last complete walk of the gateway's own list fell short of the records that were live when it began.")
)

// Describe implements [prometheus.Collector].
func (p *SelfProbe) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descProbeOK, descProbeGood, descProbeTook, descProbeWalked, descProbeRecords, descProbeLacked} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (p *SelfProbe) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	when := func(d *prometheus.Desc, t time.Time) {
		if !t.IsZero() {
			gauge(d, float64(t.Unix()))
		}
	}
	s := p.Prober.State()
	when(descProbeGood, s.Good)
	when(descProbeWalked, s.Walked)
	if !s.Asked.IsZero() {
		gauge(descProbeOK, flag(s.Err == nil))
		gauge(descProbeTook, s.Took.Seconds())
	}
	if !s.Walked.IsZero() {
		gauge(descProbeRecords, float64(s.WalkedTotal))
		gauge(descProbeLacked, float64(s.WalkedLacked))
	}
}
