package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A chaosConsumer is somebody else's service: it knows the contract of events and nothing else. It keeps a
// durable consumer on the broker, and applies an event if its place is later than the one that it holds
// for that record. When the epoch changes, or an event shows that the log was put back to an older state, it
// begins again with nothing.
type chaosConsumer struct {
	url string

	mu     sync.Mutex
	epoch  int64
	last   int64 // the greatest seq of the epoch
	held   map[string]event
	events int
	again  bool // the stream must be read from its beginning, for which the durable consumer has to go
}

func newChaosConsumer(url string) *chaosConsumer {
	return &chaosConsumer{url: url, held: map[string]event{}}
}

// consumerName is the name of its durable consumer.
const consumerName = "service"

// run follows the stream until ctx ends; whatever breaks is begun again.
func (c *chaosConsumer) run(ctx context.Context) {
	for ctx.Err() == nil {
		_ = c.follow(ctx)
		pause(ctx, 100*time.Millisecond)
	}
}

func (c *chaosConsumer) follow(ctx context.Context) error {
	nc, err := nats.Connect(c.url, nats.MaxReconnects(0))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if c.again { // also if the broker was away when that became known
		if err := js.DeleteConsumer(ctx, "SHEAF_RECORDS", consumerName); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return err
		}
		c.again = false
	}
	cons, err := js.CreateOrUpdateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: 5 * time.Second, MaxAckPending: 1000,
	})
	if err != nil {
		return err
	}
	for ctx.Err() == nil && nc.IsConnected() {
		batch, err := cons.Fetch(200, jetstream.FetchMaxWait(500*time.Millisecond))
		if err != nil {
			return err
		}
		for m := range batch.Messages() {
			if c.apply(m.Data()) == wentBack {
				c.again = true
				return errors.New("the log went back")
			}
			if err := m.Ack(); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wentBack is what apply says of an event that shows that the log was put back: the stream must be read from
// its beginning.
const wentBack = true

// apply keeps the documented rule. What is no event of ours it leaves alone.
func (c *chaosConsumer) apply(data []byte) (back bool) {
	var e event
	if json.Unmarshal(data, &e) != nil || e.Data.Identifier == "" {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events++
	at := e.Data
	if at.Epoch > c.epoch {
		c.epoch, c.last, c.held = at.Epoch, 0, map[string]event{}
	}
	if at.Epoch == c.epoch && at.Seq > c.last && at.Prev < c.last {
		c.last, c.held = 0, map[string]event{}
		return wentBack
	}
	have := c.held[at.Identifier].Data
	if at.Epoch > have.Epoch || at.Epoch == have.Epoch && at.Seq > have.Seq {
		c.held[at.Identifier] = e
	}
	if at.Epoch == c.epoch {
		c.last = max(c.last, at.Seq)
	}
	return false
}

// catchUp follows the stream for a moment.
func (c *chaosConsumer) catchUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_ = c.follow(ctx)
}

// lacks says where the consumer differs from the log; empty if nowhere.
func (c *chaosConsumer) lacks(log map[string]pipeline.Record, epoch int64, all bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	differ := 0
	example := ""
	for id, r := range log {
		e := c.held[id]
		op := "upserted"
		if r.Deleted != pipeline.Live {
			op = "deleted"
		}
		if e.Data.Epoch != epoch || e.Data.Seq != r.Seq || e.Data.Operation != op {
			differ++
			example = fmt.Sprintf("%s is %d.%d %s, the log has %d.%d %s", id, e.Data.Epoch, e.Data.Seq, e.Data.Operation, epoch, r.Seq, op)
			if !all {
				break
			}
		}
	}
	if differ == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d records differ; %s", differ, len(log), example)
}

func (c *chaosConsumer) seen() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.events
}

// strayMessage is what somebody sends by mistake on a subject of ours.
func strayMessage(ctx context.Context, url string) {
	nc, err := nats.Connect(url, nats.MaxReconnects(0), nats.Timeout(time.Second))
	if err != nil {
		return
	}
	defer nc.Close()
	_ = nc.Publish("sheaf.v1.records.src.p00.upserted", []byte("hello"))
	_ = nc.FlushTimeout(time.Second)
}

// attackBroker does what anybody can who reaches the port of the gateway's own broker: one wickedness
// after the other.
func attackBroker(ctx context.Context, url string, n int) {
	nc, err := nats.Connect(url, nats.MaxReconnects(0), nats.Timeout(time.Second), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		return
	}
	defer nc.Close()
	request := func(subject, body string) { _, _ = nc.Request(subject, []byte(body), 300*time.Millisecond) }
	switch n % 8 {
	case 0:
		forged := nats.NewMsg("sheaf.v1.records.src.p00.upserted")
		forged.Header.Set("Nats-Msg-Id", "x@9999999999999.9223372036854775807")
		forged.Header.Set("Sheaf-Epoch", "9999999999999")
		forged.Header.Set("Sheaf-Seq", "9223372036854775807")
		forged.Header.Set("Sheaf-Prev-Seq", "0")
		forged.Header.Set("Sheaf-Op", "upserted")
		forged.Data = []byte(`{"time":"9999-12-31T23:59:59Z"}`)
		_ = nc.PublishMsg(forged)
	case 1:
		request("$JS.API.STREAM.PURGE.SHEAF_RECORDS", "")
	case 2:
		request("$JS.API.STREAM.DELETE.SHEAF_RECORDS", "")
	case 3:
		request("$JS.API.STREAM.UPDATE.SHEAF_RECORDS", `{"name":"SHEAF_RECORDS","subjects":["sheaf.v1.records.>"],"max_msgs":1,"retention":"limits","storage":"file","num_replicas":1}`)
	case 4:
		request("$JS.API.STREAM.MSG.DELETE.SHEAF_RECORDS", `{"seq":1}`)
	case 5:
		request("$JS.API.STREAM.CREATE.MINE", `{"name":"MINE","subjects":["mine.>"],"retention":"limits","storage":"file","num_replicas":1}`)
	case 6:
		manyConnections(ctx, url)
	case 7:
		request("$JS.API.CONSUMER.CREATE.SHEAF_RECORDS", `{"stream_name":"SHEAF_RECORDS","config":{"deliver_subject":"sheaf.v1.records.src.p00.upserted","deliver_policy":"all","ack_policy":"none","replay_policy":"instant"}}`)
	}
	_ = nc.FlushTimeout(time.Second)
}

// manyConnections opens connections that listen and never read.
func manyConnections(ctx context.Context, url string) {
	var all []*nats.Conn
	for range 60 {
		nc, err := nats.Connect(url, nats.MaxReconnects(0), nats.Timeout(time.Second))
		if err != nil {
			break
		}
		all = append(all, nc)
		_, _ = nc.SubscribeSync(">")
	}
	pause(ctx, 300*time.Millisecond)
	for _, nc := range all {
		nc.Close()
	}
}
