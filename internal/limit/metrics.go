package limit

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	throttled *prometheus.CounterVec
	refused   prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_oai_throttled_total",
			Help: "Requests on the public listener, mostly of harvesters, that were told to come later, by the budget that they were over (requests, records, concurrency: of a client; server: of all)."},
			[]string{"reason"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_public_connections_refused_total",
			Help: "Connections to the public listener that were closed at once, because there were too many."}),
	}
	for _, reason := range []string{overRequests, overRecords, overConcurrency, overTotal} {
		m.throttled.WithLabelValues(reason)
	}
	if r != nil {
		r.MustRegister(m.throttled, m.refused)
	}
	return m
}
