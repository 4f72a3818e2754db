package events

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// spoil changes a stream as somebody does who may, and gives what it was before.
func spoil(t *testing.T, js jetstream.JetStream, name string, change func(*jetstream.StreamConfig)) jetstream.StreamConfig {
	t.Helper()
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	was := st.CachedInfo().Config
	worse := was
	change(&worse)
	if _, err := js.UpdateStream(t.Context(), worse); err != nil {
		t.Fatal(err)
	}
	return was
}

// differs compares a stream with what it was; the metadata have notes of the broker.
func differs(t *testing.T, js jetstream.JetStream, name string, want jetstream.StreamConfig) string {
	t.Helper()
	st, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return cmp.Diff(want, st.CachedInfo().Config, cmpopts.IgnoreFields(jetstream.StreamConfig{}, "Metadata"))
}

// A journal keeps what is logged.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

// lines are those with this message.
func (j *journal) lines(message string) (found []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for l := range strings.Lines(j.buf.String()) {
		if strings.Contains(l, message) {
			found = append(found, l)
		}
	}
	return found
}

func journaled(j *journal) func(*Options) {
	return func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(j, nil)) }
}

// Whatever somebody has changed of the streams is set back as soon as they are looked at.
func TestStreamsAreSetBack(t *testing.T) {
	for name, change := range map[string]func(*jetstream.StreamConfig){
		"bounds": func(c *jetstream.StreamConfig) {
			c.MaxMsgs, c.MaxMsgsPerSubject, c.MaxMsgSize, c.MaxBytes, c.MaxAge = 15, 3, 1000, 4<<20, time.Hour
		},
		"what is refused": func(c *jetstream.StreamConfig) {
			c.MaxMsgsPerSubject, c.Discard, c.DiscardNewPerSubject, c.NoAck = 3, jetstream.DiscardNew, true, true
		},
		"subjects": func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, c.Name+".other.>") },
		"republishing": func(c *jetstream.StreamConfig) {
			c.RePublish = &jetstream.RePublish{Source: ">", Destination: "again.>"}
		},
		"retention":     func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy },
		"max_consumers": func(c *jetstream.StreamConfig) { c.MaxConsumers = 1 },
		"the bounds of consumers": func(c *jetstream.StreamConfig) {
			c.ConsumerLimits = jetstream.StreamConsumerLimits{InactiveThreshold: time.Second, MaxAckPending: 1}
		},
		"direct reads":   func(c *jetstream.StreamConfig) { c.AllowDirect = true },
		"atomic batches": func(c *jetstream.StreamConfig) { c.AllowAtomicPublish, c.AllowBatchPublish = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			server, c, _ := openStream(t)
			notify(t, c)
			js := jet(t, server)
			records, ops := spoil(t, js, "SHEAF_RECORDS", change), spoil(t, js, "SHEAF_OPS", change)
			publish(t, c, tail(t, c), changes(21, 25))
			c.keepNotices(t.Context())
			if d := differs(t, js, "SHEAF_RECORDS", records) + differs(t, js, "SHEAF_OPS", ops); d != "" {
				t.Errorf("the streams (-were +are):\n%s", d)
			}
		})
	}
}

// The stream of notices is looked at, and set back, while there is nothing to tell.
func TestQuietNoticesAreSetBack(t *testing.T) {
	server, c, _ := openStream(t)
	notify(t, c)
	js := jet(t, server)
	was := spoil(t, js, "SHEAF_OPS", func(c *jetstream.StreamConfig) { c.MaxMsgs, c.MaxConsumers = 1, 1 })
	n := NewNotices(c, slog.New(slog.DiscardHandler))
	n.look = 10 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	wait(t, "the stream of notices to be set back", func() bool { return differs(t, js, "SHEAF_OPS", was) == "" })
	stop()
	<-done
}

// newTail is the end of a stream that is made anew: the broker clears a removed one away while it answers already, and what
// it is asked meanwhile may be lost.
func newTail(t *testing.T, c *Client) (end pipeline.Tail) {
	t.Helper()
	defer c.bear(c.o.Timeout)
	c.bear(time.Second)
	wait(t, "the stream to be made anew", func() bool {
		var err error
		end, err = c.Tail(t.Context())
		return err == nil
	})
	return end
}

