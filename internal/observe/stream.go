package observe

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/events"
)

// streamTime bounds what a scrape may take to ask the broker. A broker that does not answer must not make the other
// metrics late: Prometheus gives up a scrape after ten seconds.
const streamTime = 2 * time.Second

// A Stream shows how large the event stream is and how far its readers have come. Where the broker doesn't say, the
// metrics are left out. Consumers are not told apart, because their names are other people's.
type Stream struct {
	Size func(context.Context) (events.StreamSize, error)
}

var (
	descStreamBytes    = desc("sheaf_events_stream_size_bytes", "The size of the event stream of records.")
	descStreamMax      = desc("sheaf_events_stream_max_size_bytes", "The bound of that size, at which the oldest events go.")
	descStreamMessages = desc("sheaf_events_stream_messages", "Events in the stream of records.")
	descStreamOldest   = desc("sheaf_events_stream_oldest_timestamp_seconds", "When the oldest event in the stream was published.")
	descConsumers      = desc("sheaf_events_consumers", "Consumers of the stream of records that the broker knows.")
	descPending        = desc("sheaf_events_slowest_consumer_pending", "Events that the slowest consumer has yet to be sent.")
	descMargin         = desc("sheaf_events_slowest_consumer_margin", "Events that may go from the old end of the stream before the slowest consumer misses one.")
)

// Describe implements [prometheus.Collector].
func (s *Stream) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descStreamBytes, descStreamMax, descStreamMessages, descStreamOldest, descConsumers, descPending, descMargin} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (s *Stream) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), streamTime)
	defer cancel()
	size, err := s.Size(ctx)
	if err != nil {
		return // sheaf_nats_connected and the relay's metrics say that something is wrong
	}
	gauge := func(d *prometheus.Desc, v float64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	gauge(descStreamBytes, float64(size.Bytes))
	gauge(descStreamMessages, float64(size.Messages))
	gauge(descConsumers, float64(size.Consumers))
	if size.MaxBytes > 0 {
		gauge(descStreamMax, float64(size.MaxBytes))
	}
	if !size.Oldest.IsZero() {
		gauge(descStreamOldest, float64(size.Oldest.Unix()))
	}
	if size.Consumers > 0 {
		gauge(descPending, float64(size.Pending))
		gauge(descMargin, float64(size.Margin))
	}
}
