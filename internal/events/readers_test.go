package events

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A keyring is a reader's NKey.
type keyring struct{ pair nkeys.KeyPair }

func newKey(t *testing.T) keyring {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	return keyring{pair}
}

func (k keyring) public(t *testing.T) string {
	t.Helper()
	p, err := k.pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// enter connects with the key, and with an inbox of one's own if name is given.
func (k keyring) enter(t *testing.T, url, name string) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	opts := []nats.Option{nats.Nkey(k.public(t), k.pair.Sign), nats.NoReconnect()}
	if name != "" {
		opts = append(opts, nats.CustomInboxPrefix("_INBOX."+name))
	}
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

// of gives events of a source.
func of(source string, es []pipeline.Event) []pipeline.Event {
	for i := range es {
		es[i].Source = source
		es[i].Identifier = strings.Replace(es[i].Identifier, "cold-war", source, 1)
	}
	return es
}

// A reader with a key has a consumer of its own name, for the events of the sources that it may have. It gets nothing
// else out of the broker, whatever it tries, and nobody else can read from its consumer, acknowledge for it or remove it.
func TestReadersWithAKey(t *testing.T) {
	arxiv, all := newKey(t), newKey(t)
	s := embedded(t, t.TempDir(), func(o *ServerOptions) {
		o.Guests.UsersFile = usersFile(t, "plain:secret-of-plain")
		o.Guests.Readers = map[string]Reader{
			"catalogue": {NKey: arxiv.public(t), Sources: []string{"arxiv"}},
			"search":    {NKey: all.public(t)},
		}
	})
	c := inside(t, s)
	last := publish(t, c, tail(t, c), of("arxiv", changes(1, 20)))
	publish(t, c, last, of("letters", changes(21, 40)))
	notify(t, c)

	if nc, err := nats.Connect(s.URL()); err == nil {
		nc.Close()
		t.Error("somebody without a key is let in")
	}
	stranger := newKey(t)
	if nc, err := nats.Connect(s.URL(), nats.Nkey(stranger.public(t), stranger.pair.Sign)); err == nil {
		nc.Close()
		t.Error("a key that nobody knows is let in")
	}
	if nc, err := nats.Connect(s.URL(), nats.Nkey(arxiv.public(t), stranger.pair.Sign)); err == nil {
		nc.Close()
		t.Error("a known key is let in without its seed")
	}

	nc, js := arxiv.enter(t, s.URL(), "catalogue")
	cons, err := js.CreateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{
		Durable: "catalogue", FilterSubject: "sheaf.v1.records.arxiv.>", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	acknowledge(t, cons, 5)
	if info, err := cons.Info(t.Context()); err != nil || info.AckFloor.Stream != 5 || info.NumPending != 15 {
		t.Errorf("of its own consumer it learns %+v, %v", info, err)
	}

	_, everything := all.enter(t, s.URL(), "")
	whole, err := everything.CreateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "search", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	acknowledge(t, whole, 40)

	var refused []string
	ask := func(ctx context.Context, nc *nats.Conn, subject, body string) error {
		_, err := nc.RequestWithContext(ctx, subject, []byte(body))
		return err
	}
	plain, err := nats.Connect(s.URL(), nats.UserInfo("plain", "secret-of-plain"), nats.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	for name, try := range map[string]func(ctx context.Context) error{
		"another filter": func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "catalogue", FilterSubject: "sheaf.v1.records.letters.>"})
			return err
		},
		"no filter": func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "catalogue"})
			return err
		},
		"two filters": func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "catalogue", FilterSubjects: []string{"sheaf.v1.records.arxiv.>", "sheaf.v1.records.letters.>"}})
			return err
		},
		"a filter in the subject and another in the body": func(ctx context.Context) error {
			m, err := nc.Request("$JS.API.CONSUMER.CREATE.SHEAF_RECORDS.catalogue.sheaf.v1.records.arxiv.>",
				[]byte(`{"stream_name":"SHEAF_RECORDS","config":{"durable_name":"catalogue","filter_subject":"sheaf.v1.records.>"}}`), time.Second)
			if err == nil && strings.Contains(string(m.Data), `"error"`) {
				return errors.New(string(m.Data))
			}
			return err
		},
		"a consumer of another name": func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "mine", FilterSubject: "sheaf.v1.records.arxiv.>"})
			return err
		},
		"another's messages": func(ctx context.Context) error {
			return ask(ctx, nc, "$JS.API.CONSUMER.MSG.NEXT.SHEAF_RECORDS.search", "1")
		},
		"a message by its seq": func(ctx context.Context) error {
			return ask(ctx, nc, "$JS.API.STREAM.MSG.GET.SHEAF_RECORDS", `{"seq":30}`)
		},
		"the names of consumers": func(ctx context.Context) error { return ask(ctx, nc, "$JS.API.CONSUMER.NAMES.SHEAF_RECORDS", "") },
		"removing another's": func(ctx context.Context) error {
			return ask(ctx, nc, "$JS.API.CONSUMER.DELETE.SHEAF_RECORDS.search", "")
		},
		"a stranger reading its messages": func(ctx context.Context) error {
			return ask(ctx, plain, "$JS.API.CONSUMER.MSG.NEXT.SHEAF_RECORDS.catalogue", "1")
		},
		"a stranger removing its consumer": func(ctx context.Context) error {
			return ask(ctx, plain, "$JS.API.CONSUMER.DELETE.SHEAF_RECORDS.catalogue", "")
		},
		"a stranger changing its consumer": func(ctx context.Context) error {
			return ask(ctx, plain, "$JS.API.CONSUMER.DURABLE.CREATE.SHEAF_RECORDS.catalogue", `{"stream_name":"SHEAF_RECORDS","config":{"durable_name":"catalogue","ack_policy":"explicit"}}`)
		},
		"a stranger changing its consumer by a request that names it in its body alone": func(ctx context.Context) error {
			m, err := plain.Request("$JS.API.CONSUMER.CREATE.SHEAF_RECORDS",
				[]byte(`{"stream_name":"SHEAF_RECORDS","config":{"name":"catalogue","ack_policy":"explicit","filter_subject":"sheaf.v1.records.letters.>"}}`), time.Minute)
			if err == nil && strings.Contains(string(m.Data), `"error"`) {
				return errors.New(string(m.Data))
			}
			return err
		},
		"a stranger having its name before it comes": func(ctx context.Context) error {
			m, err := plain.Request("$JS.API.CONSUMER.CREATE.SHEAF_OPS",
				[]byte(`{"stream_name":"SHEAF_OPS","config":{"name":"catalogue","ack_policy":"explicit","inactive_threshold":86400000000000}}`), time.Minute)
			if err == nil && strings.Contains(string(m.Data), `"error"`) {
				return errors.New(string(m.Data))
			}
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), unheard)
		if err := try(ctx); err != nil {
			refused = append(refused, name)
		} else {
			t.Errorf("%s is not refused", name)
		}
		cancel()
	}
	t.Logf("refused: %q", refused)

	// Nobody acknowledges for it: a message is delivered to it, and others say that it has it.
	batch, err := cons.Fetch(1)
	if err != nil {
		t.Fatal(err)
	}
	m := <-batch.Messages()
	if err := plain.Publish(m.Reply(), nil); err != nil {
		t.Fatal(err)
	}
	if err := plain.Flush(); err != nil {
		t.Fatal(err)
	}
	if info, err := cons.Info(t.Context()); err != nil || info.NumAckPending != 1 {
		t.Errorf("somebody has acknowledged for it: %+v, %v", info, err)
	}
	if err := m.DoubleAck(t.Context()); err != nil {
		t.Errorf("it can't acknowledge itself: %v", err)
	}

	// What comes as it is published: its own source only.
	heard := make(chan *nats.Msg, 100)
	for _, subject := range []string{"sheaf.v1.records.arxiv.>", "sheaf.v1.records.>", "_INBOX.>"} {
		if _, err := nc.ChanSubscribe(subject, heard); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	last = tail(t, c)
	last = publish(t, c, last, of("letters", changes(41, 45)))
	publish(t, c, last, of("arxiv", changes(46, 46)))
	var subjects []string
	for len(subjects) == 0 {
		select {
		case m := <-heard:
			subjects = append(subjects, m.Subject)
		case <-time.After(time.Minute):
			t.Fatal("nothing comes")
		}
	}
	if slices.ContainsFunc(subjects, func(s string) bool { return !strings.HasPrefix(s, "sheaf.v1.records.arxiv.") }) {
		t.Errorf("it hears %v", subjects)
	}
}

