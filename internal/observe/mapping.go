package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A Mapping counts what the mapping rules do wherever they are run for the log: in harvests, in retries of
// quarantined items, and in remaps.
type Mapping struct {
	records, failed *prometheus.CounterVec
	notes, warnings *prometheus.CounterVec
	duration        prometheus.Histogram
	labels          *Labels
}

// NewMapping registers the metrics.
func NewMapping(r prometheus.Registerer, l *Labels) *Mapping {
	m := &Mapping{
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

// A SourceMapping counts for one source. Its series are looked up once, because mapping an original takes no
// longer than a few look-ups would.
type SourceMapping struct {
	records, failed prometheus.Counter
	notes           map[dublincore.NoteKind]prometheus.Counter
	warnings        map[dublincore.Term]prometheus.Counter // by element; the zero Term for the record, and for terms beyond the fifteen
	duration        prometheus.Observer
}

// Of gives the counter of a source. All of its series are there from the beginning.
func (m *Mapping) Of(source string) *SourceMapping {
	source = m.labels.of(source)
	s := &SourceMapping{
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

// Forget removes the series of a source that is not configured any more.
func (m *Mapping) Forget(source string) {
	for _, v := range []*prometheus.CounterVec{m.records, m.failed, m.notes, m.warnings} {
		v.DeletePartialMatch(prometheus.Labels{"source": source})
	}
}

// Mapped counts one mapping of an original. It and [SourceMapping.Noted] make this an observer of rules.
func (s *SourceMapping) Mapped(took time.Duration, notes []dublincore.Note, err error) {
	s.duration.Observe(took.Seconds())
	s.records.Inc()
	if err != nil {
		s.failed.Inc()
		return
	}
	s.Noted(notes)
}

// Noted counts the notes that rules or corrections left.
func (s *SourceMapping) Noted(notes []dublincore.Note) {
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
