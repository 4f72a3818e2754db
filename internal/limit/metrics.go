package limit

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	throttled *prometheus.CounterVec
	refused   prometheus.Counter
	closed    prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_oai_throttled_total",
			Help: "Requests on the public listener, mostly of harvesters, that were told to come later, by the budget that they were over (requests, records, concurrency: of a client; server: of all), or because their turn did not come (turns)."},
			[]string{"reason"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_public_connections_refused_total",
			Help: "Connections to the public listener that were closed at once, because there were too many and all were busy."}),
		closed: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_public_connections_closed_total",
			Help: "Connections to the public listener that made room for a new one, because nobody had asked on them for the longest time."}),
	}
	for _, reason := range []string{overRequests, overRecords, overConcurrency, overTotal, overTurns} {
		m.throttled.WithLabelValues(reason)
	}
	if r != nil {
		r.MustRegister(m.throttled, m.refused, m.closed)
	}
	return m
}
