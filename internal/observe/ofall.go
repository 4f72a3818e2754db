package observe

import "github.com/prometheus/client_golang/prometheus"

// OfAll shows what is the same at all gateways on one log, at the one that leads them: else a sum over the gateways would count it
// once for each. For the seconds in which another one takes over, nobody shows it.
type OfAll struct {
	Leads func() bool
	Shown []prometheus.Collector
}

// Describe implements [prometheus.Collector].
func (o *OfAll) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range o.Shown {
		c.Describe(ch)
	}
}

// Collect implements [prometheus.Collector].
func (o *OfAll) Collect(ch chan<- prometheus.Metric) {
	if !o.Leads() {
		return
	}
	for _, c := range o.Shown {
		c.Collect(ch)
	}
}
