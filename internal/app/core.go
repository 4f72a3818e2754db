// Package app opens the gateway, starts it, and stops it in the opposite order. It decides nothing of what
// happens in between.
//
// A [Core] is the log and the sources without any door; commands that need the data open one when no gateway runs
// on the folder. A [Gateway] is a Core with its doors: OAI-PMH, events, pages, operators'. Both answer commands
// (package internal/control), so that a command never has to know which of the two it talks to.
//
// The files form a staircase, and none uses one above it: parts.go (what was started, and stops in the opposite
// order), sockets.go (the addresses, kept from one gateway to the next), log.go (the log, in whichever database it is),
// core.go (the log, the sources, and what is told of them), a file for each door (oai.go, eventdoor.go,
// doors.go), gateway.go, and reload.go, which puts another configuration in force, on top.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sheaf-gateway/sheaf/dublincore/formats"
	"github.com/sheaf-gateway/sheaf/internal/acme"
	"github.com/sheaf-gateway/sheaf/internal/backup"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/feed"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/survey"
	"github.com/sheaf-gateway/sheaf/internal/tracing"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/webhook"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Options are what a Core or a Gateway needs besides its configuration. The zero value is fit for use.
type Options struct {
	Version string
	Logger  *slog.Logger
	Clock   store.Clock // the machine's if nil
	Idle    bool        // sources are harvested only when a command asks for it
	// Throwaway says that nobody will miss the data folder: no disk is kept for it.
	Throwaway bool
	// Reloads are shown with the metrics and told to commands; nil if the configuration is never read again.
	Reloads *observe.Reloads
	// Reload reads the configuration again for a command, and says what came of it, or what is wrong. Nil if it is never read
	// again.
	Reload func(context.Context) ([]string, error)
	// Sockets keep the addresses of a Gateway for the one after it; nil if there is none.
	Sockets *Sockets
	// Patience is how long a Core waits for a process that has the data folder open.
	Patience time.Duration
	// Formats are the writers of formats; those of this release if nil.
	Formats *formats.Table

	doors bool   // a gateway opens it, with doors
	bound string // the address of the public listener; empty if there is none
}

// diskReserve is how much of the disk is kept for the log: twice what its write-ahead log grows to.
const diskReserve = 32 << 20

// A Core is the log, the sources, and what brings the one into the other: what lasts, and what a configuration makes of it.
// When the configuration is read again another Core takes its place, with the same lasting (reload.go); none is ever changed.
type Core struct {
	*lasting
	Config  *config.Config
	sources []source // in order of their names
	met     map[string]observe.ConfiguredSource
	look    web.Look
	kept    *backup.Keeper // of the copies that the configuration asks for; nil if it asks for none
}

// lasting is what goes on when the configuration is read again.
type lasting struct {
	Store     Log
	Scheduler *pipeline.Scheduler
	Registry  *prometheus.Registry

	now        atomic.Pointer[Core] // the one in force
	version    string
	baseURL    string         // public root, without a slash at the end
	formats    *formats.Table // nil for those of this release
	logger     *slog.Logger
	sourcing   *sourcing
	labels     *observe.Labels
	harvests   *observe.Harvests
	backups    *observe.Backups
	failing    *observe.Failing
	followers  *control.Followers
	runs       observe.Runs // what is told of harvests
	harvesters *observe.Harvesters
	mapping    *observe.Mapping
	surveys    *survey.Surveys
	remaps     control.Remaps
	removals   removals
	reload     func(context.Context) ([]string, error)
	reloads    *observe.Reloads // nil if the configuration is never read again
	dumps      *feed.Dumps
	published  atomic.Pointer[eventDoor] // nil where nothing is published, and before the doors are open
	hooks      hooks
	acme       atomic.Pointer[acme.Keeper] // nil if the public listener has no certificates of it, and before the doors are open
	traces     *tracing.Tracer             // nil if nothing is traced
	control    *control.Server
	parts      *parts

	completions completions
}

