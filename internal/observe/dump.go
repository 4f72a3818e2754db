package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/feed"
)

// Dump shows the dump that is served.
type Dump struct {
	Dumps interface {
		Present() (m feed.Manifest, ok bool, failures int64)
	}
	Every func() time.Duration // how often one is made; zero: never
}

var (
	descDumpInterval = desc("sheaf_dump_interval_seconds", "How old the dump may become before another one is made; absent if none is made.")
	descDumpTime     = desc("sheaf_dump_timestamp_seconds", "When the dump was begun that is served; absent if there is none.")
	descDumpBytes    = desc("sheaf_dump_bytes", "Size of the files of the dump that is served; absent if there is none.")
	descDumpRows     = desc("sheaf_dump_rows", "Lines of the dump that is served; absent if there is none.")
	descDumpFailures = desc("sheaf_dump_failures_total", "Dumps that could not be made since the gateway started.")
)

// Describe implements [prometheus.Collector].
func (d *Dump) Describe(ch chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{descDumpInterval, descDumpTime, descDumpBytes, descDumpRows, descDumpFailures} {
		ch <- one
	}
}

// Collect implements [prometheus.Collector].
func (d *Dump) Collect(ch chan<- prometheus.Metric) {
	m, ok, failures := d.Dumps.Present()
	ch <- prometheus.MustNewConstMetric(descDumpFailures, prometheus.CounterValue, float64(failures))
	if every := d.Every(); every > 0 {
		ch <- prometheus.MustNewConstMetric(descDumpInterval, prometheus.GaugeValue, every.Seconds())
	}
	if !ok {
		return
	}
	ch <- prometheus.MustNewConstMetric(descDumpTime, prometheus.GaugeValue, float64(m.Created.Unix()))
	ch <- prometheus.MustNewConstMetric(descDumpBytes, prometheus.GaugeValue, float64(m.Size()))
	ch <- prometheus.MustNewConstMetric(descDumpRows, prometheus.GaugeValue, float64(m.Rows))
}
