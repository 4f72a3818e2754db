package resourcesync

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Config says where the documents are, and which of the resources are metadata.
type Config struct {
	// From is the URL of a document: a source description, a capability list, a list of resources or changes. The URL of a
	// host alone stands for its /.well-known/resourcesync.
	From string
	// Only is a pattern that the URI of a metadata record has, in which * stands for anything; empty for all.
	Only string
	// DescribedBy says that the metadata of a resource is what the link "describedby" leads to, and not the resource.
	DescribedBy bool
	// Hosts are other hosts than that of From at which documents and resources may be asked for.
	Hosts []string
	// Access holds what the host of From wants before it lets us in. It is not sent to other hosts.
	Access harvest.Access
	// MaxDump is how many bytes a package of a dump may have; default 256 MiB. It is held in memory.
	MaxDump int64
	// Now is the time; default time.Now.
	Now func() time.Time
}

const defaultMaxDump = 256 << 20

// A Fetcher asks a server, as a [*harvest.Fetcher] does.
type Fetcher interface {
	Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error)
}

// Check says what can't work: the name of a key, a colon, and what is wrong with it.
func (c *Config) Check() error {
	u, err := url.Parse(c.From)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("from: %q is not a whole URL, such as https://example.org/.well-known/resourcesync", harvest.Shown(c.From))
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, "/ @") {
			return fmt.Errorf("hosts: %q is not the name of a host, such as cdn.example.org", h)
		}
	}
	return nil
}

// start is the URL of the first document.
func (c *Config) start() string {
	if u, err := url.Parse(c.From); err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" {
		return u.Scheme + "://" + u.Host + WellKnown
	}
	return c.From
}

// WellKnown is the path at which a host has its source description.
const WellKnown = "/.well-known/resourcesync"

// errOther says that something is at a host that may not be asked.
var errOther = errors.New("it is at another host; hosts: names those that may be asked")

// allowed says why a URL may not be asked for; nil if it may.
func (c *Config) allowed(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(address) > maxURL {
		return errors.New("it is not a whole http or https URL")
	}
	from, _ := url.Parse(c.From) // checked
	if strings.EqualFold(u.Host, from.Host) {
		return nil
	}
	if slices.ContainsFunc(c.Hosts, func(h string) bool { return strings.EqualFold(h, u.Host) }) {
		return nil
	}
	return errOther
}

// access is what a URL is asked with: secrets go to the host of From only, and not in the clear if From is not.
func (c *Config) access(address string) harvest.Access {
	from, _ := url.Parse(c.From)
	if u, err := url.Parse(address); err == nil && strings.EqualFold(u.Host, from.Host) && (u.Scheme == from.Scheme || u.Scheme == "https") {
		return c.Access
	}
	return harvest.Access{}
}

// matches reports whether a URI has a pattern, in which * stands for anything.
func matches(pattern, uri string) bool {
	if pattern == "" {
		return true
	}
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return uri == pattern
	}
	rest, ok := strings.CutPrefix(uri, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		rest, ok = after, ok && found
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}
