package observe

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/events"
)

// Replicas shows on how many servers the event stream is, and on how many all of it is. Where nothing is known, the
// metrics are left out.
type Replicas struct {
	Watch interface{ Replicas() events.Replicas }
}

var (
	descReplicas        = desc("sheaf_events_stream_replicas", "Servers that should keep the event stream of records.")
	descReplicasCurrent = desc("sheaf_events_stream_replicas_current", "Servers that have all of the event stream of records; 0 if none leads it, because too few of them see each other.")
)

// Describe implements [prometheus.Collector].
func (r *Replicas) Describe(ch chan<- *prometheus.Desc) {
	ch <- descReplicas
	ch <- descReplicasCurrent
}

// Collect implements [prometheus.Collector].
func (r *Replicas) Collect(ch chan<- prometheus.Metric) {
	now := r.Watch.Replicas()
	if now.Want == 0 {
		return
	}
	ch <- prometheus.MustNewConstMetric(descReplicas, prometheus.GaugeValue, float64(now.Want))
	ch <- prometheus.MustNewConstMetric(descReplicasCurrent, prometheus.GaugeValue, float64(now.Current))
}