// Open opens the log and makes the sources ready. The caller must Close it.
func Open(ctx context.Context, cfg *config.Config, o Options) (_ *Core, err error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	c := &Core{Config: cfg, lasting: &lasting{version: o.Version, baseURL: publicRoot(cfg, o.bound), formats: o.Formats, logger: o.Logger, reload: o.Reload, reloads: o.Reloads, parts: newParts(), hooks: hooks{doors: o.doors}, Registry: prometheus.NewRegistry()}}
	c.now.Store(c)
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if c.look, err = readLook(cfg); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(cfg.Sources))
	c.labels = observe.NewLabels(names)
	c.sourcing = newSourcing(observe.NewUpstream(c.Registry, c.labels))
	c.sourcing.version, c.sourcing.formats = o.Version, o.Formats
	c.sourcing.pause(&config.Config{}, cfg)
	if c.sources, err = c.sourcing.build(cfg, nil); err != nil {
		return nil, err
	}
	c.mapping = observe.NewMapping(c.Registry, c.labels)
	c.watchRules()
	if c.Store, err = openLog(ctx, cfg, o); err != nil {
		return nil, err
	}
	c.parts.push("the log", func(context.Context) error { return c.Store.Close() })
	if err := errors.Join(renameSources(ctx, c.Store, cfg), c.introduce(ctx)); err != nil {
		return nil, err
	}
	if c.harvesters, err = observe.NewHarvesters(ctx, c.Store, sessionsOf(cfg), o.Logger); err != nil {
		return nil, err
	}
	if c.surveys, err = survey.Open(ctx, c.Store, c.surveyed(), o.Logger); err != nil {
		return nil, err
	}
	if c.dumps, err = feed.OpenDumps(ctx, filepath.Join(cfg.Data, "dump"), c.Store, o.Logger); err != nil {
		return nil, err
	}
	c.removals.add(c.dumps.Removed)
	c.parts.push("the webhooks' file", func(context.Context) error { return c.hooks.close(c.Registry) })
	c.removals.add(c.hooks.removed)
	if c.met, err = c.meet(ctx); err != nil {
		return nil, err
	}
	if c.failing, err = observe.NewFailing(ctx, names, c.Store, o.Logger); err != nil {
		return nil, err
	}
	c.backups = &observe.Backups{Kept: c.Store, Every: c.backupEvery}
	if c.kept, err = c.keepBackups(); err != nil {
		return nil, err
	}
	standbys := &observe.Standbys{Logger: o.Logger}
	standbys.Log, _ = c.Store.(observe.Replicated)
	standing := &observe.Sources{Log: c.Store, Configured: func() map[string]observe.ConfiguredSource { return c.now.Load().met }}
	c.Registry.MustRegister(c.ofAll(standing, c.failing, &observe.Quality{Surveys: c.surveys, Labels: c.labels}, standbys), &observe.LogCollector{Log: c.Store, Dir: cfg.Data},
		&observe.Leases{Log: c.Store, Logger: o.Logger}, c.backups, &observe.Dump{Dumps: c.dumps, Every: c.dumpEvery})
	c.harvests, c.followers = observe.NewHarvests(c.Registry, names, c.labels), control.NewFollowers()
	c.runs.Add(c.harvests, c.failing, &observe.RunLog{Logger: o.Logger}, c.followers, c.surveys)
	c.Scheduler = &pipeline.Scheduler{
		Runner: &pipeline.Runner{Log: c.Store, Namespace: c.Store.Namespace(), Observer: &c.runs, Logger: o.Logger, Keep: keepOf(cfg)},
		Last:   c.lastComplete,
		Logger: o.Logger,
	}
	c.share(c.Scheduler)
	c.Scheduler.Assign(c.jobs())
	if c.control, err = control.Listen(cfg.Data, c.commands()); err != nil {
		return nil, err
	}
	c.parts.push("the control socket", c.control.Stop)
	return c, nil
}

// watchRules has what new rules do counted.
func (c *Core) watchRules() {
	for _, src := range c.sources {
		if src.rules.Observer == nil {
			src.rules.Observer = c.mapping.Of(src.Name)
		}
	}
}

// backupEvery is the time between scheduled backups; zero if there are none.
func (l *lasting) backupEvery() time.Duration {
	if b := &l.now.Load().Config.Backup; b.Kept() {
		return b.Every
	}
	return 0
}

// dumpEvery is the time between dumps; zero if there are none.
func (l *lasting) dumpEvery() time.Duration { return l.now.Load().Config.Dump.Every }

