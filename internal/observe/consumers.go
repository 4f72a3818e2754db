package observe

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

const (
	// maxConsumers bounds the consumers that have series of their own: the names are other people's, and anybody who may
	// read can make a consumer. Those that are nearest to missing events are among them.
	maxConsumers = 50
	// maxConsumerName bounds the label, in bytes.
	maxConsumerName = 64
)

// Consumers shows how each durable consumer of the event stream stands.
type Consumers struct {
	Watch interface {
		Consumers() []events.Consumer
		Missed() int
	}
}

var (
	descConsumerPending = desc("sheaf_events_consumer_pending", "Events that a durable consumer has yet to be sent, or has not acknowledged.", "consumer")
	descConsumerMargin  = desc("sheaf_events_consumer_margin", "Messages in the stream before the first that a durable consumer has not acknowledged.", "consumer")
	descConsumerRoom    = desc("sheaf_events_consumer_room_ratio", "The part of the stream's bounds that is left before a durable consumer misses an event; 1 when it has everything.", "consumer")
	descConsumerMisses  = desc("sheaf_events_consumer_misses_timestamp_seconds", "When a durable consumer misses its next event at the latest, if it acknowledges nothing until then; absent when it has everything.", "consumer")
	descConsumerAck     = desc("sheaf_events_consumer_last_ack_timestamp_seconds", "When a durable consumer acknowledged an event last; absent where the broker doesn't know.", "consumer")
	descConsumersMissed = desc("sheaf_events_consumers_missed_total", "How often a durable consumer was found to have missed events, because the stream dropped them before it had acknowledged them.")
)

// Describe implements [prometheus.Collector].
func (c *Consumers) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descConsumerPending, descConsumerMargin, descConsumerRoom, descConsumerMisses, descConsumerAck, descConsumersMissed} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *Consumers) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, name string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, wording.ClipLine(name, maxConsumerName))
	}
	ch <- prometheus.MustNewConstMetric(descConsumersMissed, prometheus.CounterValue, float64(c.Watch.Missed()))
	seen := map[string]bool{}
	for _, s := range nearest(c.Watch.Consumers()) {
		name := wording.ClipLine(s.Name, maxConsumerName)
		if seen[name] {
			continue // two names that are the same when they are cut
		}
		seen[name] = true
		gauge(descConsumerPending, float64(s.Pending+s.Unacked), name)
		gauge(descConsumerMargin, float64(s.Margin), name)
		gauge(descConsumerRoom, s.Room, name)
		if s.Left > 0 {
			gauge(descConsumerMisses, float64(time.Now().Add(s.Left).Unix()), name)
		}
		if !s.LastAck.IsZero() {
			gauge(descConsumerAck, float64(s.LastAck.Unix()), name)
		}
	}
}

// nearest are at most maxConsumers of the consumers: those with the least room.
func nearest(all []events.Consumer) []events.Consumer {
	if len(all) <= maxConsumers {
		return all
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b events.Consumer) int { return cmp.Compare(a.Room, b.Room) })
	return all[:maxConsumers]
}
