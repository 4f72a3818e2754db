package sitemap

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

// A Config says where the sitemap is, and which of its pages are records.
type Config struct {
	// From is the URL of a sitemap, or of an index of sitemaps. The URL of a host alone stands for the sitemaps that its
	// robots.txt names, or else for its /sitemap.xml.
	From string
	// Match are patterns of the addresses that are asked for, in which * stands for anything; empty for all. Skip are
	// patterns of those that are not, whatever Match says.
	Match, Skip []string
	// Hosts are other hosts than that of From at which sitemaps and pages may be asked for.
	Hosts []string
	// Copies says that pages which name another one as the canonical one are taken as they are.
	Copies bool
	// Complete says that each pass must prove which pages are gone, so that no sitemap is left out.
	Complete bool
	// FullEvery is how long after all pages were asked for they are asked for again, whatever lastmod says; never if zero.
	FullEvery time.Duration
	// Access holds what the host of From wants before it lets us in. It is not sent to other hosts.
	Access harvest.Access
	// Now is the time; default time.Now.
	Now func() time.Time
}

// A Client asks the web, as a [*harvest.Fetcher] does.
type Client interface {
	Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error)
	Rest(host string, pause time.Duration)
}

// maxURL bounds an address, in bytes, as the protocol of sitemaps does.
const maxURL = 2048

// Check says what can't work: the name of a key, a colon, and what is wrong with it.
func (c *Config) Check() error {
	u, err := url.Parse(c.From)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("from: %q is not a whole URL, such as https://example.org/sitemap.xml", harvest.Shown(c.From))
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, "/ @") {
			return fmt.Errorf("hosts: %q is not the name of a host, such as www.example.org", h)
		}
	}
	for key, patterns := range map[string][]string{"match": c.Match, "skip": c.Skip} {
		if slices.Contains(patterns, "") {
			return fmt.Errorf("%s: a pattern is empty; * stands for anything, such as */item/*", key)
		}
	}
	return nil
}

// isSite reports whether From is a host alone.
func (c *Config) isSite() bool {
	u, _ := url.Parse(c.From) // checked
	return strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

// errOther says that something is at a host that may not be asked.
var errOther = errors.New("it is at another host, whose robots.txt does not name the sitemap; hosts: names those that may be asked too")

// parsed is the URL of an address; the error says why it can't be asked for.
func parsed(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(address) > maxURL {
		return nil, errors.New("it is not a whole http or https URL of at most 2,048 bytes")
	}
	return u, nil
}

// isOurs reports whether a host may be asked without asking it first.
func (c *Config) isOurs(host string) bool {
	from, _ := url.Parse(c.From) // checked
	return strings.EqualFold(host, from.Host) || slices.ContainsFunc(c.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// access is what a URL is asked with: secrets go to the host of From only, and not in the clear if From is not.
func (c *Config) access(u *url.URL) harvest.Access {
	from, _ := url.Parse(c.From) // checked
	if strings.EqualFold(u.Host, from.Host) && (u.Scheme == from.Scheme || u.Scheme == "https") {
		return c.Access
	}
	return harvest.Access{}
}

// wanted reports whether the patterns let an address through.
func (c *Config) wanted(address string) bool {
	has := func(pattern string) bool { return matches(pattern, address) }
	return (len(c.Match) == 0 || slices.ContainsFunc(c.Match, has)) && !slices.ContainsFunc(c.Skip, has)
}

// matches reports whether an address has a pattern, in which * stands for anything.
func matches(pattern, address string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return address == pattern
	}
	rest, ok := strings.CutPrefix(address, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		rest, ok = after, ok && found
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}
