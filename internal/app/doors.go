package app

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sheaf-gateway/sheaf/internal/acme"
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
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// publicDoor is what the public listener answers with, within the limits: OAI-PMH, the feed of changes, feeds and
// sitemaps for other people's programs, and pages for people.
func publicDoor(c *Core, limits charging, oai *oaiDoor, changes *feed.Door, index search.Engine, baseURL, broker string) http.Handler {
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
		Name: c.Config.Gateway.Name, URL: baseURL, Titles: titles(c.Config.Sources), Log: c.Store, Limits: limits, Logger: c.logger,
	})
	for _, path := range syndication.Paths {
		mux.Handle(path, limits.doors.Handler(observe.DoorOf(path), outlets.Handler()))
	}
	pages := site.Options{
		Name: c.Config.Gateway.Name, URL: baseURL, Titles: titles(c.Config.Sources), Renamed: renamed(c.Config.Sources), Minted: minted(c.Config.Sources),
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

// explain says what the rules with which the gateway was started make of the original of a record; nil if its source has none.
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
	token        opsToken
	provider     *openid.Provider
	certificates *acme.Keeper
	events       *eventDoor
	pushes       *intake.Door
	probe        *selfprobe.Prober
	search       search.Engine
}

// opsDoor is what operators see. The pages give commands as a person does, over the control socket.
func opsDoor(c *Core, commands *control.Client, has operated) *ops.Door {
	o := ops.Options{
		Name: c.Config.Gateway.Name, Version: c.version, Listen: &c.Config.Listen, Logger: c.logger,
		Token: has.token.value, TokenFile: has.token.file, Audit: AuditLog(c.Config), OpenID: has.provider,
		Metrics:  promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{EnableOpenMetrics: true}),
		Commands: commands, Config: c.Config, Surveys: c.surveys, Harvesters: c.harvesters.Sessions,
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
	if has.certificates != nil {
		o.Checks = append(o.Checks, ops.Check{Name: "certificates", Note: true, Trouble: func(context.Context) error { return has.certificates.Trouble() }})
	}
	if has.pushes != nil {
		o.Push = has.pushes
	}
	return ops.New(o)
}
