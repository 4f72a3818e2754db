package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/feed"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/tracing"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An eventDoor publishes the changes of the log. It is nil if nothing is published.
type eventDoor struct {
	broker *events.Server // nil if it is not embedded
	client *events.Client
	relay  *observe.Relay

	consumers *events.ConsumerWatch
	replicas  *events.ReplicaWatch
	notices   *events.Notices
}

// openEvents connects to the event broker, and starts the embedded one if the configuration asks for it.
func openEvents(c *Core, baseURL string) (*eventDoor, error) {
	cfg := c.Config
	if cfg.Events.Kind == "none" {
		return nil, nil
	}
	d := &eventDoor{}
	o := events.Options{
		Namespace: c.Store.Namespace(), Log: c.Store.Identity().ID, Key: c.Store.Identity().Key, TakesOver: c.Store.TakesOver, TookOver: c.Store.TookOver,
		URLs: cfg.Events.URLs, Credentials: cfg.Events.Credentials.File, Seed: cfg.Events.NKey.File, Domain: cfg.Events.Domain, CheckOnly: cfg.Events.Streams == "check",
		Window:   cfg.Events.Window,
		Replicas: cfg.Events.Replicas, MaxAge: cfg.Events.Keep.Age, MaxBytes: int64(cfg.Events.Keep.Bytes), Prefix: cfg.Events.StreamPrefix,
		BaseURL: baseURL, Pointer: c.pointsTo,
		Logger: c.logger, Registerer: c.Registry,
	}
	if cfg.Events.Kind == "embedded" {
		broker, err := events.StartServer(events.ServerOptions{
			Listen: cfg.Events.Listen, StoreDir: filepath.Join(cfg.Data, "nats"), Prefix: cfg.Events.StreamPrefix,
			Guests: events.Guests{UsersFile: cfg.Events.Users.File, Readers: readers(&cfg.Events), TLS: cfg.Events.TLS}, Logger: c.logger,
			WebSocket: cfg.Events.WebSocket, Sync: cmp.Or(cfg.Events.Sync, -1),
		})
		if err != nil {
			return nil, err
		}
		c.parts.push("the event broker", broker.Shutdown)
		d.broker, o.Server = broker, broker
	}
	var err error
	if o.TLS, err = clusterTLS(&cfg.Events); err != nil {
		return nil, err
	}
	client, err := events.Connect(o)
	if err != nil {
		return nil, err
	}
	c.parts.push("the event client", func(context.Context) error { return client.Close() })
	d.client = client
	d.relay = observe.NewRelay(c.Registry, &c.harvests.Commits, c.Store)
	d.notices = events.NewNotices(client, c.logger)
	d.consumers, d.replicas = events.NewConsumerWatch(client, c.logger), events.NewReplicaWatch(client, c.logger)
	c.Registry.MustRegister(c.ofAll(&observe.Stream{Size: client.Size}, &observe.Consumers{Watch: d.consumers}, &observe.Replicas{Watch: d.replicas}))
	c.published.Store(d)
	return d, nil
}

// pointsTo says whether events of a source, by the name in its identifiers, have a link in place of the record.
func (l *lasting) pointsTo(source string) bool {
	s := l.now.Load().Config.Minting(source)
	return s != nil && s.Events == "pointer"
}

// clusterTLS is how the gateway knows the servers of a cluster, and they the gateway; nil for the system's way.
func clusterTLS(e *config.Events) (*tls.Config, error) {
	if e.CA == "" && e.ClientCert == nil {
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if e.CA != "" {
		var err error
		if out.RootCAs, err = authorities("events.ca_file", e.CA); err != nil {
			return nil, err
		}
	}
	if pair := e.ClientCert; pair != nil {
		out.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, err := tls.LoadX509KeyPair(string(pair.Cert), string(pair.Key)) // anew, so that a renewal needs no restart
			return &cert, err
		}
	}
	return out, nil
}

// authorities are those in a file that a key of the configuration names.
func authorities(key string, file config.File) (*x509.CertPool, error) {
	text, err := os.ReadFile(string(file))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %s holds no certificate in PEM", key, file)
	}
	return pool, nil
}

// readers are those who read by a key.
func readers(e *config.Events) map[string]events.Reader {
	out := map[string]events.Reader{}
	for name, r := range e.Readers {
		out[name] = events.Reader{NKey: r.NKey, Sources: r.Sources}
	}
	return out
}

// run publishes until the gateway stops.
func (d *eventDoor) run(c *Core) {
	var stream tracing.Stream = d.client
	if c.traces != nil {
		stream = c.traces.Publisher(stream)
	}
	relay := &pipeline.Relay{Log: c.Store, Publisher: stream, Observer: d.relay, Logger: c.logger, Keep: c.Config.Events.Keep.Age}
	d.relay.Rests(c.Config.Store.Kind == "postgres") // until it is this gateway that publishes
	c.parts.keep("the relay", c.alone(func(ctx context.Context) error {
		d.relay.Rests(false)
		defer d.relay.Rests(true)
		return relay.Run(ctx)
	}))
	c.runs.Add(d.notices)
	c.failing.Tell(d.notices)
	c.parts.keep("the notices", d.notices.Run)
	c.parts.keep("the watch over consumers", d.consumers.Run)
	c.parts.keep("the watch over replicas", d.replicas.Run)
}

// refresh sends a record again.
func (d *eventDoor) refresh(ctx context.Context, e *pipeline.Event, asked time.Time) error {
	if d == nil {
		return errors.New("nothing is published: no gateway runs on this data folder (sheaf serve), or its events.kind is none")
	}
	return d.client.Refresh(ctx, e, asked)
}

// stopped hears that a person has stopped a source.
func (d *eventDoor) stopped(source string, s pipeline.Stop) {
	if d != nil {
		d.notices.SourceStopped(source, s)
	}
}

// info says how the event stream stands, for commands.
func (d *eventDoor) info() *control.EventsInfo {
	if d == nil {
		return nil
	}
	out := &control.EventsInfo{Place: d.relay.Place(), Strays: d.client.Strays(), Consumers: d.consumers.Consumers()}
	if err := d.relay.Trouble(); err != nil {
		out.Trouble = err.Error()
	}
	return out
}

// dumped tells operators of a new dump of the gateway at this URL.
func (d *eventDoor) dumped(baseURL string, m *feed.Manifest) {
	if d != nil {
		d.notices.Dumped(baseURL+"/dump", m.Cursor, m.Rows, m.Size(), len(m.Parts))
	}
}

// trouble says why events wait in the log; nil if they don't.
func (d *eventDoor) trouble() error {
	if d == nil {
		return nil
	}
	return d.relay.Trouble()
}

// lacking says which servers don't have all of the event stream; nil if all do, or nothing is published.
func (d *eventDoor) lacking() error {
	if d == nil {
		return nil
	}
	return d.replicas.Replicas().Trouble()
}

// address is where the embedded broker answers; empty without one.
func (d *eventDoor) address() string {
	if d == nil || d.broker == nil {
		return ""
	}
	return d.broker.URL()
}
