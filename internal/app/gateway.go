package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/internal/acme"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/feed"
	"github.com/sheaf-gateway/sheaf/internal/limit"
	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/selfprobe"
	"github.com/sheaf-gateway/sheaf/internal/web/intake"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A Gateway is a Core with its doors. Its Core is the one that it was opened with; lasting.now has the one in force.
type Gateway struct {
	*Core
	public, ops net.Listener
	limits      charging // of the public side
	opened      *doors   // those in force
	oai         turnstile
	world       turnstile // what the public listener answers with
	operators   turnstile
	answers     *observe.OAI
	commands    *control.Client // of the operators' pages
	opsToken    opsToken
	events      *eventDoor
	changes     *feed.Door
	pushes      *intake.Door
	probe       *selfprobe.Prober // nil if it is switched off
	search      search.Engine     // nil if there is none
	rooms       rooms
	begun       chan struct{} // closed when Run has started everything
	idle        bool
}

// rooms are where loops go on that another configuration may replace; nil before Run.
type rooms struct{ webhooks, dumps, backups *room }

// NewGateway binds every address, opens the log, and connects everything; nothing is served before Run. Addresses are
// bound first, so that an address which is taken is reported before anything is touched. The caller must call Run or
// Close.
func NewGateway(ctx context.Context, cfg *config.Config, o Options) (_ *Gateway, err error) {
	g := &Gateway{idle: o.Idle, begun: make(chan struct{})}
	bound := newParts()
	defer func() {
		if err != nil {
			err = errors.Join(err, bound.stop())
		}
	}()
	if what := cfg.Listen.OpsProblem(); what != "" { // a flag may have chosen the address
		return nil, ConfigError{errors.New("listen.ops: " + what)}
	}
	sockets := o.Sockets
	if sockets == nil {
		sockets = new(Sockets)
		bound.push("the addresses", func(context.Context) error { return sockets.Release() })
	}
	if g.public, err = listen(sockets, bound, "listen.public", "--listen", cfg.Listen.Public); err != nil {
		return nil, err
	}
	if g.ops, err = listen(sockets, bound, "listen.ops", "--ops-listen", cfg.Listen.Ops); err != nil {
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
	o.Patience, o.doors, o.bound = patience, true, g.public.Addr().String()
	if g.Core, err = Open(ctx, cfg, o); err != nil {
		return nil, err
	}
	g.parts.push("the listeners", func(context.Context) error { return bound.stop() })
	if g.commands, err = control.NewClient(cfg.Data, nil); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.parts.push("the commands of the pages", func(context.Context) error { return g.commands.Close() })
	if a := cfg.Listen.PublicACME; a != nil {
		keeper, err := acme.New(acme.Options{Config: a, Dir: filepath.Join(cfg.Data, "acme"), Logger: g.logger})
		if err != nil {
			return nil, errors.Join(ConfigError{err}, g.Close())
		}
		g.acme.Store(keeper)
	}
	if g.traces, err = openTracer(g.Core); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.Registry.MustRegister(&observe.Certificates{Of: certificates(cfg, g.acme.Load())})
	g.limits, g.answers = charging{limit.New(budgets(cfg, g.Registry)), observe.NewDoors(g.Registry)}, observe.NewOAI(g.Registry)
	if g.events, err = openEvents(g.Core, g.baseURL); err == nil {
		g.pushes, err = pushDoor(g.Core)
	}
	if err == nil {
		_, err = g.hooks.open(ctx, g.Core, g.baseURL)
	}
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.changes = feed.New(feed.Options{URL: g.baseURL, Log: g.Store, Limits: g.limits, Dumps: g.dumps, MakesDumps: func() bool { return g.dumpEvery() > 0 }, Logger: g.logger})
	g.removals.add(func(context.Context, *pipeline.Suppression) error { g.changes.Removed(); return nil })
	if cfg.OAI.SelfProbe > 0 {
		g.probe = selfprobe.New(selfprobe.Options{OAI: &g.oai, URL: g.baseURL + "/oai", Live: g.live, Every: cfg.OAI.SelfProbe, Logger: g.logger})
		g.Registry.MustRegister(&observe.SelfProbe{Prober: g.probe})
	}
	g.search = openSearch(g.Core)
	if g.opened, err = g.openDoors(ctx, g.Core, nil, nil); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.opsToken = g.opened.token
	g.lead()
	observe.Process(g.Registry, o.Version)
	if o.Reloads != nil {
		g.Registry.MustRegister(o.Reloads)
	}
	return g, nil
}

// lead has the listeners answer with the doors in force.
func (g *Gateway) lead() {
	g.oai.lead(g.opened.oai)
	g.world.lead(g.opened.public)
	g.operators.lead(g.opened.operators)
}

// maxConnections bounds the connections to the public listener.
const maxConnections = 8192

// budgets bound what each client of the public listener may ask for.
func budgets(cfg *config.Config, r prometheus.Registerer) limit.Options {
	return limit.Options{
		Connections: min(maxConnections, machine.OpenFiles()/2), // the log, the sources and the broker need files too
		Requests:    float64(cfg.Limits.Requests), Burst: cfg.Limits.Burst, RecordsPerMinute: cfg.Limits.RecordsPerMinute,
		Concurrency: cfg.Limits.Concurrency, Total: cfg.Limits.Total, Allow: cfg.Limits.Allow,
		Trusted: cfg.Listen.TrustedProxies, Registerer: r,
	}
}

// roomForDump keeps the disk for what can't be made again.
func (g *Gateway) roomForDump() error {
	if free, known := g.Store.DiskFree(); known && free < dumpReserve {
		return fmt.Errorf("%w: %d MiB are free where %s is, and a dump leaves %d MiB", pipeline.ErrFull, free>>20, g.Config.Data, dumpReserve>>20)
	}
	return nil
}

// dumpReserve is how much of the disk dumps leave: more than harvests do, which must go on when dumps have stopped.
const dumpReserve = 16 * diskReserve

// RelayPlace is the last event that is known to be in the stream; zero if nothing is published yet.
func (g *Gateway) RelayPlace() pipeline.Cursor {
	if g.events == nil {
		return pipeline.Cursor{}
	}
	return g.events.relay.Place()
}

// Addresses says where the gateway answers; NATS is empty without an embedded broker.
func (g *Gateway) Addresses() Addresses {
	return Addresses{
		Public: g.baseURL + "/", Bound: g.public.Addr().String(), Ops: scheme(g.Config.Listen.OpsTLS != nil) + "://" + reachable(g.ops.Addr().String()) + "/",
		NATS: g.events.address(),
	}
}

// Run serves until ctx ends, then stops everything in the opposite order of its start.
func (g *Gateway) Run(ctx context.Context) error {
	if g.traces != nil {
		g.parts.keep("the traces", g.traces.Run) // first, so that it sends what the others did last
	}
	g.parts.keep("the measure of quality", g.alone(g.surveys.Run))
	g.parts.keep("the check of the log", g.checkLog)
	g.parts.keep("the watch over disk, clock and certificates", newVigil(g.Core).Run)
	g.parts.keep("the view of harvesters", g.harvesters.Run) // it stops after the listeners, so that it hears of every request
	pages := g.opened.ops                                    // those that take its place have the same actions
	g.parts.push("the actions of the pages", func(context.Context) error { pages.Close(); return nil })
	quietly := slog.NewLogLogger(g.logger.Handler(), slog.LevelWarn)
	world, public := g.limits.Listener(g.public), http.Handler(&g.world)
	if t := g.Config.Listen.PublicTLS; t != nil {
		world, public = tls.NewListener(world, t.Config()), onlyHTTPS(public)
	} else if a := g.acme.Load(); a != nil {
		world, public = tls.NewListener(world, a.TLS()), onlyHTTPS(public)
	}
	g.parts.serve("the public listener", world, &http.Server{Handler: public, ConnContext: g.limits.ConnContext, ErrorLog: quietly})
	if a := g.acme.Load(); a != nil {
		g.parts.keep("the certificates", a.Run)
		g.parts.push("the authority", func(context.Context) error { a.Close(); return nil }) // the certificates wait for its answer
	}
	g.parts.serve("the ops listener", g.ops, &http.Server{Handler: &g.operators, ErrorLog: quietly})
	g.parts.push("the feed of changes", func(context.Context) error { g.changes.Close(); return nil }) // before the listener, which waits for it
	g.parts.push("the pushes", func(context.Context) error { g.pushes.Close(); return nil })           // before the listener, which waits for them
	if g.search != nil {
		g.parts.keep("the search", g.search.Run)
	}
	if g.probe != nil {
		g.parts.keep("the self-probe", g.probe.Run)
	}
	if g.events != nil {
		g.events.run(g.Core)
	}
	g.rooms.webhooks = g.parts.room("the webhooks")
	g.sendWebhooks()
	if g.Store.Namespace() != "" && !g.idle {
		g.parts.keep("the scheduler", g.Scheduler.Run)
	}
	g.rooms.dumps = g.parts.room("the dumps")
	g.makeDumps()
	g.rooms.backups = g.parts.room("the backups")
	g.makeBackups()
	if g.Config.Store.Kind == "postgres" {
		g.parts.keep("the takedowns of other gateways", g.hearRemovals)
	}
	close(g.begun)
	var broken error
	select {
	case <-ctx.Done():
	case broken = <-g.parts.ended:
	}
	return errors.Join(broken, g.Close())
}

// sendWebhooks has the webhooks of the configuration in force at work.
func (g *Gateway) sendWebhooks() {
	if all := g.hooks.opened(); all != nil {
		g.rooms.webhooks.run(g.alone(all.Run))
	}
}

// makeDumps has dumps made as the configuration in force wants it.
func (g *Gateway) makeDumps() {
	if every := g.dumpEvery(); every > 0 {
		g.rooms.dumps.run(func(ctx context.Context) error {
			return g.dumps.Run(ctx, feed.Making{
				URL: g.baseURL, Every: every, Room: g.roomForDump,
				Published: func(m *feed.Manifest) { g.events.dumped(g.baseURL, m) },
			})
		})
	}
}

// makeBackups has backups made as the configuration in force wants it.
func (g *Gateway) makeBackups() {
	if kept := g.now.Load().kept; kept != nil {
		g.rooms.backups.run(kept.Run)
	}
}