// A consumer that has the name of a reader is for that reader alone, with a password as with a key.
func TestReadersWithAPassword(t *testing.T) {
	s := embedded(t, t.TempDir(), func(o *ServerOptions) {
		o.Guests.UsersFile = usersFile(t, "catalogue:one\nportal:two\nno.name:three\n*:four")
	})
	c := inside(t, s)
	publish(t, c, tail(t, c), changes(1, 20))
	js := map[string]jetstream.JetStream{}
	nc := map[string]*nats.Conn{}
	for _, u := range [][2]string{{"catalogue", "one"}, {"portal", "two"}, {"no.name", "three"}, {"*", "four"}} {
		nc[u[0]] = reader(t, s, nats.UserInfo(u[0], u[1]))
		js[u[0]] = jetOf(t, nc[u[0]])
	}
	cons, err := js["catalogue"].CreateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "catalogue", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	acknowledge(t, cons, 5)
	batch, err := cons.Fetch(1)
	if err != nil {
		t.Fatal(err)
	}
	m := <-batch.Messages()
	for _, other := range []string{"portal", "no.name", "*"} {
		for name, try := range map[string]func(context.Context) error{
			"look at": func(ctx context.Context) error {
				_, err := js[other].Consumer(ctx, "SHEAF_RECORDS", "catalogue")
				return err
			},
			"change": func(ctx context.Context) error {
				_, err := js[other].CreateOrUpdateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "catalogue", AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "sheaf.v1.records.x.>"})
				return err
			},
			"remove": func(ctx context.Context) error {
				return js[other].DeleteConsumer(ctx, "SHEAF_RECORDS", "catalogue")
			},
			"read from": func(context.Context) error {
				_, err := nc[other].Request("$JS.API.CONSUMER.MSG.NEXT.SHEAF_RECORDS.catalogue", []byte("1"), unheard)
				return err
			},
			"acknowledge for": func(context.Context) error {
				_, err := nc[other].Request(m.Reply(), []byte("+ACK"), unheard)
				return err
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), unheard)
			if err := try(ctx); err == nil {
				t.Errorf("%s can %s the consumer of catalogue", other, name)
			}
			cancel()
		}
		own, err := js[other].CreateConsumer(t.Context(), "SHEAF_RECORDS", jetstream.ConsumerConfig{Durable: "another-" + map[string]string{"portal": "one", "no.name": "two", "*": "three"}[other], AckPolicy: jetstream.AckExplicitPolicy})
		if err != nil {
			t.Errorf("%s has no consumer of its own: %v", other, err)
			continue
		}
		acknowledge(t, own, 20)
	}
	if info, err := cons.Info(t.Context()); err != nil || info.NumAckPending != 1 || info.Config.FilterSubject != "" {
		t.Errorf("the consumer is %+v, %v", info, err)
	}
	if err := m.DoubleAck(t.Context()); err != nil {
		t.Errorf("it can't acknowledge itself: %v", err)
	}
}

