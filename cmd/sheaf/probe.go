package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/kinds"
	"github.com/sheaf-gateway/sheaf/internal/rules"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

type probeCmd struct {
	PrivateNetwork []netip.Prefix `placeholder:"NETWORK" help:"A private network in which the place may be, such as 10.20.0.0/16."`
	Mapping        string         `placeholder:"FILE" help:"Write the mapping to begin with to this file, where none is built in."`
	Place          string         `arg:"" name:"url" help:"The URL of an OAI-PMH repository, of a file, of a service that answers in JSON, or of a page that lists records; or a file or folder, or a saved page."`
}

func (probeCmd) Help() string {
	return `Looks at a place and says what is there: an OAI-PMH repository, with its formats and sets, files (MARC, tables, spreadsheets, JSON, XML), a service that answers in JSON, or a page that lists records. A configuration to harvest it goes to the standard output; what was found stands in it as comments.

JSON and tables have no fields that are the same everywhere. A mapping to begin with is drafted from the names that are there, and shown; --mapping writes it to a file.

At most a dozen requests are made, and nothing else is stored.`
}

func (probeCmd) Examples() []string {
	return []string{"sheaf probe https://repository.example.edu/oai/request > sheaf.yaml", "sheaf probe /srv/export", "sheaf probe https://api.example.org/items --mapping items.map > sheaf.yaml", "sheaf probe saved/page-1.html"}
}

func (c *probeCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	place, err := c.place(cfg)
	if err != nil {
		return err
	}
	p, err := kinds.Probe(e.ctx, place)
	if err != nil {
		return probeError(c.Place, place, err)
	}
	if len(c.PrivateNetwork) > 0 {
		var networks []string
		for _, n := range c.PrivateNetwork {
			networks = append(networks, n.String())
		}
		p.Keys = append(p.Keys, kinds.Key{Name: "http", Value: []kinds.Key{{Name: "private_networks", Value: networks}}})
	}
	if c.Mapping != "" {
		if err := writeMapping(c.Mapping, p); err != nil {
			return err
		}
	}
	return p.Write(e.stdout, cfg.Gateway.Namespace)
}

// writeMapping writes the mapping of a proposal to a file that is not there yet.
func writeMapping(path string, p *kinds.Proposal) error {
	if p.Mapping == "" {
		return usagef("--mapping: there is a built-in mapping for what is there; take --mapping off")
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return usagef("--mapping: the file %s is there already; name another", wording.ClipLine(path, 200))
	}
	if err != nil {
		return fmt.Errorf("--mapping: %w", err)
	}
	if _, err := f.WriteString(p.Mapping); err != nil {
		return errors.Join(err, f.Close())
	}
	p.WrittenTo(path)
	return f.Close()
}

// Bounds of a probe. They are short, because a person is waiting.
const (
	probeAttempts = 2
	probeAnswer   = time.Minute
)

// place is what the command names.
func (c *probeCmd) place(cfg *config.Config) (*kinds.Place, error) {
	p := &kinds.Place{HasMapping: rules.HasMapping}
	if !config.IsURL(c.Place) {
		path, err := filepath.Abs(c.Place)
		p.Path = path
		return p, err
	}
	u, err := url.Parse(c.Place)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return nil, usagef("%s is not a whole http or https URL, such as https://example.org/oai", wording.ClipLine(c.Place, 200))
	case u.User != nil:
		return nil, usagef("the URL holds a user; probe without, and put user: and password_file: under http: in the configuration")
	}
	u.Fragment = ""
	p.URL = u
	p.Fetcher = harvest.NewFetcher(harvest.Options{
		UserAgent: "Sheaf/" + version(), Contact: cfg.Gateway.Contact,
		Attempts: probeAttempts, Answer: probeAnswer, Backoff: time.Second, MaxWait: probeAnswer / 2,
		Reach: harvest.Reach{From: []string{c.Place}, Networks: c.PrivateNetwork},
	})
	return p, nil
}

// probeError says what went wrong at a place, and what to do.
func probeError(named string, p *kinds.Place, err error) error {
	var remote *harvest.Error
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file %s; a URL begins with https://", wording.ClipLine(named, 200))
	case p.URL == nil && errors.As(err, new(*os.PathError)):
		return fmt.Errorf("probe: %w", err)
	case errors.As(err, &remote):
		return fmt.Errorf("probe %s: %w%s", wording.ClipLine(p.String(), 200), err, advice(err))
	}
	return err
}
