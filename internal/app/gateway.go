package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/limit"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Gateway is a Core with its doors.
type Gateway struct {
	*Core
	baseURL     string // public root, without a slash at the end
	public, ops net.Listener
	limits      *limit.Limiter // of the public side
	oai         http.Handler
	broker      *events.Server // nil if it is not embedded
	publisher   *events.Client // nil if nothing is published
	relay       *observe.Relay
	idle        bool
	broken      chan error
}

// NewGateway binds every address, opens the log, and connects everything; nothing runs before Run.
// Addresses are bound first, so that one that is taken is told before anything is touched. The
// caller must call Run or Close.
func NewGateway(ctx context.Context, cfg *config.Config, o Options) (_ *Gateway, err error) {
	g := &Gateway{idle: o.Idle, broken: make(chan error, 1)}
	var bound stack
	defer func() {
		if err != nil {
			err = errors.Join(err, bound.run())
		}
	}()
	if what := cfg.Listen.OpsProblem(); what != "" { // a flag may have chosen the address
		return nil, ConfigError{errors.New("listen.ops: " + what)}
	}
	if g.public, err = listen(&bound, "listen.public", "--listen", cfg.Listen.Public); err != nil {
		return nil, err
	}
	if g.ops, err = listen(&bound, "listen.ops", "--ops-listen", cfg.Listen.Ops); err != nil {
		return nil, err
	}
	if cfg.Listen.OpsTLS != nil {
		g.ops = tls.NewListener(g.ops, cfg.Listen.OpsTLS.Config())
	}
	if cfg.Events.Kind == "embedded" {
		if err := cfg.Events.Guarded(); err != nil {
			return nil, ConfigError{fmt.Errorf("the event broker would be open to strangers: %w", err)}
		}
		if err := free("events.listen", "--nats-listen", cfg.Events.Listen); err != nil {
			return nil, err
		}
	}
	g.baseURL = cfg.Gateway.URL
	if g.baseURL == "" {
		g.baseURL = "http://" + reachable(g.public.Addr())
	}
	if g.Core, err = Open(ctx, cfg, o); err != nil {
		return nil, err
	}
	g.stops.push("the listeners", func(context.Context) error { return bound.run() })
	g.limits = limit.New(budgets(cfg, g.Registry))
	if g.oai, err = g.oaiHandler(ctx); err == nil {
		err = g.connect()
	}
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo(o.Version))
	return g, nil
}

// budgets are those of the clients of the public listener.
func budgets(cfg *config.Config, r prometheus.Registerer) limit.Options {
	return limit.Options{
		Requests: float64(cfg.Limits.Requests), Burst: cfg.Limits.Burst, RecordsPerMinute: cfg.Limits.RecordsPerMinute,
		Concurrency: cfg.Limits.Concurrency, Total: cfg.Limits.Total, Allow: cfg.Limits.Allow,
		Trusted: cfg.Listen.TrustedProxies, Registerer: r,
	}
}

func buildInfo(version string) prometheus.Collector {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "sheaf_build_info", Help: "1, labelled with the version."}, []string{"version"})
	g.WithLabelValues(version).Set(1)
	return g
}

// listen binds an address. The error names the setting and the flag that choose another.
func listen(bound *stack, setting, flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with %s, or %s in the configuration", address, cause(err), flag, setting)
	}
	bound.push(setting, func(context.Context) error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return l, nil
}

