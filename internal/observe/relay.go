package observe

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Relay measures the relay, and tells readiness how it stands.
type Relay struct {
	commits     *CommitTimes
	propagation *prometheus.HistogramVec
	cuts        prometheus.Counter

	rests   atomic.Bool           // another gateway publishes
	trouble atomic.Pointer[error] // of the last try; nil after a success
	place   atomic.Pointer[pipeline.Cursor]
}

// NewRelay registers the metrics of a relay that publishes the log. The commits say when its changes were made.
func NewRelay(r prometheus.Registerer, commits *CommitTimes, log Published) *Relay {
	o := &Relay{
		commits: commits,
		propagation: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sheaf_propagation_seconds",
			Help:    "Time from a commit to the acknowledgement of its last event by the stream.",
			Buckets: []float64{.001, .0025, .005, .01, .015, .02, .025, .03, .04, .05, .06, .075, .1, .15, .25, .5, 1, 5, 30, 60, 600}}, []string{"stage"}),
		cuts: prometheus.NewCounter(prometheus.CounterOpts{Name: "sheaf_event_stream_cuts_total",
			Help: "How often the event stream was found to have lost messages before their time; they are published again."}),
	}
	o.propagation.WithLabelValues("acknowledged")
	r.MustRegister(o.propagation, &unpublished{log: log, place: o.Place, rests: o.rests.Load}, o.cuts)
	return o
}

// Published implements [pipeline.RelayObserver].
func (o *Relay) Published(events []pipeline.Event, _ pipeline.Head) {
	now, last := time.Now(), &events[len(events)-1]
	o.trouble.Store(nil)
	o.commits.between(events[0].Seq-1, last.Seq, func(at time.Time) {
		o.propagation.WithLabelValues("acknowledged").Observe(now.Sub(at).Seconds())
	})
	o.place.Store(&pipeline.Cursor{Epoch: last.Epoch, Seq: last.Seq})
}

// PublishFailed implements [pipeline.RelayObserver].
func (o *Relay) PublishFailed(err error) {
	o.trouble.Store(&err)
	if errors.Is(err, pipeline.ErrCut) {
		o.cuts.Inc()
	}
}

// CaughtUp implements [pipeline.RelayObserver].
func (o *Relay) CaughtUp(place pipeline.Cursor) {
	o.trouble.Store(nil)
	o.place.Store(&place)
}

// Rests says whether another gateway on the log publishes, so that nothing waits for this relay.
func (o *Relay) Rests(yes bool) { o.rests.Store(yes) }

// Trouble says why events wait in the log; nil if they don't.
func (o *Relay) Trouble() error {
	if p := o.trouble.Load(); p != nil && !o.rests.Load() {
		return *p
	}
	return nil
}

// Place is the last event that is known to be in the stream; zero if nothing is published yet.
func (o *Relay) Place() pipeline.Cursor {
	if p := o.place.Load(); p != nil {
		return *p
	}
	return pipeline.Cursor{}
}
