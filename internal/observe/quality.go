package observe

import (
	"iter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore/quality"
)

// qualityDesc describes a share that has a name.
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

// Surveys are what was measured last of each source.
type Surveys interface {
	// Each calls f for each source that was measured: when, and what, by the versions of the rules that made the
	// records.
	Each(f func(source string, measured time.Time, byRules iter.Seq2[string, *quality.Shares]))
}

// Quality shows what was measured last of the sources.
type Quality struct {
	Surveys Surveys
	Labels  *Labels
}

// Describe implements [prometheus.Collector].
func (q *Quality) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descQualityMeasured, descQualityRecords, descQuality, descQualityStandard, descQualityProblem, descQualityAccepted, descQualityTier} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector]. The elements are there for every source; what is finer, only for
// sources that have labels of their own.
func (q *Quality) Collect(ch chan<- prometheus.Metric) {
	q.Surveys.Each(func(source string, measured time.Time, byRules iter.Seq2[string, *quality.Shares]) {
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{source}, labels...)...)
		}
		gauge(descQualityMeasured, float64(measured.Unix()))
		for rules, shares := range byRules {
			each := func(d *prometheus.Desc, shares map[string]float64) {
				for name, share := range shares {
					gauge(d, share, rules, name)
				}
			}
			gauge(descQualityRecords, float64(shares.Records), rules)
			each(descQuality, shares.Elements)
			if q.Labels.of(source) != source {
				continue
			}
			each(descQualityStandard, shares.Standard)
			each(descQualityProblem, shares.Problems)
			each(descQualityAccepted, shares.Accepted)
			each(descQualityTier, shares.Tiers)
		}
	})
}
