package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/survey"
)

// qualityLabels are those of a figure that has a name.
func qualityDesc(name, help, of string) *prometheus.Desc {
	return desc(name, help+" From the last measure; rules is the version of the rules that made the records, and old ones drop away.", "source", "rules", of)
}

var (
	descQualityMeasured = desc("sheaf_quality_measured_timestamp_seconds", "When the quality of the source was measured last.", "source")
	descQualityRecords  = desc("sheaf_quality_records", "Live records in the last measure, by the version of the rules that made them.", "source", "rules")
	descQuality         = qualityDesc("sheaf_quality_ratio", "Share of the live records that have the element, from 0 to 1.", "element")
	descQualityStandard = qualityDesc("sheaf_quality_normalized_ratio", "Of the records with a value of the kind (dates, languages, types, rights, identifiers), the share with one in standard form.", "kind")
	descQualityProblem  = qualityDesc("sheaf_quality_problem_ratio", "Share of the live records that show the problem.", "problem")
	descQualityAccepted = qualityDesc("sheaf_quality_accepted_ratio", "Share of the live records that meet all that the aggregator requires.", "aggregator")
	descQualityTier     = qualityDesc("sheaf_quality_tier_ratio", "Share of the live records in each of Europeana's metadata tiers (0, A, B, C).", "tier")
)

// qualityMetrics are what was measured of the sources.
type qualityMetrics struct {
	surveys *survey.Surveys
	labels  labels
}

// Describe implements prometheus.Collector.
func (q *qualityMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descQualityMeasured, descQualityRecords, descQuality, descQualityStandard, descQualityProblem, descQualityAccepted, descQualityTier} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. The elements are there for every source; what is finer, for
// those only that have labels of their own.
func (q *qualityMetrics) Collect(ch chan<- prometheus.Metric) {
	q.surveys.Each(func(source string, had *survey.Survey) {
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{source}, labels...)...)
		}
		gauge(descQualityMeasured, float64(had.Measured.Unix()))
		for i := range had.Rules {
			f := &had.Rules[i]
			each := func(d *prometheus.Desc, shares map[string]float64) {
				for name, share := range shares {
					gauge(d, share, f.Rules, name)
				}
			}
			gauge(descQualityRecords, float64(f.Records), f.Rules)
			each(descQuality, f.Elements)
			if q.labels.of(source) != source {
				continue
			}
			each(descQualityStandard, f.Standard)
			each(descQualityProblem, f.Problems)
			each(descQualityAccepted, f.Accepted)
			each(descQualityTier, f.Tiers)
		}
	})
}
