package observe

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reloads show whether the configuration in force is the one in the files.
type Reloads struct {
	mu      sync.Mutex
	last    time.Time // when the configuration in force was read
	refused time.Time // when the last try was refused; zero if it succeeded
	why     string
}

var (
	descReloaded = desc("sheaf_config_last_reload_successful", "1 if the configuration was good when it was read last, 0 if the gateway goes on with an older one.")
	descReload   = desc("sheaf_config_last_reload_success_timestamp_seconds", "When the configuration in force was read.")
)

// Loaded notes that the configuration in the files is in force.
func (r *Reloads) Loaded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.refused, r.why = time.Now(), time.Time{}, ""
}

// Refused notes that the configuration in the files is not in force, and why.
func (r *Reloads) Refused(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused, r.why = time.Now(), why
}

// Refusal says when the configuration in the files was refused, and why. The time is zero if it is in force.
func (r *Reloads) Refusal() (at time.Time, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused, r.why
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
	ch <- prometheus.MustNewConstMetric(descReloaded, prometheus.GaugeValue, flag(!r.last.IsZero() && r.refused.IsZero()))
	if !r.last.IsZero() {
		ch <- prometheus.MustNewConstMetric(descReload, prometheus.GaugeValue, float64(r.last.Unix()))
	}
}
