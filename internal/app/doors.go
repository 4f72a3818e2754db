package app

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/feed"
	"github.com/sheaf-gateway/sheaf/internal/limit"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/openid"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/selfprobe"
	"github.com/sheaf-gateway/sheaf/internal/web/intake"
	"github.com/sheaf-gateway/sheaf/internal/web/ops"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/internal/web/syndication"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// doors are what the listeners answer with, by one configuration.
type doors struct {
	oai       *oaiDoor
	public    http.Handler
	token     opsToken
	provider  *openid.Provider // where operators sign in; nil if nowhere
	ops       *ops.Door
	operators http.Handler // ops, for those who may reach it
}

// A turnstile passes requests on to one handler, until there is another one.
type turnstile struct{ to atomic.Pointer[http.Handler] }

func (t *turnstile) lead(to http.Handler) { t.to.Store(&to) }

// ServeHTTP implements [http.Handler].
func (t *turnstile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*t.to.Load()).ServeHTTP(w, r)
}

// openDoors makes the doors by the configuration of a Core. Those of before, if they are not nil, give them what must last:
// pages of OAI-PMH that are kept, if changed has no key of that part, and operators who have signed in.
func (g *Gateway) openDoors(ctx context.Context, c *Core, before *doors, changed []string) (_ *doors, err error) {
	d := &doors{}
	has := operated{commands: g.commands, events: g.events, pushes: g.pushes, probe: g.probe, search: g.search}
	if d.token, err = openOpsToken(c.Config); err != nil {
		return nil, err
	}
	var kept *oaipmh.Handler
	var signedIn *ops.Door
	if before != nil {
		signedIn = before.ops
		if !isBelow("oai", changed) {
			kept = before.oai.keeper
		}
		if !isBelow("listen.ops_oidc", changed) {
			d.provider = before.provider
		}
	}
	if o := c.Config.Listen.OIDC; o != nil && d.provider == nil {
		if d.provider, err = openid.New(o); err != nil {
			return nil, ConfigError{err}
		}
	}
	if d.oai, err = openOAI(ctx, c, g.limits.Limiter, g.answers, kept); err != nil {
		return nil, err
	}
	d.public = publicDoor(c, g.limits, d.oai, g.changes, g.search, announced(g.events.address(), g.baseURL))
	has.token, has.provider = d.token, d.provider
	d.ops = opsDoor(c, has, signedIn)
	d.operators = limit.Patiently(only(c.Config.Listen.OpsAllow, c.logger, d.ops))
	return d, nil
}

// publicDoor is what the public listener answers with, within the limits: OAI-PMH, the feed of changes, feeds and
// sitemaps for other people's programs, and pages for people.
func publicDoor(c *Core, limits charging, oai *oaiDoor, changes *feed.Door, index search.Engine, broker string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/changes", limits.doors.Handler(observe.DoorChanges, changes.Handler()))
	dumps := limits.doors.Handler(observe.DoorDump, changes.Handler())
	mux.Handle("/dump", dumps)
	mux.Handle("/dump/{dump}/{part}", dumps)
	mux.Handle(feed.SchemaPath, limits.doors.Handler(observe.DoorChanges, changes.Handler()))
	mux.Handle("/oai", oai)
	mux.Handle("/oai/{$}", oai)
	if c.Config.Events.Kind != "none" || len(c.Config.Webhooks) > 0 {
		mux.Handle("GET "+eventDocuments, limits.doors.Handler(observe.DoorEvents, http.StripPrefix(eventDocuments, limits.Turns(describeEvents(c.Config.Events.StreamPrefix)))))
	}
	outlets := syndication.New(syndication.Options{
		Name: c.Config.Gateway.Name, URL: c.baseURL, Titles: titles(c.Config.Sources), Log: c.Store, Limits: limits, Logger: c.logger,
	})
	for _, path := range syndication.Paths {
		mux.Handle(path, limits.doors.Handler(observe.DoorOf(path), outlets.Handler()))
	}
	pages := site.Options{
		Name: c.Config.Gateway.Name, URL: c.baseURL, Titles: titles(c.Config.Sources), Renamed: renamed(c.Config.Sources), Minted: minted(c.Config.Sources),
		Events: broker, Dumps: c.Config.Dump.Every > 0, Library: c.Store, Look: c.look, Explain: c.explain, Formats: oai.repository.Formats, Sets: oai.repository, Logger: c.logger,
	}
	if index != nil {
		pages.Finder, pages.Feed, pages.Served = index, outlets.Feed, limits.Served
	}
	mux.Handle("/", limits.doors.Handler(observe.DoorSite, limits.Turns(site.New(pages))))
	return limits.Handler(mux)
}

