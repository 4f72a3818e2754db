package observe

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Published log is what is asked for the oldest change that is not in the event stream.
type Published interface {
	Head(context.Context) (pipeline.Head, error)
	Read(ctx context.Context, after int64, limit int) ([]pipeline.Record, pipeline.Head, error)
	Mark(context.Context) (pipeline.Mark, error)
}

var (
	descUnpublished = desc("sheaf_relay_oldest_unpublished_timestamp_seconds",
		"Datestamp of the oldest change that may not be in the event stream yet; the present time when all are.")
	descRelaySeq = desc("sheaf_relay_seq", "The last seq that is in the event stream.")
)

// unpublished reads from the log, when Prometheus asks, how old the oldest change is that waits for the relay. What
// the relay reported last would not do: an idle relay reports nothing, and looked as stuck as one that hangs.
type unpublished struct {
	log   Published
	place func() pipeline.Cursor
	rests func() bool
}

// Describe implements [prometheus.Collector].
func (u *unpublished) Describe(ch chan<- *prometheus.Desc) {
	ch <- descUnpublished
	ch <- descRelaySeq
}

// Collect implements [prometheus.Collector].
func (u *unpublished) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	if u.rests() { // another gateway says it
		return
	}
	ch <- prometheus.MustNewConstMetric(descRelaySeq, prometheus.GaugeValue, float64(u.place().Seq))
	oldest, err := u.oldest(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descUnpublished, err)
		return
	}
	ch <- prometheus.MustNewConstMetric(descUnpublished, prometheus.GaugeValue, float64(oldest.Unix()))
}

func (u *unpublished) oldest(ctx context.Context) (time.Time, error) {
	head, err := u.log.Head(ctx)
	if err != nil {
		return time.Time{}, err
	}
	place := u.place()
	if place.Epoch != head.Epoch { // the relay has not found its place since the start, or since a new epoch
		mark, err := u.log.Mark(ctx)
		if err != nil {
			return time.Time{}, err
		}
		place = mark.Cursor
	}
	if place.Epoch != head.Epoch {
		place = pipeline.Cursor{}
	}
	records, _, err := u.log.Read(ctx, place.Seq, 1)
	if err != nil {
		return time.Time{}, err
	}
	if len(records) == 0 {
		return time.Now(), nil
	}
	return records[0].Datestamp, nil
}
