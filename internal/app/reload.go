package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// An effect is what a change of a key does to what is under way.
type effect string

const (
	byAnother effect = "the gateway begins again: requests come to their end, harvests to a page, readers of events and followers connect again"
	forOne    effect = "harvests of the sources that it concerns stop after their page and go on by the new rules at once; a new source begins, a removed one ends after its page"
	forTimes  effect = "when sources are due; harvests under way go on"
	forDoors  effect = "what is answered from then on"
	forLimits effect = "the budgets of clients; what they have used so far counts"
	forHooks  effect = "webhooks stop after the requests under way, and go on where they were"
	forLoop   effect = "one that is being made is begun again"
	forLog    effect = "what is logged from then on"
	forNobody effect = "nothing by itself"
)

// effects say what a change of the configuration does, by keys; of several that begin a key the longest counts, and * is any
// name. What is not under way goes by the new configuration in any case.
var effects = []struct {
	key  string
	what effect
}{
	{"gateway", byAnother},
	{"gateway.contact", forOne}, // sources are told of it
	{"gateway.zone", forTimes},
	{"data", byAnother}, // which is refused
	{"listen", byAnother},
	{"listen.ops_token_file", forDoors},
	{"listen.ops_users_file", forDoors},
	{"listen.ops_roles", forDoors},
	{"listen.ops_oidc", forDoors},
	{"listen.ops_allow", forDoors},
	{"listen.ops_hosts", forDoors},
	{"listen.trusted_proxies", forLimits},
	{"store", byAnother},
	{"events", byAnother},
	{"webhooks", forHooks},
	{"oai", forDoors},
	{"oai.rights", forOne},
	{"oai.self_probe", byAnother},
	{"dump", forLoop},
	{"backup", forLoop},
	{"search", byAnother},
	{"look", forDoors},
	{"limits", forLimits},
	{"log", forLog},
	{"keep", byAnother},
	{"tracing", byAnother},
	{"defaults", forNobody}, // it is the sources that change
	{"groups", forNobody},
	{"sources", forOne},
	{"sources.*.every", forTimes},
	{"sources.*.at", forTimes},
	{"sources.*.window", forTimes},
	{"sources.*.title", forDoors},
	{"sources.*.description", forDoors},
	{"sources.*.group", forNobody},
	{"sources.*.events", forDoors},
	{"sources.*.was", byAnother}, // the records get another name
	{"sets", forOne},
	{"include", forNobody},
}

// effectOf is what a change of a key does; empty if nothing is known of it.
func effectOf(key string) (what effect) {
	longest := 0
	words := strings.Split(key, ".")
	for i := range effects {
		begin := strings.Split(effects[i].key, ".")
		fits := len(begin) <= len(words)
		for at := 0; fits && at < len(begin); at++ {
			fits = begin[at] == words[at] || begin[at] == "*"
		}
		if fits && len(begin) > longest {
			longest, what = len(begin), effects[i].what
		}
	}
	return what
}

// isBelow says whether one of the keys is this one, or below it.
func isBelow(key string, keys []string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return k == key || strings.HasPrefix(k, key+".") })
}

// A NeedsAnother says that a configuration takes another gateway in place of the one that runs, because of the keys that have
// changed.
type NeedsAnother struct{ Keys []string }

// Error implements error.
func (e *NeedsAnother) Error() string {
	return fmt.Sprintf("the gateway begins again, because of %s", strings.Join(e.Keys, ", "))
}

