package events

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// consumersLook is how often the consumers are looked at.
const consumersLook = 10 * time.Second

// ConsumerWatch looks after the durable consumers of the stream of records. It says how they stand, and publishes a
// notice when one is about to miss events, or has missed some.
type ConsumerWatch struct {
	client *Client
	logger *slog.Logger
	look   time.Duration

	mu     sync.Mutex
	last   []Consumer
	missed int // how often a consumer was found to have missed events

	told map[string]string // by consumer: of what it was told last; only Run uses it
}

// NewConsumerWatch makes one. [ConsumerWatch.Run] looks.
func NewConsumerWatch(c *Client, logger *slog.Logger) *ConsumerWatch {
	return &ConsumerWatch{client: c, logger: logger, look: consumersLook, told: map[string]string{}}
}

// Run looks at the consumers until ctx ends.
func (w *ConsumerWatch) Run(ctx context.Context) error { return every(ctx, w.look, w.runOnce) }

// Consumers are the durable consumers as they stood when they were looked at last.
func (w *ConsumerWatch) Consumers() []Consumer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// Missed is how often a consumer was found to have missed events.
func (w *ConsumerWatch) Missed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missed
}

func (w *ConsumerWatch) runOnce(ctx context.Context) {
	now, err := w.client.consumers(ctx)
	if err != nil {
		if ctx.Err() == nil {
			w.logger.Debug("the consumers of the event stream can't be looked at", "err", err)
		}
		return
	}
	w.compare(now)
	told := map[string]string{}
	for i := range now {
		c := &now[i]
		told[c.Name] = w.tell(ctx, c)
	}
	w.told = told
}

// compare marks those that have missed what was still there for them at the last look.
func (w *ConsumerWatch) compare(now []Consumer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := map[string]*Consumer{}
	for i := range w.last {
		before[w.last[i].Name] = &w.last[i]
	}
	for i := range now {
		c := &now[i]
		was := before[c.Name]
		switch {
		case was == nil:
		case was.next > 0 && was.next < c.first && c.floor < was.next, was.Missed && c.floor == was.floor:
			c.Missed = true
		}
		if c.Missed && (was == nil || !was.Missed) {
			w.missed++
		}
	}
	w.last = now
}

// The notices about consumers.
const (
	consumerBehind    = "consumer.falling-behind"
	consumerMissed    = "consumer.missed-events"
	consumerRecovered = "consumer.recovered"
)

// tell publishes how a consumer stands if that has changed, and returns what it was told of.
func (w *ConsumerWatch) tell(ctx context.Context, c *Consumer) string {
	state := ""
	switch {
	case c.Missed:
		state = consumerMissed
	case c.Behind():
		state = consumerBehind
	}
	before := w.told[c.Name]
	if state == before {
		return state
	}
	kind := state
	if state == "" {
		kind = consumerRecovered
	} else {
		w.logger.Warn("a consumer of the event stream is too slow", "consumer", c.Name, "what", kind, "pending", c.Pending, "left", c.Left.Round(time.Second).String())
	}
	data := map[string]any{
		"consumer": c.Name, "pending": c.Pending, "unacked": c.Unacked, "margin": c.Margin,
		"room": math.Round(c.Room*1e4) / 1e4, "left_seconds": int64(c.Left.Seconds()),
	}
	if !c.LastAck.IsZero() {
		data["last_ack"] = c.LastAck.UTC().Format(time.RFC3339)
	}
	if err := w.client.Notify(ctx, pipeline.Notice{Type: kind, Source: c.Name, Time: time.Now().UTC(), Data: data}); err != nil {
		w.logger.Debug("a notice was not published", "type", kind, "err", err)
		return before // again at the next look
	}
	return state
}
