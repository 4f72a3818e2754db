package observe

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// OAI measures the requests of OAI-PMH.
type OAI struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	records  prometheus.Counter
	bytes    *prometheus.CounterVec
	again    prometheus.Counter
	inFlight prometheus.Gauge
}

// oaiVerbs are the values of the label verb. "none" stands for requests without a legal verb.
var oaiVerbs = []string{"Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListIdentifiers", "ListRecords", "none"}

// NewOAI registers the metrics.
func NewOAI(r prometheus.Registerer) *OAI {
	m := &OAI{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_oai_requests_total",
			Help: "OAI-PMH requests by verb, metadata prefix (of successful ones) and outcome: ok, the protocol's error code, or http_STATUS."},
			[]string{"verb", "prefix", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_oai_request_duration_seconds",
			Help: "Time to answer OAI-PMH requests.", Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 30}}, []string{"verb"}),
		records: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_oai_records_served_total",
			Help: "Records and headers served in OAI-PMH lists and GetRecord."}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_oai_response_bytes_total",
			Help: "Bytes of OAI-PMH answers, as they were sent (compressed ones as such)."}, []string{"verb"}),
		again: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_oai_pages_served_again_total",
			Help: "Pages of OAI-PMH lists that were kept from an earlier request and still right."}),
	}
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: "sheaf_oai_requests_in_flight", Help: "OAI-PMH requests that are being answered."})
	for _, v := range oaiVerbs {
		m.duration.WithLabelValues(v)
		m.bytes.WithLabelValues(v)
	}
	r.MustRegister(m.requests, m.duration, m.records, m.bytes, m.again, m.inFlight)
	return m
}

// Handler measures how many requests h is answering.
func (m *OAI) Handler(h http.Handler) http.Handler {
	return promhttp.InstrumentHandlerInFlight(m.inFlight, h)
}

// Observe counts one request.
func (m *OAI) Observe(o *oaipmh.Observation) {
	verb := o.Verb
	if !slices.Contains(oaiVerbs, verb) {
		verb = "none"
	}
	code := "ok"
	switch {
	case o.Status >= 400:
		code = fmt.Sprintf("http_%d", o.Status)
	case len(o.Codes) > 0:
		code = o.Codes[0]
	}
	m.requests.WithLabelValues(verb, o.Prefix, code).Inc()
	m.duration.WithLabelValues(verb).Observe(o.Duration.Seconds())
	m.bytes.WithLabelValues(verb).Add(float64(o.Bytes))
	if verb == "ListRecords" || verb == "ListIdentifiers" || verb == "GetRecord" {
		m.records.Add(float64(o.Records))
	}
	if o.Cached {
		m.again.Inc()
	}
}