// WebSocket clients come through the same door.
func TestWebSocket(t *testing.T) {
	address := freeport.Address(t)
	s := embedded(t, t.TempDir(), func(o *ServerOptions) {
		o.WebSocket = address
		o.Guests.UsersFile = usersFile(t, "plain:secret-of-plain")
		o.Sync = -1
	})
	c := inside(t, s)
	publish(t, c, tail(t, c), changes(1, 3))
	url := "ws://" + address
	if nc, err := nats.Connect(url); err == nil {
		nc.Close()
		t.Error("somebody without a password is let in")
	}
	nc, err := nats.Connect(url, nats.UserInfo("plain", "secret-of-plain"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	cons, err := js.OrderedConsumer(t.Context(), "SHEAF_RECORDS", jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := cons.Next(); err != nil || m.Headers().Get(headerSeq) != "1" {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := js.Publish(t.Context(), "sheaf.v1.records.a.p00.upserted", nil); err == nil {
		t.Error("it may publish")
	}
}

// Where somebody else keeps the streams, the gateway makes and changes nothing, and says all that it needs.
func TestStreamsOfSomebodyElse(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), func(o *Options) { o.CheckOnly, o.Key, o.MaxBytes = true, []byte("0123456789abcdef"), 0 })
	_, err := c.Tail(t.Context())
	if err == nil || !strings.Contains(err.Error(), "there is no stream SHEAF_RECORDS") || !strings.Contains(err.Error(), "subjects sheaf.v1.records.*.*.*") || !strings.Contains(err.Error(), "sheaf-namespace: "+namespace) {
		t.Errorf("without a stream it says: %v", err)
	}
	js := jet(t, s)
	if names := js.StreamNames(t.Context()); len(collect(names.Name())) != 0 {
		t.Error("it has made a stream")
	}
	made := jetstream.StreamConfig{Name: "SHEAF_RECORDS", Subjects: []string{"sheaf.v1.records.>"}, MaxAge: time.Hour, MaxMsgs: 10, Storage: jetstream.MemoryStorage}
	if _, err := js.CreateStream(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	_, err = c.Tail(t.Context())
	for _, want := range []string{
		"subjects is sheaf.v1.records.> and must be sheaf.v1.records.*.*.*", "max_age is 1h0m0s and must be 720h0m0s",
		"max_msgs is 10 and must be -1", "storage is Memory and must be File", "no sheaf-namespace: " + namespace, "no sheaf-sealed-from: 1",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
	if err := js.DeleteStream(t.Context(), "SHEAF_RECORDS"); err != nil {
		t.Fatal(err)
	}
	made = jetstream.StreamConfig{
		Name: "SHEAF_RECORDS", Subjects: []string{"sheaf.v1.records.*.*.*"}, MaxAge: 30 * 24 * time.Hour, Description: "ours",
		Metadata: map[string]string{metaNamespace: namespace, metaSealed: "1"},
	}
	st, err := js.CreateStream(t.Context(), made)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, c, tail(t, c), changes(1, 20))
	info, err := st.Info(t.Context())
	if err != nil || info.State.Msgs != 20 || info.Config.Description != "ours" || info.Config.Metadata[metaEpoch] != "" {
		t.Errorf("the stream is %+v, %v", info, err)
	}
	if err := c.Notify(t.Context(), noticeOf("harvest.completed", "a")); err == nil || !strings.Contains(err.Error(), "there is no stream SHEAF_OPS") {
		t.Errorf("without a stream of notices it says %v", err)
	}
}

func collect(ch <-chan string) (all []string) {
	for s := range ch {
		all = append(all, s)
	}
	return all
}

// usersFile is a file that names users.
func usersFile(t *testing.T, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// On a cluster the gateway says who it is with an NKey, in the domain that its streams are in.
func TestClusterWithAKeyAndADomain(t *testing.T) {
	key := newKey(t)
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), JetStreamDomain: "archive", JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 30,
		Nkeys: []*server.NkeyUser{{Nkey: key.public(t)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { stop(t, cluster{ns}) })
	if !ns.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server did not start")
	}
	seed, err := key.pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	c := connect(t, ns.ClientURL(), func(o *Options) { o.Seed, o.Domain = file, "archive" })
	if last := publish(t, c, tail(t, c), changes(1, 20)); last.StreamSeq != 20 {
		t.Errorf("the stream ends with %v", last)
	}
	elsewhere := connect(t, ns.ClientURL(), func(o *Options) { o.Seed, o.Domain, o.Timeout = file, "another", time.Second })
	if _, err := elsewhere.Tail(t.Context()); err == nil {
		t.Error("a domain that there isn't has a stream")
	}
	nobody := connect(t, ns.ClientURL(), func(o *Options) { o.Timeout = time.Second })
	if _, err := nobody.Tail(t.Context()); err == nil {
		t.Error("without its key the gateway is let in")
	}
}
