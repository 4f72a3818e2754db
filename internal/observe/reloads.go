package observe

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reloads show whether the configuration in force is the one in the files.
type Reloads struct {
	mu   sync.Mutex
	last time.Time // when the configuration in force was read
	ok   bool      // the last try succeeded
}

var (
	descReloaded = desc("sheaf_config_last_reload_successful", "1 if the configuration was good when it was read last, 0 if the gateway goes on with an older one.")
	descReload   = desc("sheaf_config_last_reload_success_timestamp_seconds", "When the configuration in force was read.")
)

// Loaded notes that the configuration in the files is in force.
func (r *Reloads) Loaded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.ok = time.Now(), true
}

// Refused notes that the configuration in the files is not in force.
func (r *Reloads) Refused() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ok = false
}

// Describe implements [prometheus.Collector].
func (r *Reloads) Describe(ch chan<- *prometheus.Desc) {
	ch <- descReloaded
	ch <- descReload
}

// Collect implements [prometheus.Collector].
func (r *Reloads) Collect(ch chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(descReloaded, prometheus.GaugeValue, flag(r.ok))
	if !r.last.IsZero() {
		ch <- prometheus.MustNewConstMetric(descReload, prometheus.GaugeValue, float64(r.last.Unix()))
	}
}
