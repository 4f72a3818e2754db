package robots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A Client asks the web, and gives a host the rest that it asks for; [harvest.Fetcher] is one.
type Client interface {
	Fetcher
	// Rest makes the pause between two requests to a host at least this long.
	Rest(host string, pause time.Duration)
}

// A Gate lets a source ask only for what the sites allow. It fetches the robots.txt of each site once, and again after
// [Gate.Forget] or a day, as RFC 9309, 2.4, demands. Any number of goroutines may use it.
type Gate struct {
	client Client
	access func(site *url.URL) harvest.Access
	now    func() time.Time

	mu    sync.Mutex
	sites map[string]known
}

// A known is what a site was found to ask.
type known struct {
	file   *File
	policy Policy
	at     time.Time
}

// keep is how long a robots.txt counts.
const keep = 24 * time.Hour

// NewGate makes a Gate. access says what a site is asked with; a User-Agent in it is the program that the site's rules are
// looked up for, and otherwise that is Sheaf.
func NewGate(client Client, access func(site *url.URL) harvest.Access) *Gate {
	return &Gate{client: client, access: access, now: time.Now, sites: map[string]known{}}
}

// Forget makes the gate ask each site again. A source that begins a pass calls it, so that a pass keeps to what was said
// when it began, and the next one hears of changes.
func (g *Gate) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.sites)
}

// Check returns nil if the site allows to fetch the URL, an error for which [IsForbidden] is true if it does not, and
// another error if nobody knows, because its robots.txt can't be had: then nothing of the site may be fetched. A site that
// asks for a pause between two requests gets it from then on.
func (g *Gate) Check(ctx context.Context, u *url.URL) error {
	k, err := g.site(ctx, u)
	if err != nil || k.policy.Allows(u) {
		return err
	}
	return &harvest.Error{Kind: harvest.Forbidden, URL: harvest.Shown(u.String()), Detail: "the robots.txt of the site asks programs not to fetch it", Err: errForbidden}
}

// File returns the robots.txt of the site that a URL is of.
func (g *Gate) File(ctx context.Context, site *url.URL) (*File, error) {
	k, err := g.site(ctx, site)
	return k.file, err
}

// Pause returns the pause between two requests that a site asks for; 0 if it asks for none, or nobody knows.
func (g *Gate) Pause(ctx context.Context, site *url.URL) time.Duration {
	k, err := g.site(ctx, site)
	if err != nil {
		return 0
	}
	return k.policy.Delay
}

var errForbidden = errors.New("forbidden by robots.txt")

// IsForbidden reports whether an error of [Gate.Check] says that the site asks programs not to fetch this one URL.
func IsForbidden(err error) bool { return errors.Is(err, errForbidden) }

func (g *Gate) site(ctx context.Context, u *url.URL) (known, error) {
	name := strings.ToLower(u.Scheme + "://" + u.Host)
	g.mu.Lock()
	k, had := g.sites[name]
	g.mu.Unlock()
	if had && g.now().Sub(k.at) < keep {
		return k, nil
	}
	access := g.access(u)
	file, err := Ask(ctx, g.client, u, access)
	if err != nil {
		return known{}, unreadable(err)
	}
	k = known{file, file.For(cmp.Or(access.Header.Get("User-Agent"), "Sheaf")), g.now()}
	if k.policy.Delay > 0 {
		g.client.Rest(u.Host, k.policy.Delay)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sites[name] = k
	return k, nil
}

// unreadable is the error of a site whose robots.txt can't be had.
func unreadable(err error) error {
	var e *harvest.Error
	if !errors.As(err, &e) {
		return err
	}
	said := *e
	said.Err = fmt.Errorf("nothing of the site may be fetched while its robots.txt can't be had: %w", cmp.Or(e.Err, errors.New(cmp.Or(e.Detail, "no answer"))))
	said.Detail = ""
	return &said
}
