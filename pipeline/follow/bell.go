package follow

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

const (
	// idle is how long the follower hears nothing before it asks /changes whether there is really nothing.
	idle = time.Minute
	// listenTimeout bounds what the broker is asked.
	listenTimeout = 5 * time.Second
	// listenPause is how long a broker that refuses is left alone.
	listenPause = 30 * time.Second
	// heardAtOnce is how many messages wait in memory.
	heardAtOnce = 256
)

// A bell hears events from NATS. An event that follows what the copy has without a gap, and has all that was asked
// for, is taken as it is. With any other one the follower asks /changes, which knows.
type bell struct {
	nc       *nats.Conn
	statuses chan nats.Status

	messages chan jetstream.Msg // nil while nothing is heard
	stop     func()
	refused  time.Time // when the broker refused last
	last     int64     // the seq of the last event that was heard, in this epoch
}

// connect connects, and goes on trying if nobody is there.
func (b *bell) connect(f *Follower) (err error) {
	opts := append([]nats.Option{nats.Name("sheaf-follow")}, f.NATSOptions...)
	opts = append(opts, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1))
	if b.nc, err = nats.Connect(f.NATS, opts...); err != nil {
		return fmt.Errorf("connect to the event server: %w", err)
	}
	b.statuses = b.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	return nil
}

func (b *bell) close() {
	b.hush()
	b.nc.Close()
}

// hush stops listening.
func (b *bell) hush() {
	if b.messages != nil {
		b.stop()
		b.messages, b.last = nil, 0
	}
}

// listen begins to listen, unless that goes on, and returns whether the follower does.
func (b *bell) listen(ctx context.Context, r *run) bool {
	switch {
	case b.nc == nil:
		return false
	case !b.nc.IsConnected():
		b.hush()
		return false
	case b.messages != nil:
		return true
	case time.Since(b.refused) < listenPause:
		return false
	}
	for len(b.statuses) > 0 {
		<-b.statuses // of the time before
	}
	if err := b.open(ctx, r); err != nil {
		b.refused = time.Now()
		r.Log.Warn("events can't be had from NATS, so /changes is asked", "err", err)
		return false
	}
	return true
}

func (b *bell) open(ctx context.Context, r *run) error {
	js, err := jetstream.New(b.nc)
	if err != nil {
		return err
	}
	brief, cancel := context.WithTimeout(ctx, listenTimeout)
	defer cancel()
	stream, err := js.Stream(brief, r.StreamPrefix+"_RECORDS")
	if err != nil {
		return fmt.Errorf("look for the stream %s_RECORDS: %w", r.StreamPrefix, err)
	}
	subject := strings.ToLower(r.StreamPrefix) + ".v1.records.>"
	if r.Source != "" {
		subject = strings.ToLower(r.StreamPrefix) + ".v1.records." + r.Source + ".>"
	}
	// A number and not "new": when the consumer is made again after a cut it begins where it was.
	consumer, err := stream.OrderedConsumer(brief, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject}, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: stream.CachedInfo().State.LastSeq + 1,
	})
	if err != nil {
		return fmt.Errorf("listen to the stream %s_RECORDS: %w", r.StreamPrefix, err)
	}
	it, err := consumer.Messages(jetstream.PullMaxMessages(heardAtOnce))
	if err != nil {
		return err
	}
	b.messages, b.last = make(chan jetstream.Msg, heardAtOnce), 0
	done := make(chan struct{})
	stopped := make(chan struct{})
	b.stop = func() { close(done); it.Stop(); <-stopped }
	go func(to chan<- jetstream.Msg) {
		defer close(stopped)
		defer close(to)
		for {
			m, err := it.Next()
			if err != nil {
				return // the broker is away, or we stop: either way /changes is asked
			}
			select {
			case to <- m:
			case <-done:
				return
			}
		}
	}(b.messages)
	return nil
}

// hear gives events as they come. It returns when /changes must be asked.
func (r *run) hear(ctx context.Context) error {
	b := &r.bell
	timer := time.NewTimer(idle)
	defer timer.Stop()
	c := collector{run: r, at: r.place.Position}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			return nil
		case <-b.statuses:
			b.hush()
			return nil
		case m, open := <-b.messages:
			if !open {
				b.hush()
				return nil
			}
			ask, err := r.take(ctx, &c, m)
			if err != nil {
				return err
			}
			if ask || len(b.messages) == 0 {
				if err := c.give(ctx, nil); err != nil {
					return err
				}
			}
			if ask {
				return nil
			}
			timer.Reset(idle)
		}
	}
}

// take takes a message, if it is an event that follows the last one. Otherwise it returns whether /changes must be asked.
func (r *run) take(ctx context.Context, c *collector, m jetstream.Msg) (ask bool, err error) {
	at, prev, is := placeOf(m.Headers())
	switch {
	case !is || at.Epoch < c.at.Epoch: // somebody else's, or one of a history that has ended
		return false, nil
	case at.Epoch > c.at.Epoch:
		return true, nil
	}
	last := r.bell.last
	r.bell.last = max(last, at.Seq)
	switch {
	case at.Seq > last && prev < last: // the gateway's folder was put back as it was, perhaps
		return true, nil
	case at.Seq <= c.at.Seq: // we have it from /changes
		return false, nil
	case prev > c.at.Seq: // others are missing
		return true, nil
	case r.asked() != "": // events tell neither what has left a set, nor the forms that were asked for
		return true, nil
	}
	ch, err := r.decodeEvent(m.Data())
	if err != nil || ch.Epoch != at.Epoch || ch.Seq != at.Seq {
		r.Log.Warn("an event can't be read, so /changes is asked", "err", err, "place", at)
		return true, nil
	}
	if !ch.Deleted() && ch.Record == nil { // it is too large for an event, or its source is only pointed to
		return true, nil
	}
	return false, c.add(ctx, ch, len(m.Data()))
}

// decodeEvent reads the change that an event tells of.
func (r *run) decodeEvent(event []byte) (Change, error) {
	var ev struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(event, &ev); err != nil {
		return Change{}, err
	}
	return r.decode(string(ev.Data))
}

// placeOf reads an event's place, and the seq of the one before it.
func placeOf(h nats.Header) (at pipeline.Cursor, prev int64, is bool) {
	for name, to := range map[string]*int64{"Sheaf-Epoch": &at.Epoch, "Sheaf-Seq": &at.Seq, "Sheaf-Prev-Seq": &prev} {
		n, err := strconv.ParseInt(h.Get(name), 10, 64)
		if err != nil || n < 0 {
			return at, prev, false
		}
		*to = n
	}
	return at, prev, true
}