// What no broker lets anybody set back is told by name, once; all else is set back, and events are published.
func TestWhatStaysIsTold(t *testing.T) {
	server := startServer(t, t.TempDir())
	told := &journal{}
	c := connect(t, server.URL(), journaled(told))
	publish(t, c, tail(t, c), changes(1, 20))
	js := jet(t, server)
	want := spoil(t, js, "SHEAF_RECORDS", func(c *jetstream.StreamConfig) { c.DenyDelete, c.MaxMsgs = true, 15 })
	want.DenyDelete = true
	last := tail(t, c)
	if d := differs(t, js, "SHEAF_RECORDS", want); d != "" {
		t.Errorf("the stream (-was +is):\n%s", d)
	}
	spoil(t, js, "SHEAF_RECORDS", func(c *jetstream.StreamConfig) { c.AllowMsgTTL, c.MaxMsgs = true, 15 })
	want.AllowMsgTTL = true
	for range 3 {
		last = tail(t, c)
	}
	if d := differs(t, js, "SHEAF_RECORDS", want); d != "" {
		t.Errorf("the stream (-was +is):\n%s", d)
	}
	publish(t, c, last, changes(21, 25))
	lines := told.lines("settings of the event stream")
	if len(lines) != 2 || !strings.Contains(lines[0], "settings=deny_delete") || !strings.Contains(lines[1], "allow_msg_ttl") {
		t.Errorf("told:\n%s", lines)
	}
	if updates := told.lines("stream updated"); len(updates) != 2 {
		t.Errorf("it was updated by:\n%s", updates)
	}
}

// A stream that can take no events any more is told with the way out.
func TestUnfitStreams(t *testing.T) {
	for name, change := range map[string]func(*jetstream.StreamConfig){
		"sealed":           func(c *jetstream.StreamConfig) { c.Sealed = true },
		"a work queue":     func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy },
		"made of counters": func(c *jetstream.StreamConfig) { c.AllowMsgCounter = true },
	} {
		t.Run(name, func(t *testing.T) {
			server, c, _ := openStream(t)
			js := jet(t, server)
			st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
			if err != nil {
				t.Fatal(err)
			}
			config := st.CachedInfo().Config
			change(&config)
			if _, err := js.UpdateStream(t.Context(), config); err != nil { // only at its birth
				if err := js.DeleteStream(t.Context(), "SHEAF_RECORDS"); err != nil {
					t.Fatal(err)
				}
				wait(t, "the stream to be made otherwise", func() bool {
					_, err := js.CreateStream(t.Context(), config)
					return err == nil
				})
			}
			_, err = c.Tail(t.Context())
			if err == nil || !strings.Contains(err.Error(), "SHEAF_RECORDS is "+name) || !strings.Contains(err.Error(), "nats stream rm SHEAF_RECORDS") {
				t.Errorf("says %v", err)
			}
			if err := js.DeleteStream(t.Context(), "SHEAF_RECORDS"); err != nil {
				t.Fatal(err)
			}
			publish(t, c, newTail(t, c), changes(1, 20))
		})
	}
}

// Brokers up to 2.12 let nobody change max_consumers, and refuse all that is asked together with it: the rest is
// set back nevertheless.
func TestOlderBroker(t *testing.T) {
	told := &journal{}
	broker := newOlderBroker(t)
	c := connect(t, broker.url, journaled(told))
	was := c.recordsConfig()
	was.MaxConsumers, was.MaxMsgs = 5, 15
	broker.set(was)
	for range 3 {
		tail(t, c)
	}
	if got := broker.get(); got.MaxMsgs != -1 || got.MaxConsumers != 5 {
		t.Errorf("the stream is %+v", got)
	}
	if lines := told.lines("settings of the event stream"); len(lines) != 1 || !strings.Contains(lines[0], "settings=max_consumers") {
		t.Errorf("told:\n%s", lines)
	}
}

// An olderBroker has one empty stream.
type olderBroker struct {
	url string
	mu  sync.Mutex
	has jetstream.StreamConfig
}

func newOlderBroker(t *testing.T) *olderBroker {
	t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { stop(t, cluster{ns}) })
	b := &olderBroker{url: ns.ClientURL()}
	nc, err := nats.Connect("", nats.InProcessServer(ns))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	for subject, answer := range map[string]func([]byte) any{
		"INFO.SHEAF_RECORDS":    func([]byte) any { return jetstream.StreamInfo{Config: b.get()} },
		"UPDATE.SHEAF_RECORDS":  b.update,
		"INFO.SHEAF_OPS":        func([]byte) any { return refusal(jetstream.JSErrCodeStreamNotFound, "stream not found") },
		"MSG.GET.SHEAF_RECORDS": func([]byte) any { return refusal(jetstream.JSErrCodeMessageNotFound, "no message found") },
	} {
		if _, err := nc.Subscribe("$JS.API.STREAM."+subject, func(m *nats.Msg) {
			if data, err := json.Marshal(answer(m.Data)); err == nil {
				_ = m.Respond(data) // who asked may be gone
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return b
}

func refusal(code jetstream.ErrorCode, why string) any {
	return map[string]any{"error": map[string]any{"code": 400, "err_code": code, "description": why}}
}

func (b *olderBroker) get() jetstream.StreamConfig {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.has
}

func (b *olderBroker) set(c jetstream.StreamConfig) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.has = c
}

func (b *olderBroker) update(data []byte) any {
	var next jetstream.StreamConfig
	if err := json.Unmarshal(data, &next); err != nil || next.MaxConsumers != b.get().MaxConsumers {
		return refusal(invalidStream, "stream configuration update can not change MaxConsumers")
	}
	b.set(next)
	return jetstream.StreamInfo{Config: next}
}
