package harvest

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// HostLimits say what one host is asked to bear from all its sources together.
type HostLimits struct {
	Concurrency int           // requests at once; default 1
	Delay       time.Duration // pause from the end of a request to the start of the next; default none
	Rate        float64       // requests a second; default 5, and no limit for this machine itself; negative means no limit
}

// Hosts keeps the budgets of the hosts that are asked.
type Hosts struct {
	def HostLimits

	mu    sync.Mutex
	own   map[string]HostLimits
	asked map[string]time.Duration // the rest that hosts themselves ask for
	hosts map[string]*host
	told  func(ctx context.Context, host string, until time.Time)
}

type host struct {
	slots chan struct{}
	rate  *rate.Limiter

	mu        sync.Mutex
	delay     time.Duration
	notBefore time.Time
}

// NewHosts makes a Hosts. def holds for hosts that have no limits of their own.
func NewHosts(def HostLimits) *Hosts {
	return &Hosts{def: def, own: map[string]HostLimits{}, asked: map[string]time.Duration{}, hosts: map[string]*host{}}
}

// Limit sets the limits of one host ("example.org", or "example.org:8080"), from its next request on.
func (h *Hosts) Limit(name string, limits HostLimits) {
	h.mu.Lock()
	defer h.mu.Unlock()
	name = strings.ToLower(name)
	h.own[name] = limits
	delete(h.hosts, name)
}

// Rest makes the pause between two requests to a host at least as long as the host itself asks for, such as by the
// Crawl-delay of its robots.txt. A longer pause that was set with Limit stays.
func (h *Hosts) Rest(name string, pause time.Duration) {
	made := h.host(name)
	h.mu.Lock()
	h.asked[strings.ToLower(name)] = pause
	h.mu.Unlock()
	made.mu.Lock()
	defer made.mu.Unlock()
	made.delay = max(made.delay, pause)
}

// Tell has f hear, before anybody else asks the host, until when a host has asked to be left alone (Retry-After). It must be called
// before the first request.
func (h *Hosts) Tell(f func(ctx context.Context, host string, until time.Time)) { h.told = f }

// leave leaves a host alone for as long as it asks for, but not longer than most.
func (h *Hosts) leave(ctx context.Context, name string, now time.Time, wait, most time.Duration) {
	if h.told != nil {
		h.told(ctx, strings.ToLower(name), now.Add(wait))
	}
	h.hold(name, now.Add(min(wait, most)))
}

// Follow is called when another process may have asked the host until now: the host has its pause first, and is not asked before
// until.
func (h *Hosts) Follow(name string, now, until time.Time) {
	host := h.host(name)
	host.rest(now)
	host.hold(until)
}

// NotBefore is when the host may be asked next; in the past if it may be asked now.
func (h *Hosts) NotBefore(name string) time.Time {
	host := h.host(name)
	host.mu.Lock()
	defer host.mu.Unlock()
	return host.notBefore
}

func (h *Hosts) host(name string) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	name = strings.ToLower(name)
	if known, ok := h.hosts[name]; ok {
		return known
	}
	limits, ok := h.own[name]
	if !ok {
		limits = h.def
	}
	made := &host{slots: make(chan struct{}, max(limits.Concurrency, 1)), delay: max(limits.Delay, h.asked[name])}
	perSecond := rate.Limit(limits.Rate)
	if limits.Rate == 0 {
		perSecond = 5
		if loopback(name) {
			perSecond = rate.Inf
		}
	}
	if perSecond < 0 {
		perSecond = rate.Inf
	}
	made.rate = rate.NewLimiter(perSecond, 1)
	h.hosts[name] = made
	return made
}

func loopback(name string) bool {
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// acquire waits for a turn to ask the host. release gives the turn back.
func (h *Hosts) acquire(ctx context.Context, target *url.URL, clock Clock) (release func(), err error) {
	host := h.host(target.Host)
	if err := host.turn(ctx, target.Host); err != nil {
		return nil, err
	}
	now := clock.Now()
	host.mu.Lock()
	wait := max(host.notBefore.Sub(now), host.rate.ReserveN(now, 1).DelayFrom(now))
	host.mu.Unlock()
	if wait > 0 {
		waits(ctx, Wait{ForPause, target.Host, now.Add(wait)})
		if err := clock.Sleep(ctx, wait); err != nil {
			<-host.slots
			return nil, err
		}
	}
	return func() {
		host.rest(clock.Now())
		<-host.slots
	}, nil
}

// turn takes a slot of the host.
func (h *host) turn(ctx context.Context, name string) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	waits(ctx, Wait{For: ForTurn, Host: name})
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hold keeps everybody from asking the host before until.
func (h *Hosts) hold(name string, until time.Time) { h.host(name).hold(until) }

// rest gives the host its pause after a request that ended now.
func (h *host) rest(now time.Time) {
	h.mu.Lock()
	pause := h.delay
	h.mu.Unlock()
	h.hold(now.Add(pause))
}

func (h *host) hold(until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until.After(h.notBefore) {
		h.notBefore = until
	}
}
