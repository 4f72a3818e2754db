package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

type probeCmd struct {
	PrivateNetwork []netip.Prefix `placeholder:"NETWORK" help:"A private network in which the place may be, such as 10.20.0.0/16."`
	Place          string         `arg:"" name:"url" help:"The URL of an OAI-PMH repository or of a page that lists records; or the file of a saved page."`
}

func (probeCmd) Help() string {
	return `Looks at a place and says what is there: an OAI-PMH repository, with its formats and sets, or a page that lists records. A configuration to harvest it goes to the standard output; what was found stands in it as comments.

At most a handful of requests are made, and nothing is stored.`
}

func (probeCmd) Examples() []string {
	return []string{"sheaf probe https://repository.example.edu/oai/request > sheaf.yaml", "sheaf probe saved/page-1.html"}
}

func (c *probeCmd) Run(e *env) error {
	cfg, err := e.config()
	if err != nil {
		return err
	}
	var p *proposal
	if strings.Contains(c.Place, "://") {
		p, err = c.probeURL(e.ctx, cfg)
	} else {
		p, err = probeFile(c.Place)
	}
	if err != nil {
		return err
	}
	if len(c.PrivateNetwork) > 0 {
		var networks []string
		for _, n := range c.PrivateNetwork {
			networks = append(networks, n.String())
		}
		p.keys = append(p.keys, key{"http", []key{{"private_networks", networks}}})
	}
	return p.write(e.stdout, cfg.Gateway.Namespace)
}

// Bounds of a probe. They are short, because a person is waiting.
const (
	probeAttempts = 2
	probeAnswer   = time.Minute
	probeSets     = 20 // how many sets are shown
)

func (c *probeCmd) probeURL(ctx context.Context, cfg *config.Config) (*proposal, error) {
	u, err := url.Parse(c.Place)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return nil, usagef("%s is not a whole http or https URL, such as https://example.org/oai", clip(c.Place, 200))
	case u.User != nil:
		return nil, usagef("the URL holds a user; probe without, and put user: and password_file: under http: in the configuration")
	}
	u.Fragment = ""
	f := harvest.NewFetcher(harvest.Options{
		UserAgent: "Sheaf/" + version(), Contact: cfg.Gateway.Contact,
		Attempts: probeAttempts, Answer: probeAnswer, Backoff: time.Second, MaxWait: probeAnswer / 2,
		Reach: harvest.Reach{From: []string{c.Place}, Networks: c.PrivateNetwork},
	})
	repo, base, err := probeOAI(ctx, f, *u)
	if err == nil {
		return proposeOAI(base, repo), nil
	}
	if !maybePage(err) {
		return nil, fmt.Errorf("probe %s: %w%s", clip(harvest.Shown(u.String()), 200), err, advice(err))
	}
	res, err := f.Fetch(ctx, harvest.Request{URL: u.String(), Accept: "text/html, text/plain;q=0.9, */*;q=0.1"})
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w%s", clip(harvest.Shown(u.String()), 200), err, advice(err))
	}
	look, err := listing.Probe(res.Body, res.Header.Get("Content-Type"), res.URL)
	if err != nil {
		return nil, err
	}
	if look.Rows == 0 || look.Problem != "" {
		return nil, nothing(harvest.Shown(u.String()), look)
	}
	return proposeListing(u, look), nil
}

// probeOAI asks whether there is a repository. base is the URL without the arguments of a request, because people paste
// whole requests.
func probeOAI(ctx context.Context, f *harvest.Fetcher, u url.URL) (repo *oai.Repository, base string, err error) {
	query := u.Query()
	for _, argument := range []string{"verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken"} {
		query.Del(argument)
	}
	u.RawQuery = query.Encode()
	src, err := oai.New(oai.Config{BaseURL: u.String()}, f)
	if err != nil {
		return nil, "", err
	}
	repo, err = src.Probe(ctx, probeSets)
	return repo, u.String(), err
}

// maybePage reports whether the place may be a page although it is not a repository, because it answered with something
// else.
func maybePage(err error) bool {
	switch harvest.KindOf(err) {
	case harvest.HTML, harvest.HTTP4xx, harvest.Malformed, harvest.Protocol, harvest.Truncated, harvest.EmptyPage:
		return true
	}
	return false
}

// nothing is the error for a place at which there is nothing to harvest.
func nothing(place string, look *listing.Look) error {
	return fmt.Errorf("%s is neither an OAI-PMH repository nor a page that lists records: %s The base URL of a repository often ends in /oai, /oai/request, /server/oai/request or /cgi/oai2",
		clip(place, 200), cmp.Or(look.Problem, "No rows were found on the page."))
}

// maxProbed bounds a file that is looked at, in bytes.
const maxProbed = 16 << 20

func probeFile(name string) (*proposal, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s; a URL begins with https://", clip(name, 200))
	}
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxProbed+1))
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	look, err := listing.Probe(body, "", "")
	if err != nil {
		return nil, err
	}
	if look.Rows == 0 || look.Problem != "" {
		return nil, fmt.Errorf("%s is not a page that lists records: %s", clip(name, 200), cmp.Or(look.Problem, "No rows were found on it."))
	}
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	return proposeFile(path, look), nil
}
