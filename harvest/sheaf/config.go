package sheaf

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// A Config says which gateway is harvested, and what is taken of it.
type Config struct {
	// From is the gateway's public root, http or https, such as https://gateway.example.org.
	From string
	// Source and Set, if not empty, leave only the records of one of the gateway's sources, or of one of its sets. At most
	// one of them is given.
	Source, Set string
	// Originals takes what the gateway's sources have sent, to be mapped here. Without it, its Dublin Core is taken as it is.
	Originals bool
	// Access is what the gateway wants before it lets us in.
	Access harvest.Access
}

// A Fetcher asks the web. *harvest.Fetcher is one.
type Fetcher interface {
	Fetch(ctx context.Context, r harvest.Request) (*harvest.Response, error)
}

var sourceName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// Check says what keeps a configuration from working, as "KEY: what".
func (c *Config) Check() error {
	u, err := url.Parse(c.From)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("from: give the address of the gateway's first page, such as https://gateway.example.org")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("from: give the address of the gateway's first page, without a query")
	case c.Source != "" && !sourceName.MatchString(c.Source):
		return errors.New("only_source: the name of a source has letters a–z, digits and hyphens")
	case c.Set != "" && !oaipmh.ValidSetSpec(c.Set):
		return errors.New("only_set: this is no setSpec; verb=ListSets of the gateway's /oai lists those that there are")
	case c.Source != "" && c.Set != "":
		return errors.New("only_set: is there beside only_source; give one of them")
	}
	return nil
}

// root is the gateway's public root without a slash at the end.
func (c *Config) root() string { return strings.TrimRight(c.From, "/") }

// BaseURL is the base URL of the gateway's OAI-PMH endpoint.
func (c *Config) BaseURL() string { return c.root() + "/oai" }
