package observe

import "github.com/prometheus/client_golang/prometheus"

// Traces shows whether the collector takes what is traced.
type Traces struct {
	Counts func() (sent, dropped int64)
}

var descSpans = desc("sheaf_trace_spans_total", "Spans by what became of them: sent to the collector, or dropped because it was away, too slow, or refused them.", "result")

// Describe implements [prometheus.Collector].
func (t *Traces) Describe(ch chan<- *prometheus.Desc) { ch <- descSpans }

// Collect implements [prometheus.Collector].
func (t *Traces) Collect(ch chan<- prometheus.Metric) {
	sent, dropped := t.Counts()
	ch <- prometheus.MustNewConstMetric(descSpans, prometheus.CounterValue, float64(sent), "sent")
	ch <- prometheus.MustNewConstMetric(descSpans, prometheus.CounterValue, float64(dropped), "dropped")
}