// Reload puts another configuration in force while everything goes on that it does not concern, and says what it has done, a
// sentence each. An error that is a [NeedsAnother] says that this can't be done; any other one that the configuration is no
// good. Then nothing has changed. Only one Reload may be under way.
func (g *Gateway) Reload(ctx context.Context, cfg *config.Config) ([]string, error) {
	select {
	case <-g.begun:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	before := g.now.Load()
	changed := config.Changed(before.Config, cfg)
	another := &NeedsAnother{}
	for _, key := range changed {
		if effectOf(key) == byAnother {
			another.Keys = append(another.Keys, key)
		}
	}
	if another.Keys = append(another.Keys, renames(before.Config, cfg)...); len(another.Keys) > 0 {
		return nil, another
	}
	c := &Core{lasting: before.lasting, Config: cfg}
	if err := c.prepare(ctx, before, changed); err != nil {
		return nil, err
	}
	doors, err := g.openDoors(ctx, c, g.opened, changed)
	if err != nil {
		return nil, err
	}
	pushing, err := c.pushing()
	if err != nil {
		return nil, err
	}
	if err := c.introduce(ctx); err != nil {
		return nil, err
	}
	if err := g.surveys.Assign(ctx, c.surveyed()); err != nil {
		return nil, err
	}
	c.take(before)
	g.opened = doors
	g.lead()
	g.limits.Adjust(budgets(cfg, nil))
	g.pushes.Assign(pushing)
	return c.told(before, changed), g.replace(ctx, c, changed)
}

// renames are keys of sources that have a name of before, which the log must be told of first.
func renames(before, cfg *config.Config) (keys []string) {
	for _, name := range cfg.Names() {
		if before.Sources[name] == nil && len(cfg.Sources[name].Was) > 0 {
			keys = append(keys, "sources."+name+".was")
		}
	}
	return keys
}

// prepare makes a Core by its configuration, in place of the one before. It touches nothing that is under way.
func (c *Core) prepare(ctx context.Context, before *Core, changed []string) (err error) {
	if c.look, err = readLook(c.Config); err != nil {
		return err
	}
	if c.sources, err = c.sourcing.build(c.Config, before); err != nil {
		return err
	}
	if _, err := subscriptions(c.Config); err != nil {
		return err
	}
	if c.kept = before.kept; isBelow("backup", changed) {
		if c.kept, err = c.keepBackups(); err != nil {
			return err
		}
	}
	if err := renameSources(ctx, c.Store, c.Config); err != nil { // which only checks that nothing must be renamed
		return err
	}
	c.met, err = c.meet(ctx)
	return err
}

// take puts a Core in the place of the one before.
func (c *Core) take(before *Core) {
	names := c.Config.Names()
	for _, gone := range c.labels.Know(names) {
		c.harvests.Forget(gone)
		c.mapping.Forget(gone)
		c.sourcing.upstream.Forget(gone)
	}
	c.harvests.Know(names)
	c.failing.Know(names)
	c.watchRules()
	c.sourcing.pause(before.Config, c.Config)
	c.now.Store(c)
	c.control.Answer(c.commands())
	c.Scheduler.Assign(c.jobs())
}

// replace begins those loops again whose keys have changed.
func (g *Gateway) replace(ctx context.Context, c *Core, changed []string) error {
	if isBelow("dump", changed) {
		g.rooms.dumps.empty()
		g.makeDumps()
	}
	if isBelow("backup", changed) {
		g.rooms.backups.empty()
		g.makeBackups()
	}
	if !isBelow("webhooks", changed) {
		return nil
	}
	g.rooms.webhooks.empty()
	err := g.hooks.close(g.Registry)
	if err == nil {
		_, err = g.hooks.open(ctx, c, g.baseURL)
	}
	if err != nil {
		err = fmt.Errorf("open the webhooks again: %w", err)
		g.parts.fail("the webhooks", err)
		return err
	}
	g.sendWebhooks()
	return nil
}

// told says in sentences what has become other than it was before.
func (c *Core) told(before *Core, changed []string) (out []string) {
	of := map[string][]string{} // keys by source
	var added, removed, anew, eased, others []string
	for _, key := range changed {
		below, ofSource := strings.CutPrefix(key, "sources.")
		name, part, _ := strings.Cut(below, ".")
		switch {
		case !ofSource:
			others = append(others, key)
		case before.Config.Sources[name] == nil:
			added = append(added, name)
		case c.Config.Sources[name] == nil:
			removed = append(removed, name)
		default:
			of[name] = append(of[name], part)
		}
	}
	for _, src := range c.sources {
		was, err := before.source(src.Name)
		if err != nil {
			continue
		}
		keys := of[src.Name]
		if was.rules.Version() != src.rules.Version() {
			keys = append(keys, "its rules: sheaf remap "+src.Name+" counts what they would change of the records that are there")
		}
		switch said := fmt.Sprintf("%s (%s)", src.Name, strings.Join(keys, ", ")); {
		case len(keys) == 0: // what all sources are told of is among the others
		case was.Source != src.Source:
			anew = append(anew, said)
		default:
			eased = append(eased, said)
		}
	}
	for _, group := range []struct {
		what  string
		names []string
	}{
		{"new sources: ", added},
		{"removed sources, whose harvests end after the page that is under way and whose records stay: ", removed},
		{"changed sources, whose harvests end after the page that is under way and go on: ", anew},
		{"changed sources, whose harvests go on as they are: ", eased},
		{"changed: ", others},
	} {
		if len(group.names) > 0 {
			out = append(out, group.what+listed(group.names))
		}
	}
	if len(out) == 0 {
		return []string{"nothing has changed"}
	}
	return append(out, "the rest goes on")
}

// listed are names for people, the first of many.
func listed(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
