package events

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
)

// Options are how a gateway publishes.
type Options struct {
	// Server is the embedded broker; if it is nil, URLs are the servers of a cluster, such as
	// tls://n1.example.org:4222.
	Server *Server
	URLs   []string
	// Credentials is a NATS credentials file; it is read again at each connect. Optional.
	Credentials string
	// Seed is the file of the seed of an NKey; it is read again at each connect. Optional.
	Seed string
	// TLS is for servers whose certificates the system doesn't know. Optional.
	TLS *tls.Config
	// Domain is the JetStream domain of the streams. Optional.
	Domain string
	// CheckOnly says that somebody else makes the streams, and that the gateway only looks whether they are as it needs.
	CheckOnly bool

	// Namespace is the gateway's: it owns the streams.
	Namespace string
	// Log is the id of the log that the streams belong to, and Key what seals its messages (see [headerSeal]).
	// Without them whoever has the namespace may publish, and nothing is sealed.
	Log string
	Key []byte
	// TakesOver reports whether a person wants this log to own the streams, whichever log made them. TookOver is called
	// when it owns them. Both are optional.
	TakesOver func(context.Context) (bool, error)
	TookOver  func(context.Context) error
	// Prefix begins the names of streams, and in lower case those of subjects: capital letters,
	// digits and hyphens, at most 32. Default: SHEAF.
	Prefix string
	// BaseURL is the public root of the gateway, for links. Without it they are relative.
	BaseURL string
	// Pointer reports whether events of this source have a link to the content instead of the content. Optional.
	Pointer func(source string) bool

	// Replicas is on how many servers each message is kept: 1 to 5. Default: 1 with Server, else 3.
	Replicas int
	// MaxAge is how long a message stays. Default: 30 days.
	MaxAge time.Duration
	// MaxBytes bounds the stream of records; the oldest go first. The stream of notices takes a
	// sixteenth of it on top. Default: what the stream was made with, whatever has become of the disk
	// since; for a stream that is made now 8 GiB, and with Server at most half of what is free.
	MaxBytes int64

	// Window is how many events may wait for their acknowledgement at once. Default: 512.
	Window int

	// Timeout is how long the broker may take to answer, at most: a try to publish on a replicated stream begins
	// with less (see patience). Default: 5 s.
	Timeout time.Duration
	Logger  *slog.Logger // default: nothing is logged
	// Registerer takes the metrics. Optional.
	Registerer prometheus.Registerer

	reconnectWait time.Duration // 500 ms but in tests
}

const (
	defaultPrefix  = "SHEAF"
	defaultAge     = 30 * 24 * time.Hour
	defaultTimeout = 5 * time.Second
)

var prefixRE = regexp.MustCompile(`^[A-Z0-9-]{1,32}$`)

// A Client publishes on a NATS server; it is a pipeline.Publisher. Its methods may be called by
// several goroutines at once; Publish lets in one at a time.
type Client struct {
	o       Options
	nc      *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	metrics *metrics
	enc     changejson.EventEncoder
	names   names
	closed  chan struct{} // closed when the connection is gone for good
	// patience is how long the broker may take while events are published, at most Options.Timeout.
	patience *patience

	mu   sync.Mutex
	lost chan struct{}     // closed when the present connection is lost, and made anew
	kept map[string]string // by stream: the settings of others that the broker lets nobody change back

	lastErr atomic.Pointer[error] // what the broker said out of turn, such as a missing permission

	epoch atomic.Int64 // what the stream's metadata say, as far as is known
	ops   atomic.Bool  // whether the stream of notices is known to be there
	// batches is whether the stream of records takes batches whole; Tail sees to it.
	batches       atomic.Bool
	strayed       atomic.Uint64 // messages of others that were found in the stream
	toldNoBatches atomic.Bool

	publishing sync.Mutex // guards what follows
	acks       chan *nats.Msg
	inbox      string
	call       uint64 // counts calls of Publish, so that old answers are known
	scratch    scratch
	seal       *sealer // nil if nothing is sealed

	reading sync.Mutex // guards what follows
	check   *sealer
	strays  uint64 // the number of the last message that was told of as none of ours
	looked  looked
}

// names are the names that the prefix gives.
type names struct{ records, ops, subjects string }

func newNames(prefix string) names {
	return names{prefix + "_RECORDS", prefix + "_OPS", strings.ToLower(prefix) + ".v1."}
}