// commands is what is needed to answer commands.
func (c *Core) commands() *control.Gateway {
	g := &control.Gateway{
		Version: c.version, URL: c.baseURL, Config: c.Config, Logger: c.logger, Log: c.Store, Audit: AuditLog(c.Config), Source: c.Source, Scheduler: c.Scheduler,
		Followers: c.followers, Remaps: &c.remaps, Surveys: c.surveys, Rules: c.rulesAnew, Remapped: c.harvests.Remapped,
		Harvesters: c.harvesters.Sessions, BackedUp: c.backups.Done, Kept: c.kept, Removed: c.removals.tell,
		Events: func() *control.EventsInfo { return c.published.Load().info() },
		Refresh: func(ctx context.Context, e *pipeline.Event, asked time.Time) error {
			return c.published.Load().refresh(ctx, e, asked)
		},
		Certificates: func() string { return told(c.certificateTrouble()) },
		Reload:       c.reload, Webhooks: func(ctx context.Context) (*webhook.Hooks, error) { return c.hooks.get(ctx, c) },
		Stopped: func(source string, s pipeline.Stop) { c.published.Load().stopped(source, s) },
	}
	if c.reloads != nil {
		g.Refusal = c.reloads.Refusal
	}
	return g
}

// rulesAnew reads the rules of a source, from the files as they are now. What is done for the log (apply) is
// counted.
func (c *Core) rulesAnew(src *pipeline.Source, apply bool, draft []byte) (control.Rules, error) {
	started, err := c.source(src.Name)
	if err != nil {
		return nil, err
	}
	own, err := draftRules(c.Config, src.Name, draft)
	if err != nil {
		return nil, err
	}
	own.Formats, own.GatewayNumber = started.rules.Formats, started.rules.GatewayNumber
	if apply {
		own.Observer = c.mapping.Of(src.Name)
	}
	return own, nil
}

// meet notes the sources that are new, and says what metrics show of each.
func (c *Core) meet(ctx context.Context) (map[string]observe.ConfiguredSource, error) {
	added, err := observe.Added(ctx, slices.Collect(maps.Keys(c.Config.Sources)), c.Store)
	sources := map[string]observe.ConfiguredSource{}
	for name, s := range c.Config.Sources {
		sources[name] = observe.ConfiguredSource{Every: s.Every, Added: added[name]}
	}
	return sources, err
}

// ofAll shows what is of the log as a whole, and the same at each gateway that has it open: one of them says it.
func (c *Core) ofAll(shown ...prometheus.Collector) prometheus.Collector {
	return &observe.OfAll{Leads: c.Store.Leads, Shown: shown}
}

// introduce tells the log which configured sets are silent ([rules.SilentSets]), and how records name this gateway.
func (c *Core) introduce(ctx context.Context) error {
	if err := c.Store.Silence(ctx, rules.SilentSets(c.Config)); err != nil {
		return err
	}
	for _, src := range c.sources {
		if src.rules.GatewayNumber != 0 { // it was there before
			continue
		}
		n, err := c.Store.Gateway(ctx, src.rules.Gateway)
		if err != nil {
			return err
		}
		src.rules.GatewayNumber = n
	}
	return nil
}

// live is how many live records the log has.
func (c *Core) live(ctx context.Context) (n int64, err error) {
	all, err := c.Store.Status(ctx)
	for i := range all {
		n += all[i].Live
	}
	return n, err
}

// Close stops everything that was started. It may be called twice.
func (c *Core) Close() error { return c.parts.stop() }

// Source finds a source by its name.
func (c *Core) Source(name string) (*pipeline.Source, error) {
	src, err := c.source(name)
	return src.Source, err
}

func (c *Core) source(name string) (source, error) {
	i := slices.IndexFunc(c.sources, func(s source) bool { return s.Name == name })
	if i < 0 {
		return source{}, fmt.Errorf("there is no source %q in the configuration that the gateway goes by; if it was added since, sheaf reload (systemctl reload sheaf, SIGHUP to the process) makes the gateway read that again; sheaf sources lists those that it knows", name)
	}
	return c.sources[i], nil
}

// surveyed are the sources whose quality is kept measured.
func (c *Core) surveyed() (out []survey.Source) {
	for _, src := range c.sources {
		out = append(out, survey.Source{
			Name: src.Name, Title: c.Config.Sources[src.Name].Title,
			Rules: func() string { return src.Rules().Version() },
			Busy:  func() bool { return c.remaps.Busy(src.Name) },
		})
	}
	return out
}
