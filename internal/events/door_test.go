package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// reader connects as anybody does.
func reader(t testing.TB, s *Server, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(s.URL(), append([]nats.Option{nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func jetOf(t testing.TB, nc *nats.Conn) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// Every way in which the documentation tells services to read works for those who only may read.
func TestReadersRead(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	last := publish(t, c, tail(t, c), changes(1, 300))
	nc := reader(t, s)
	js := jetOf(t, nc)
	st, err := js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	if n := st.CachedInfo().State.Msgs; n != 300 {
		t.Errorf("the stream has %d messages", n)
	}
	names := 0
	for range js.StreamNames(t.Context()).Name() {
		names++
	}
	if names != 1 {
		t.Errorf("%d streams are listed", names)
	}
	if _, err := js.AccountInfo(t.Context()); err != nil {
		t.Errorf("what the account may: %v", err)
	}

	t.Run("durable, pulled and acknowledged", func(t *testing.T) {
		cons, err := js.CreateOrUpdateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{
			Durable: "catalogue", AckPolicy: jetstream.AckExplicitPolicy, MaxDeliver: 5, BackOff: []time.Duration{time.Second, time.Minute},
			FilterSubject: "sheaf.v1.records.cold-war.>",
		})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for n < 300 {
			batch, err := cons.Fetch(100, jetstream.FetchMaxWait(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for m := range batch.Messages() {
				got++
				if !strings.HasPrefix(m.Subject(), "sheaf.v1.records.cold-war.p") || m.Headers().Get(headerSeq) != fmt.Sprint(n+got) {
					t.Fatalf("message %d is %s, %v", n+got, m.Subject(), m.Headers())
				}
				if got%2 == 0 {
					err = m.DoubleAck(t.Context())
				} else {
					err = m.Ack()
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Error(); err != nil || got == 0 {
				t.Fatalf("%d of 300 fetched: %v", n, err)
			}
			n += got
		}
		wait(t, "all to be acknowledged", func() bool {
			i, err := cons.Info(t.Context())
			return err == nil && i.NumAckPending == 0 && i.AckFloor.Consumer == 300
		})
		if err := js.DeleteConsumer(t.Context(), "SHEAF_RECORDS", "catalogue"); err != nil {
			t.Error(err)
		}
	})
	t.Run("consumed in order", func(t *testing.T) {
		cons, err := js.OrderedConsumer(t.Context(), "SHEAF_RECORDS", jetstream.OrderedConsumerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		it, err := cons.Messages(jetstream.PullMaxMessages(20))
		if err != nil {
			t.Fatal(err)
		}
		defer it.Stop()
		for n := 1; n <= 300; n++ {
			// The library may leave out a request when all of the one before was read at once; the next call makes it.
			m, err := it.Next(jetstream.NextMaxWait(5 * time.Second))
			if errors.Is(err, nats.ErrTimeout) {
				m, err = it.Next(jetstream.NextMaxWait(30 * time.Second))
			}
			if err != nil || m.Headers().Get(headerSeq) != fmt.Sprint(n) {
				t.Fatalf("message %d: %v", n, err)
			}
		}
	})
	t.Run("pushed with flow control", func(t *testing.T) {
		old, err := nc.JetStream()
		if err != nil {
			t.Fatal(err)
		}
		sub, err := old.SubscribeSync("sheaf.v1.records.>", nats.OrderedConsumer())
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 300; n++ {
			m, err := sub.NextMsg(time.Minute)
			if err != nil || m.Header.Get(headerSeq) != fmt.Sprint(n) || !strings.HasPrefix(m.Subject, "sheaf.v1.records.cold-war.p") {
				t.Fatalf("message %d: %v", n, err)
			}
		}
		if err := sub.Unsubscribe(); err != nil {
			t.Error(err)
		}
	})
	t.Run("as they come", func(t *testing.T) {
		sub, err := nc.SubscribeSync("sheaf.v1.records.>")
		if err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		publish(t, c, last, changes(301, 310))
		for n := 301; n <= 310; n++ {
			m, err := sub.NextMsg(time.Minute)
			if err != nil || m.Header.Get(headerSeq) != fmt.Sprint(n) {
				t.Fatalf("message %d: %v", n, err)
			}
		}
	})
	t.Run("sheaf watch", func(t *testing.T) {
		got, err := watch(t, s.URL(), Filter{After: at(1, 7)}, 3)
		if !errors.Is(err, errEnough) || len(got) != 3 || got[0] != 8 {
			t.Errorf("watch: %v, %v", got, err)
		}
	})
}

// untouched says that both streams are what the gateway made of them.
func untouched(t *testing.T, s *Server, before map[string]jetstream.StreamInfo) {
	t.Helper()
	js := jet(t, s)
	for name, b := range before {
		st, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Errorf("the stream %s: %v", name, err)
			continue
		}
		i := st.CachedInfo()
		had, _ := json.Marshal(b.Config)
		has, _ := json.Marshal(i.Config)
		if string(had) != string(has) || i.State.Msgs != b.State.Msgs || i.State.FirstSeq != b.State.FirstSeq || i.State.LastSeq != b.State.LastSeq {
			t.Errorf("the stream %s was %s, %+v; is %s, %+v", name, had, b.State, has, i.State)
		}
	}
	n := 0
	for range js.ListStreams(t.Context()).Info() {
		n++
	}
	if n != len(before) {
		t.Errorf("there are %d streams, want %d", n, len(before))
	}
}

func streamsOf(t *testing.T, s *Server) map[string]jetstream.StreamInfo {
	t.Helper()
	all := map[string]jetstream.StreamInfo{}
	js := jet(t, s)
	for _, name := range []string{"SHEAF_RECORDS", "SHEAF_OPS"} {
		st, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = *st.CachedInfo()
	}
	return all
}

// unheard is how long one waits who asks for what is refused: the broker says nothing to it.
const unheard = 300 * time.Millisecond

// What anybody could do to the streams who reached the port.
func TestReadersOnlyRead(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	last := publish(t, c, tail(t, c), changes(1, 20))
	notify(t, c)
	before := streamsOf(t, s)
	nc := reader(t, s)
	js := jetOf(t, nc)
	raw := func(ctx context.Context, subject, body string) error {
		m, err := nc.RequestWithContext(ctx, subject, []byte(body))
		if err != nil {
			return err
		}
		var r struct{ Error *struct{ Description string } }
		if err := json.Unmarshal(m.Data, &r); err != nil || r.Error != nil {
			return fmt.Errorf("%s", m.Data)
		}
		return nil
	}
	const subject = "sheaf.v1.records.cold-war.p00.upserted"
	for name, attack := range map[string]func(context.Context) error{
		"publish": func(ctx context.Context) error {
			_, err := js.Publish(ctx, subject, []byte("far"), jetstream.WithRetryAttempts(0))
			return err
		},
		"purge":  func(ctx context.Context) error { return raw(ctx, "$JS.API.STREAM.PURGE.SHEAF_RECORDS", "") },
		"delete": func(ctx context.Context) error { return raw(ctx, "$JS.API.STREAM.DELETE.SHEAF_RECORDS", "") },
		"delete message": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.MSG.DELETE.SHEAF_RECORDS", `{"seq":20}`)
		},
		"shrink": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.UPDATE.SHEAF_RECORDS", `{"name":"SHEAF_RECORDS","subjects":["sheaf.v1.records.*.*.*"],"max_msgs":1,"num_replicas":1,"storage":"file"}`)
		},
		"a stream of one's own": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.CREATE.X", `{"name":"X","subjects":["x.>"],"storage":"file"}`)
		},
		"a mirror": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.CREATE.X", `{"name":"X","mirror":{"name":"SHEAF_RECORDS"},"storage":"file"}`)
		},
		"a republisher": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.CREATE.X", `{"name":"X","subjects":["x.>"],"republish":{"src":"x.>","dest":"sheaf.v1.records.a.p00.upserted"}}`)
		},
		"a bucket": func(ctx context.Context) error {
			_, err := js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "x"})
			return err
		},
		"an object store": func(ctx context.Context) error {
			_, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: "x"})
			return err
		},
		"snapshot": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.SNAPSHOT.SHEAF_RECORDS", `{"deliver_subject":"_INBOX.x"}`)
		},
		"restore": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.RESTORE.X", `{"config":{"name":"X"},"state":{}}`)
		},
		"account purge": func(ctx context.Context) error { return raw(ctx, "$JS.API.ACCOUNT.PURGE.$G", "") },
		"pause a consumer": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.CONSUMER.PAUSE.SHEAF_RECORDS.x", `{"pause_until":"2099-01-01T00:00:00Z"}`)
		},
		"kick":   func(ctx context.Context) error { return raw(ctx, "$SYS.REQ.SERVER.PING.KICK", `{"cid":1}`) },
		"reload": func(ctx context.Context) error { return raw(ctx, "$SYS.REQ.SERVER.PING.RELOAD", "") },
		"the account's id": func(ctx context.Context) error {
			return raw(ctx, "$JS.API.STREAM.CREATE.SHEAF_RECORDS", `{"name":"SHEAF_RECORDS","subjects":["y.>"]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), unheard)
			defer cancel()
			if err := attack(ctx); err == nil {
				t.Error("it was done")
			}
		})
	}
	untouched(t, s, before)
	if got := tail(t, c); got != last {
		t.Errorf("the stream ends with %+v, want %+v", got, last)
	}
}

func notify(t *testing.T, c *Client) {
	t.Helper()
	n := noticeOf("harvest.completed", "cold-war")
	if err := c.Notify(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

// The broker writes on behalf of those who ask it: answers go where a request says, and messages where a
// consumer says. None of it may reach a stream, an interface of the broker, or the gateway's own inbox.
func TestReadersHaveNobodyWriteForThem(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	last := publish(t, c, tail(t, c), changes(1, 20))
	notify(t, c)
	before := streamsOf(t, s)
	nc := reader(t, s)
	js := jetOf(t, nc)
	if _, err := js.CreateConsumer(t.Context(), "SHEAF_OPS", jetstream.ConsumerConfig{Durable: "d", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
		t.Fatal(err)
	}
	targets := []string{
		"sheaf.v1.records.cold-war.p00.upserted", "sheaf.v1.harvests.cold-war.completed",
		"$JS.API.STREAM.PURGE.SHEAF_RECORDS", "$JS.API.STREAM.DELETE.SHEAF_OPS", "$SYS.REQ.SERVER.PING",
		c.inbox + "1.0",
	}
	requests := map[string]string{
		"$JS.API.INFO": "", "$JS.API.STREAM.NAMES": "", "$JS.API.STREAM.INFO.SHEAF_RECORDS": "",
		"$JS.API.STREAM.MSG.GET.SHEAF_RECORDS":   `{"seq":3}`,
		"$JS.API.CONSUMER.NAMES.SHEAF_RECORDS":   "",
		"$JS.API.CONSUMER.INFO.SHEAF_OPS.d":      "",
		"$JS.API.CONSUMER.CREATE.SHEAF_OPS":      `{"stream_name":"SHEAF_OPS","config":{"ack_policy":"none"}}`,
		"$JS.API.CONSUMER.MSG.NEXT.SHEAF_OPS.d":  `{"batch":5,"expires":100000000}`,
		"$JS.ACK.SHEAF_OPS.d.1.1.1.1.1":          "+NXT",
		"$JS.FC.SHEAF_OPS.d.x":                   "",
		"$JS.API.CONSUMER.DELETE.SHEAF_OPS.none": "",
	}
	for _, to := range targets {
		for subject, body := range requests {
			if err := nc.PublishRequest(subject, to, []byte(body)); err != nil {
				t.Fatal(err)
			}
		}
		for _, stream := range []string{"SHEAF_RECORDS", "SHEAF_OPS"} {
			name := strings.Map(func(r rune) rune { return map[bool]rune{true: '_', false: r}[r == '.'] }, to)
			for _, how := range []string{"DURABLE.CREATE." + stream + "." + name, "CREATE." + stream, "CREATE." + stream + "." + name} {
				body := fmt.Sprintf(`{"stream_name":%q,"config":{"durable_name":%q,"name":%q,"deliver_subject":%q,"ack_policy":"none","deliver_policy":"all"}}`, stream, name, name, to)
				if how == "CREATE."+stream {
					body = fmt.Sprintf(`{"stream_name":%q,"config":{"deliver_subject":%q,"ack_policy":"none","deliver_policy":"all"}}`, stream, to)
				}
				m, err := nc.Request("$JS.API.CONSUMER."+how, []byte(body), time.Minute)
				if err != nil || !strings.Contains(string(m.Data), "delivers to an inbox") {
					t.Errorf("a consumer that delivers to %s: %v, %s", to, err, m.Data)
				}
			}
		}
	}
	// Whatever was set going has come through when a request behind it is answered.
	wait(t, "the broker to have heard all", func() bool {
		_, err := nc.Request("$JS.API.INFO", nil, time.Second)
		return err == nil
	})
	again := publish(t, c, last, changes(21, 40))
	untouchedRecords := before["SHEAF_RECORDS"]
	untouchedRecords.State.Msgs, untouchedRecords.State.LastSeq = 40, 40
	before["SHEAF_RECORDS"] = untouchedRecords
	untouched(t, s, before)
	if got := tail(t, c); got != again {
		t.Errorf("the stream ends with %+v, want %+v", got, again)
	}
}

// Readers can't hear what goes on between the gateway and its broker, nor speak to each other.
func TestReadersDontSpeak(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := inside(t, s)
	nc, other := reader(t, s), reader(t, s)
	all, err := nc.SubscribeSync(">")
	if err != nil {
		t.Fatal(err)
	}
	inbox := other.NewInbox()
	theirs, err := other.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(nc.Flush(), other.Flush()); err != nil {
		t.Fatal(err)
	}
	publish(t, c, tail(t, c), changes(1, 3))
	for range 3 {
		m, err := all.NextMsg(time.Minute)
		if err != nil || !strings.HasPrefix(m.Subject, "sheaf.v1.records.") {
			t.Fatalf("a reader hears %v, %v", m, err)
		}
	}
	if err := errors.Join(nc.Publish(inbox, []byte("forged")), nc.Flush()); err != nil {
		t.Fatal(err)
	}
	if m, err := theirs.NextMsg(100 * time.Millisecond); err == nil {
		t.Errorf("a reader told another %s", m.Data)
	}
	if m, err := all.NextMsg(10 * time.Millisecond); err == nil {
		t.Errorf("a reader also hears %s: %s", m.Subject, m.Data)
	}
}

// A caller whose line is gone when he is looked at.
type hungUp struct{ server.ClientAuthentication }

func (hungUp) RemoteAddress() net.Addr { return nil }

// Whoever hangs up while he is looked at is turned away, and does no harm.
func TestHungUp(t *testing.T) {
	d := &door{}
	d.admit(&server.Account{}, seats{})
	if d.Check(hungUp{}) {
		t.Error("he was let in")
	}
}
