package events

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
)

// What an event does to its record, as in subjects and metrics.
const (
	opUpserted = changejson.Upserted
	opDeleted  = changejson.Deleted
)

// The kinds of failure to publish.
const (
	kindDisconnected = "disconnected" // no connection, or it was lost with messages in flight
	kindTimeout      = "timeout"      // the broker did not answer in time
	kindLostPlace    = "lost_place"   // the stream had grown, or shrunk, meanwhile
	kindForeign      = "foreign"      // the stream belongs to another gateway
	kindRefused      = "refused"      // the broker said no: no stream, no room, no permission
	kindNotice       = "notice"       // a notice for operators was not taken
)

// metrics are the series of this package.
type metrics struct {
	connected prometheus.Gauge
	published *prometheus.CounterVec
	errors    *prometheus.CounterVec
	strays    prometheus.Counter
}

// newMetrics makes the series and registers them; reg may be nil.
func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		connected: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sheaf_nats_connected", Help: "Whether there is a connection to NATS (1) or not (0).",
		}),
		published: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sheaf_events_published_total", Help: "Events of records that the stream has acknowledged.",
		}, []string{"op"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sheaf_event_publish_errors_total", Help: "Attempts to publish that came to nothing, by what stood in the way.",
		}, []string{"kind"}),
	}
	m.strays = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "sheaf_event_stray_messages_total", Help: "Messages at the end of the event stream that this gateway did not publish; they are passed over.",
	})
	for _, op := range []string{opUpserted, opDeleted} {
		m.published.WithLabelValues(op)
	}
	for _, kind := range []string{kindDisconnected, kindTimeout, kindLostPlace, kindForeign, kindRefused, kindNotice} {
		m.errors.WithLabelValues(kind)
	}
	if reg != nil {
		for _, c := range []prometheus.Collector{m.connected, m.published, m.errors, m.strays} {
			if err := reg.Register(c); err != nil {
				return nil, fmt.Errorf("register its metrics: %w", err)
			}
		}
	}
	return m, nil
}
