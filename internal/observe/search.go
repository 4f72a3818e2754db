package observe

import "github.com/prometheus/client_golang/prometheus"

// Search shows how far the search index is.
type Search struct {
	Index interface{ Behind() int64 }
}

var descSearchBehind = desc("sheaf_search_behind_changes", "Places of the log that the search index has yet to read, an upper bound of the changes; absent if there is no search.")

// Describe implements [prometheus.Collector].
func (s *Search) Describe(ch chan<- *prometheus.Desc) { ch <- descSearchBehind }

// Collect implements [prometheus.Collector].
func (s *Search) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(descSearchBehind, prometheus.GaugeValue, float64(s.Index.Behind()))
}