// Connect makes a client even if it can't connect yet, and keeps trying for ever. Without a connection, Tail and Publish
// fail at once. An error means that the options make no sense.
func Connect(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	c := &Client{
		o: o, log: o.Logger, names: newNames(o.Prefix),
		enc:    changejson.NewEventEncoder(o.BaseURL, o.Pointer),
		closed: make(chan struct{}), lost: make(chan struct{}), kept: map[string]string{},
		patience: newPatience(o.Timeout, o.Replicas),
		// Answers to what was sent are at most a window; those of calls that were given up may still come.
		acks: make(chan *nats.Msg, 8*o.Window),
	}
	c.seal, c.check = newSealer(o.Key, c.names.records), newSealer(o.Key, c.names.records)
	var err error
	if c.metrics, err = newMetrics(o.Registerer); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	nc, err := nats.Connect(strings.Join(o.URLs, ","), c.connectOptions()...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	c.nc = nc
	c.observe()
	if o.Domain == "" {
		c.js, err = jetstream.New(nc, jetstream.WithDefaultTimeout(o.Timeout))
	} else {
		c.js, err = jetstream.NewWithDomain(nc, o.Domain, jetstream.WithDefaultTimeout(o.Timeout))
	}
	if err == nil {
		c.inbox = nc.NewInbox() + "."
		_, err = nc.ChanSubscribe(c.inbox+"*.*", c.acks)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect to NATS: %w", err), c.Close())
	}
	return c, nil
}

func (o *Options) complete() error {
	switch {
	case o.Server == nil && len(o.URLs) == 0:
		return errors.New("no server is given: set events.urls, or events.kind to embedded")
	case o.Server != nil && len(o.URLs) > 0:
		return errors.New("both an embedded server and URLs are given")
	}
	o.Prefix = cmp.Or(o.Prefix, defaultPrefix)
	if !prefixRE.MatchString(o.Prefix) {
		return fmt.Errorf("the stream prefix %q is not 1 to 32 capital letters, digits and hyphens", o.Prefix)
	}
	if o.Credentials != "" {
		f, err := os.Open(o.Credentials)
		if err != nil {
			return fmt.Errorf("read the credentials: %w", err)
		}
		f.Close()
	}
	if o.Seed != "" {
		if _, err := nats.NkeyOptionFromSeed(o.Seed); err != nil {
			return fmt.Errorf("read the seed of the NKey: %w", err)
		}
	}
	o.Window = cmp.Or(o.Window, defaultWindow)
	replicas := 3
	if o.Server != nil {
		replicas = 1
	}
	o.Replicas = cmp.Or(o.Replicas, replicas)
	o.MaxAge = cmp.Or(o.MaxAge, defaultAge)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.reconnectWait = cmp.Or(o.reconnectWait, 500*time.Millisecond)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return nil
}

func (c *Client) connectOptions() []nats.Option {
	opts := []nats.Option{
		nats.Name("sheaf " + c.o.Namespace),
		nats.Timeout(c.o.Timeout),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(c.o.reconnectWait),
		nats.ReconnectJitter(c.o.reconnectWait, 2*c.o.reconnectWait),
		// A person may correct the credentials while the gateway runs.
		nats.IgnoreAuthErrorAbort(),
		// Nothing is kept to be sent after a reconnect: by then it may be wrong.
		nats.ReconnectBufSize(-1),
		// With these a peer that vanishes without closing the connection is noticed within half a minute.
		nats.FlusherTimeout(c.o.Timeout),
		nats.PingInterval(15 * time.Second), nats.MaxPingsOutstanding(2),
		// Our subjects are made of checked parts.
		nats.SkipSubjectValidation(),
		nats.ConnectHandler(func(nc *nats.Conn) { c.up(nc) }),
		nats.ReconnectHandler(func(nc *nats.Conn) { c.up(nc) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { c.down(err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) {
			c.lastErr.Store(&err)
			c.log.Debug("nats still out of reach", "err", err)
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			c.lastErr.Store(&err)
			c.log.Warn("nats complains", "err", err)
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }),
	}
	if c.o.Server != nil {
		opts = append(opts, nats.InProcessServer(c.o.Server), nats.CustomInboxPrefix(gatewayInbox))
	}
	if c.o.Credentials != "" {
		opts = append(opts, nats.UserCredentials(c.o.Credentials))
	}
	if c.o.Seed != "" {
		if key, err := nats.NkeyOptionFromSeed(c.o.Seed); err == nil { // complete has looked
			opts = append(opts, key)
		}
	}
	if c.o.TLS != nil {
		opts = append(opts, nats.Secure(c.o.TLS))
	}
	return opts
}

func (c *Client) up(nc *nats.Conn) {
	c.lastErr.Store(nil)
	c.set(nc.IsConnected())
	server := nc.ConnectedUrlRedacted()
	if c.o.Server != nil {
		server = c.o.Server.URL() // in process: the client only knows a default
	}
	c.log.Info("nats connected", "server", server)
}

func (c *Client) down(err error) {
	c.mu.Lock()
	close(c.lost)
	c.lost = make(chan struct{})
	c.mu.Unlock()
	c.metrics.connected.Set(0)
	if err != nil {
		c.lastErr.Store(&err)
		c.log.Warn("nats connection lost", "err", err)
	}
}

// observe sets the gauge to what is true now: the handlers run a little later.
func (c *Client) observe() { c.set(c.nc.IsConnected()) }

func (c *Client) set(connected bool) {
	if connected {
		c.metrics.connected.Set(1)
	} else {
		c.metrics.connected.Set(0)
	}
}

// Connected says whether there is a connection now.
func (c *Client) Connected() bool { return c.nc.IsConnected() }

// Strays is how many messages of others were found in the stream of records so far.
func (c *Client) Strays() uint64 { return c.strayed.Load() }

// Conn is the connection, for whatever else uses it. It must not be closed.
func (c *Client) Conn() *nats.Conn { return c.nc }

// Close ends the connection, and returns when its goroutines have ended. A Publish that runs fails. The
// error is always nil.
func (c *Client) Close() error {
	c.nc.Close()
	<-c.closed
	c.metrics.connected.Set(0)
	return nil
}

// ErrNotConnected says that there is no connection to NATS at present, or that it was lost.
var ErrNotConnected = errors.New("not connected to NATS")

// connected returns a channel that is closed when the present connection is lost.
func (c *Client) connected() (<-chan struct{}, error) {
	c.mu.Lock()
	lost := c.lost
	c.mu.Unlock()
	// In this order: a connection that is lost after this line closes the channel.
	if !c.nc.IsConnected() {
		return nil, c.because(ErrNotConnected)
	}
	return lost, nil
}

// because adds to err the last error that the broker sent without being asked.
func (c *Client) because(err error) error {
	if p := c.lastErr.Load(); p != nil {
		return fmt.Errorf("%w: %w", err, *p)
	}
	return err
}

// within bounds ctx by the time that the broker may take.
func (c *Client) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.o.Timeout)
}
