package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/observe"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/web/ops"
	"github.com/sheaf-gateway/sheaf/internal/web/site"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// openSearch opens the search index; nil if there is none. A gateway serves without it, too: what is wrong with the index
// is told, and nothing that matters is in it alone.
func openSearch(c *Core) search.Engine {
	if c.Config.Search.Kind == "none" {
		return nil
	}
	x, err := search.Open(search.Options{File: filepath.Join(c.Config.Data, "search.db"), Log: c.Store, Kind: site.Kind, Logger: c.logger})
	if err != nil {
		c.logger.Error("there is no search", "err", err)
		return nil
	}
	c.parts.push("the search index", func(context.Context) error { return x.Close() })
	c.Registry.MustRegister(&observe.Search{Index: x})
	c.removals.add(func(_ context.Context, s *pipeline.Suppression) error { return x.Remove(s.Identifier) })
	return x
}

// searchChecks are what readiness says of the search. A gateway without it, or whose index is still reading, serves all the
// same.
func searchChecks(c *Core, engine search.Engine) []ops.Check {
	if c.Config.Search.Kind == "none" {
		return nil
	}
	return []ops.Check{{Name: "search", Note: true, Trouble: func(context.Context) error {
		if engine == nil {
			return errors.New("its index could not be opened when the gateway started: the log says why")
		}
		if n := engine.Behind(); n > 0 {
			return fmt.Errorf("its index has up to %d changes yet to read", n)
		}
		return nil
	}}}
}

// minted are the names of renamed sources in their identifiers, by their present names.
func minted(sources map[string]*config.Source) map[string]string {
	out := map[string]string{}
	for name, source := range sources {
		if m := source.Minted(name); m != name {
			out[name] = m
		}
	}
	return out
}