// cause takes the address off an error, which says it twice.
func cause(err error) error {
	var op *net.OpError
	var sys *os.SyscallError
	switch {
	case errors.As(err, &sys):
		return sys.Err
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

// reachable is an address as somebody can ask for it: one that stands for all of a machine's is no
// address to connect to.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// free finds out whether an address that somebody else will bind can be had.
func free(setting, flag, address string) error {
	var probe stack
	if _, err := listen(&probe, setting, flag, address); err != nil {
		return err
	}
	return probe.run()
}

// connect makes the event door.
func (g *Gateway) connect() error {
	cfg := g.Config
	if cfg.Events.Kind == "none" {
		return nil
	}
	o := events.Options{
		Namespace: g.Store.Namespace(), Log: g.Store.Identity().ID, Key: g.Store.Identity().Key, TakesOver: g.Store.TakesOver, TookOver: g.Store.TookOver,
		URLs: cfg.Events.URLs, Credentials: cfg.Events.Credentials.File,
		Replicas: cfg.Events.Replicas, MaxAge: cfg.Events.Keep.Age, MaxBytes: int64(cfg.Events.Keep.Bytes), Prefix: cfg.Events.StreamPrefix,
		BaseURL: g.baseURL, Pointer: func(source string) bool { s := cfg.Sources[source]; return s != nil && s.Events == "pointer" },
		Logger: g.logger, Registerer: g.Registry,
	}
	if cfg.Events.Kind == "embedded" {
		broker, err := events.StartServer(events.ServerOptions{
			Listen: cfg.Events.Listen, StoreDir: filepath.Join(cfg.Data, "nats"), Prefix: cfg.Events.StreamPrefix,
			Guests: events.Guests{UsersFile: cfg.Events.Users.File, TLS: cfg.Events.TLS}, Logger: g.logger,
		})
		if err != nil {
			return err
		}
		g.stops.push("the event broker", broker.Shutdown)
		g.broker, o.Server = broker, broker
	}
	client, err := events.Connect(o)
	if err != nil {
		return err
	}
	g.stops.push("the event client", func(context.Context) error { return client.Close() })
	g.publisher = client
	g.relay = observe.NewRelay(g.Registry, &g.harvests.Commits)
	return nil
}

func (g *Gateway) eventsTrouble() error {
	if g.relay == nil {
		return nil
	}
	return g.relay.Trouble()
}

// RelayPlace is the last event that is known to be in the stream; zero if nothing is published yet.
func (g *Gateway) RelayPlace() pipeline.Cursor {
	if g.relay == nil {
		return pipeline.Cursor{}
	}
	return g.relay.Place()
}

// Addresses are where the gateway answers: URLs, and the HOST:PORT that Public is bound to.
type Addresses struct{ Public, Bound, Ops, NATS string }

// Addresses says where the gateway answers; NATS is empty without an embedded broker.
func (g *Gateway) Addresses() Addresses {
	a := Addresses{Public: g.baseURL + "/", Bound: g.public.Addr().String(), Ops: g.opsScheme() + "://" + reachable(g.ops.Addr()) + "/"}
	if g.broker != nil {
		a.NATS = g.broker.URL()
	}
	return a
}

// Run serves until ctx ends, then stops everything in the opposite order of its start.
func (g *Gateway) Run(ctx context.Context) error {
	public := http.NewServeMux()
	public.Handle("/oai", g.oai)
	public.Handle("/oai/{$}", g.oai)
	public.Handle("/", g.limits.Turns(site.New(site.Options{
		Name: g.Config.Gateway.Name, URL: g.baseURL, Titles: titles(g.Config.Sources), Events: g.Addresses().NATS, Library: g.Store, Logger: g.logger,
	})))
	g.keep("the measure of quality", g.surveys.Run)
	g.keep("the view of harvesters", g.harvesters.Run) // stops after the listeners, to know all
	g.serve("the public listener", g.limits.Listener(g.public), g.limits.Handler(public))
	g.serve("the ops listener", g.ops, g.opsDoor(g.opsRoutes()))
	if g.publisher != nil {
		relay := &pipeline.Relay{Log: g.Store, Publisher: g.publisher, Observer: g.relay, Logger: g.logger, Keep: g.Config.Events.Keep.Age}
		g.keep("the relay", relay.Run)
		notices := events.NewNotices(g.publisher, g.logger)
		g.runs.Add(notices)
		g.keep("the notices", notices.Run)
	}
	if g.Store.Namespace() != "" && !g.idle {
		g.keep("the scheduler", g.Scheduler.Run)
	}
	var broken error
	select {
	case <-ctx.Done():
	case broken = <-g.broken:
	}
	return errors.Join(broken, g.Close())
}

// fail ends the gateway because a part of it has ended: half a gateway would look like a whole one.
func (g *Gateway) fail(err error) {
	select {
	case g.broken <- err:
	default: // it is ending already
	}
}

// titles are what the sources are called, by their names.
func titles(sources map[string]*config.Source) map[string]string {
	out := make(map[string]string, len(sources))
	for name, source := range sources {
		out[name] = source.Title
	}
	return out
}

// serve answers on a listener until the gateway stops.
func (g *Gateway) serve(name string, l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ConnContext: g.limits.ConnContext, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			g.fail(fmt.Errorf("%s has ended: %w", name, err))
		}
	})
	g.stops.push(name, func(ctx context.Context) error {
		err := s.Shutdown(ctx)
		if err != nil {
			err = s.Close() // somebody reads very slowly
		}
		done.Wait()
		return err
	})
}

// keep runs a loop until the gateway stops.
func (g *Gateway) keep(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			g.fail(fmt.Errorf("%s has ended: %w", name, err))
		}
	}()
	g.stops.push(name, func(stop context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stop.Done():
			return stop.Err()
		}
	})
}
