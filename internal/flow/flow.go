// Package flow holds the clients of a listener to budgets, so that one of them can't take what is there
// for all: requests a second, records a minute, requests at once, connections, and the time that an
// answer may take to be read. Who is over a budget is told when to come again: 503 with Retry-After in
// seconds, which every harvester understands.
//
// A client is an address, or the network of 64 bits that an IPv6 address is in, since a single
// machine has all of that. Nothing is stored; the least recently seen clients are forgotten.
package flow

import (
	"container/list"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are the budgets. Zero is no limit, except where another default is named.
type Options struct {
	Requests         float64        // a second, of a client, on average
	Burst            int            // requests that a client may make before Requests counts; ten seconds' worth if zero
	RecordsPerMinute int            // records that a client is served
	Concurrency      int            // requests of a client that are answered at once
	Total            int            // requests of all clients that are answered at once
	Connections      int            // of all clients; 8,192 if zero
	ConnectionsEach  int            // of an address; 512 if zero
	Allow            []netip.Prefix // clients without budgets; Total and Connections hold for them too
	Trusted          []netip.Prefix // proxies, whose word about a client's address is taken
	Clients          int            // that are remembered at least; 10,000 if zero

	Registerer prometheus.Registerer // nil: nothing is measured
	Now        func() time.Time      // time.Now if nil
}

// A Limiter holds clients to their budgets.
type Limiter struct {
	o       Options
	metrics *metrics

	mu       sync.Mutex
	inFlight int
	clients  map[netip.Addr]*client
	seen     *list.List // of *client, the one seen last in front
}

// A client is what is known of one.
type client struct {
	address  netip.Addr
	place    *list.Element
	inFlight int
	requests bucket
	records  bucket
}

// New makes a Limiter.
func New(o Options) *Limiter {
	if o.Burst == 0 {
		o.Burst = int(math.Ceil(10 * o.Requests))
	}
	for v, d := range map[*int]int{&o.Clients: 10_000, &o.Connections: 8192, &o.ConnectionsEach: 512} {
		if *v == 0 {
			*v = d
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Limiter{o: o, metrics: newMetrics(o.Registerer), clients: make(map[netip.Addr]*client), seen: list.New()}
}

// Handler lets those requests through to next that are within the budgets of their clients.
func (l *Limiter) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := l.Client(r)
		reason, wait := l.enter(address)
		slow := newPatient(w)
		if reason != "" {
			l.metrics.throttled.WithLabelValues(reason).Inc()
			refuse(slow, reason, wait)
			return
		}
		defer l.leave(address)
		defer slow.allow(0) // for what is still in the buffers of the server
		next.ServeHTTP(slow, r)
	})
}

// Why requests are refused: the label reason of the metric.
const (
	overRequests    = "requests"
	overRecords     = "records"
	overConcurrency = "concurrency"
	overTotal       = "server"
)

var sentences = map[string]string{
	overRequests:    "You have made more requests than this service gives to one client.",
	overRecords:     "You have been given as many records as this service gives to one client in a minute.",
	overConcurrency: "You have more requests under way than this service answers at once to one client.",
	overTotal:       "This service has more requests under way than it can answer.",
}

// maxRetryAfter bounds what a client is asked to wait: harvesters give up on more.
const maxRetryAfter = time.Hour

// refuse tells a client to come later. The seconds are whole and rounded up, so that who obeys is let in.
func refuse(w http.ResponseWriter, reason string, wait time.Duration) {
	seconds := int(math.Ceil(min(max(wait, time.Second), maxRetryAfter).Seconds()))
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Retry-After", strconv.Itoa(seconds))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintf(w, "%s Please ask again in %d s. Nothing is lost: the same request, and every resumption token, stays good.\n", sentences[reason], seconds)
}

// enter counts a request in, or says which budget it is over and how long it has to wait.
func (l *Limiter) enter(address netip.Addr) (reason string, wait time.Duration) {
	now := l.o.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.o.Total > 0 && l.inFlight >= l.o.Total {
		return overTotal, time.Second
	}
	if !within(l.o.Allow, address) {
		c := l.client(address)
		switch {
		case l.o.Concurrency > 0 && c.inFlight >= l.o.Concurrency:
			return overConcurrency, time.Second
		case l.o.RecordsPerMinute > 0 && c.records.missing(now, 1) > 0:
			return overRecords, c.records.missing(now, 1)
		case l.o.Requests > 0 && c.requests.missing(now, 1) > 0:
			return overRequests, c.requests.missing(now, 1)
		}
		c.requests.spend(now, 1)
		c.inFlight++
	}
	l.inFlight++
	return "", 0
}

// leave counts a request out.
func (l *Limiter) leave(address netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if c := l.clients[budgetOf(address)]; c != nil && c.inFlight > 0 && !within(l.o.Allow, address) {
		c.inFlight--
	}
}

// Served charges records to the client of a request. What an answer costs is known when it is made, so a
// client may come into debt by the answers that are under way; it waits until that is paid off.
func (l *Limiter) Served(r *http.Request, records int) {
	if l.o.RecordsPerMinute == 0 || records <= 0 {
		return
	}
	address := l.Client(r)
	if within(l.o.Allow, address) {
		return
	}
	now := l.o.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client(address).records.spend(now, float64(records))
}

// client finds or makes what is known of a client, and forgets others. One with requests under way is
// not forgotten, so that there are never more than Clients and those.
func (l *Limiter) client(address netip.Addr) *client {
	key := budgetOf(address)
	if c := l.clients[key]; c != nil {
		l.seen.MoveToFront(c.place)
		return c
	}
	for e := l.seen.Back(); e != nil && len(l.clients) >= l.o.Clients; {
		old := e.Value.(*client)
		e = e.Prev()
		if old.inFlight == 0 {
			delete(l.clients, old.address)
			l.seen.Remove(old.place)
		}
	}
	perMinute := float64(l.o.RecordsPerMinute)
	c := &client{address: key, requests: bucket{rate: l.o.Requests, size: float64(l.o.Burst)}, records: bucket{rate: perMinute / 60, size: perMinute}}
	c.place = l.seen.PushFront(c)
	l.clients[key] = c
	return c
}
