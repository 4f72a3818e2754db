package events

import "github.com/prometheus/client_golang/prometheus"

// What an event does to its record, as in subjects and metrics.
const (
	opUpserted = "upserted"
	opDeleted  = "deleted"
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

// Metrics are the series of this package.
type Metrics struct {
	connected prometheus.Gauge
	published *prometheus.CounterVec
	errors    *prometheus.CounterVec
}

// NewMetrics makes the series and registers them; reg may be nil. It panics if they are registered
// already.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
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
	for _, op := range []string{opUpserted, opDeleted} {
		m.published.WithLabelValues(op)
	}
	for _, kind := range []string{kindDisconnected, kindTimeout, kindLostPlace, kindForeign, kindRefused, kindNotice} {
		m.errors.WithLabelValues(kind)
	}
	if reg != nil {
		reg.MustRegister(m.connected, m.published, m.errors)
	}
	return m
}