// charging counts the records that doors charge to their clients.
type charging struct {
	*limit.Limiter
	doors *observe.Doors
}

// Served charges records to the client of a request.
func (c charging) Served(r *http.Request, records int) {
	c.Limiter.Served(r, records)
	c.doors.Served(observe.DoorOf(r.URL.Path), records)
}

// explain says what the rules in force make of the original of a record; nil if its source has none.
func (c *Core) explain(rec *pipeline.Record) *rules.Explained {
	src, err := c.source(rec.Source)
	if err != nil {
		return nil
	}
	return src.rules.Explain(rec)
}

// titles are what the sources are called, by their names.
func titles(sources map[string]*config.Source) map[string]string {
	out := make(map[string]string, len(sources))
	for name, source := range sources {
		out[name] = source.Title
	}
	return out
}

// renamed are the present names of the sources that were called otherwise, by their earlier names.
func renamed(sources map[string]*config.Source) map[string]string {
	out := map[string]string{}
	for name, source := range sources {
		for _, was := range source.Was {
			if sources[was] == nil {
				out[was] = name
			}
		}
	}
	return out
}

// operated is what operators look at besides the core; nil is what there is not.
type operated struct {
	commands *control.Client
	token    opsToken
	provider *openid.Provider
	events   *eventDoor
	pushes   *intake.Door
	probe    *selfprobe.Prober
	search   search.Engine
}

// maxScrapes bounds the requests for metrics that are answered at once: each reads the log, which has other readers.
const maxScrapes = 16

// opsDoor is what operators see. The pages give commands as a person does, over the control socket.
func opsDoor(c *Core, has operated, after *ops.Door) *ops.Door {
	o := ops.Options{
		Name: c.Config.Gateway.Name, Version: c.version, Listen: &c.Config.Listen, Logger: c.logger,
		Token: has.token.value, TokenFile: has.token.file, Audit: AuditLog(c.Config), OpenID: has.provider,
		Metrics:  promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes}),
		Commands: has.commands, After: after, Config: c.Config, Surveys: c.surveys, Harvesters: c.harvesters.Sessions,
		Checks: []ops.Check{
			{Name: "log", Starts: true, Trouble: func(ctx context.Context) error { _, err := c.Store.Head(ctx); return err }},
			{Name: "store", Trouble: func(context.Context) error { return c.Store.Health() }},
			{Name: "clock", Trouble: func(context.Context) error { return c.Store.Trouble() }},
			{Name: "events", Trouble: func(context.Context) error { return has.events.trouble() }},
			{Name: "event replicas", Note: true, Trouble: func(context.Context) error { return has.events.lacking() }},
		},
	}
	o.Checks = append(o.Checks, searchChecks(c, has.search)...)
	if has.probe != nil {
		o.Checks = append(o.Checks, ops.Check{Name: "self-probe", Note: true, Trouble: func(context.Context) error { return has.probe.State().Trouble() }})
	}
	if len(certificates(c.Config, c.acme.Load())) > 0 {
		o.Checks = append(o.Checks, ops.Check{Name: "certificates", Note: true, Trouble: func(context.Context) error { return c.certificateTrouble() }})
	}
	if slices.ContainsFunc(c.sources, func(s source) bool { return s.Pushed }) {
		o.Push = has.pushes
	}
	return ops.New(o)
}
