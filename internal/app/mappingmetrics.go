package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// mappingMetrics count what the rules do, wherever they are run for the log: in harvests, retries of
// quarantined items, and remaps.
type mappingMetrics struct {
	records, failed *prometheus.CounterVec
	notes, warnings *prometheus.CounterVec
	duration        prometheus.Histogram
	labels          labels
}

func newMappingMetrics(r prometheus.Registerer, l labels) *mappingMetrics {
	m := &mappingMetrics{
		labels: l,
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_mapping_records_total",
			Help: "Originals that the rules were run over, by source."}, []string{"source"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_mapping_failures_total",
			Help: "Originals that the rules could not read, by source."}, []string{"source"}),
		notes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_mapping_notes_total",
			Help: "What the rules put right, dropped or did not understand, by source and kind of note."}, []string{"source", "kind"}),
		warnings: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sheaf_mapping_warnings_total",
			Help: "Values that a person should look at (not understood, ambiguous, a wrong check digit, a warning of a rule or a correction), by source and element (none: the record)."},
			[]string{"source", "term"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "sheaf_mapping_duration_seconds",
			Help: "How long the rules took for an original.", Buckets: []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 1e-3, 1e-2, .1, 1}}),
	}
	r.MustRegister(m.records, m.failed, m.notes, m.warnings, m.duration)
	return m
}

// A sourceMapping counts for one source. It is looked up once, as an original is mapped in microseconds.
type sourceMapping struct {
	records, failed prometheus.Counter
	notes           map[dublincore.NoteKind]prometheus.Counter
	warnings        map[dublincore.Term]prometheus.Counter // by element; the zero Term for the record, and for terms beyond the fifteen
	duration        prometheus.Observer
}

// of is the counter of a source; all of its series are there from the beginning.
func (m *mappingMetrics) of(source string) *sourceMapping {
	source = m.labels.of(source)
	s := &sourceMapping{
		records: m.records.WithLabelValues(source), failed: m.failed.WithLabelValues(source), duration: m.duration,
		notes:    map[dublincore.NoteKind]prometheus.Counter{},
		warnings: map[dublincore.Term]prometheus.Counter{0: m.warnings.WithLabelValues(source, "none")},
	}
	for _, kind := range dublincore.NoteKinds() {
		s.notes[kind] = m.notes.WithLabelValues(source, kind.String())
	}
	for _, e := range dublincore.Elements() {
		s.warnings[e] = m.warnings.WithLabelValues(source, e.String())
	}
	return s
}

// Mapped implements rules.Observer.
func (s *sourceMapping) Mapped(took time.Duration, notes []dublincore.Note, err error) {
	s.duration.Observe(took.Seconds())
	s.records.Inc()
	if err != nil {
		s.failed.Inc()
		return
	}
	s.Noted(notes)
}

// Noted implements rules.Observer.
func (s *sourceMapping) Noted(notes []dublincore.Note) {
	for i := range notes {
		n := &notes[i]
		if c := s.notes[n.Kind]; c != nil {
			c.Inc()
		}
		switch n.Kind {
		case dublincore.NotUnderstood, dublincore.Ambiguous, dublincore.BadCheckDigit, dublincore.Warning:
			s.warnings[n.Term.Element()].Inc()
		}
	}
}
