package observe

import (
	"crypto/x509"

	"github.com/prometheus/client_golang/prometheus"
)

// Certificates show whether the listeners have certificates, and when those end. They are read when Prometheus asks, as they
// are read when a client connects: one that was renewed is seen at once, and one that was spoiled too.
type Certificates struct {
	// Of gives, by the name of a listener, the certificate that it shows; the one that ends first, if there are several.
	Of map[string]func() (*x509.Certificate, error)
}

var (
	descUsable   = desc("sheaf_certificate_usable", "1 if the listener (public, ops, events) has a certificate to show, 0 if it has none or can't read it, and clients are turned away.", "listener")
	descGoodFrom = desc("sheaf_certificate_not_before_timestamp_seconds", "From when the certificate of the listener is good.", "listener")
	descGoodTill = desc("sheaf_certificate_not_after_timestamp_seconds", "When the certificate of the listener ends; of several, the first one.", "listener")
)

// Describe implements [prometheus.Collector].
func (c *Certificates) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUsable, descGoodFrom, descGoodTill} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *Certificates) Collect(ch chan<- prometheus.Metric) {
	for listener, read := range c.Of {
		cert, err := read()
		ch <- prometheus.MustNewConstMetric(descUsable, prometheus.GaugeValue, flag(err == nil), listener)
		if err == nil {
			ch <- prometheus.MustNewConstMetric(descGoodFrom, prometheus.GaugeValue, float64(cert.NotBefore.Unix()), listener)
			ch <- prometheus.MustNewConstMetric(descGoodTill, prometheus.GaugeValue, float64(cert.NotAfter.Unix()), listener)
		}
	}
}
