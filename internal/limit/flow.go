// Package limit holds the clients of a listener to budgets, so that no client can take what is there for all. There are
// budgets for requests a second, records a minute, requests at once, connections, and the time that a client may take to
// read an answer. A client that is over a budget gets 503 with Retry-After in seconds, which every harvester understands.
//
// A client is an address together with what it calls itself (From and User-Agent), so that harvesters behind one address
// don't use up each other's budgets. Names cost nothing, so only a few for each address count. The address of an IPv6
// client is its network of 64 bits, because a single machine has all of that. Nothing is stored, and the clients that
// were seen longest ago are forgotten.
package limit

import (
	"container/list"
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are the budgets. Zero means no limit, unless the comment names another default.
type Options struct {
	Requests         float64        // a second, of a client, on average
	Burst            int            // requests that a client may make before Requests counts; ten seconds' worth if zero
	RecordsPerMinute int            // records that a client is served
	Concurrency      int            // requests of a client that are answered at once
	Total            int            // requests of all clients that are answered at once, or wait for their turn
	Turns            int            // requests that do what is costly at once; twice the processors if zero
	Connections      int            // of all clients; 8,192 if zero
	ConnectionsEach  int            // of an address; 512 if zero
	Allow            []netip.Prefix // clients without budgets of their own; Total and Connections count them too
	Trusted          []netip.Prefix // proxies that are believed what they say of a client's address
	Clients          int            // how many clients are remembered at least; 10,000 if zero

	Registerer prometheus.Registerer // nil: nothing is measured
	Now        func() time.Time      // time.Now if nil
}

// A Limiter holds clients to their budgets.
type Limiter struct {
	options atomic.Pointer[Options]
	metrics *metrics

	seed  maphash.Seed
	turns turns

	mu       sync.Mutex
	inFlight int
	clients  map[who]*client
	names    map[netip.Addr]int // how many clients of an address have a budget by their name
	seen     *list.List         // of *client, the one that was seen last in front
}

// maxNames is how many clients of one address have budgets of their own. All others of that address share one.
const maxNames = 4

// A who is what distinguishes clients.
type who struct {
	address netip.Addr
	name    uint64 // hash of what it calls itself; 0 for those who share
}

// A client is what is known of one client.
type client struct {
	who
	place    *list.Element
	inFlight int
	requests bucket
	records  bucket
	round    uint64 // of its last request that waited for a turn; turns.mu guards it
}

// New makes a Limiter.
func New(o Options) *Limiter {
	l := &Limiter{metrics: newMetrics(o.Registerer), seed: maphash.MakeSeed(), clients: make(map[who]*client), names: make(map[netip.Addr]int), seen: list.New()}
	l.Adjust(o)
	l.turns.free = l.o().Turns
	return l
}

// Adjust gives other budgets, except Turns and Registerer. What clients have used so far counts.
func (l *Limiter) Adjust(o Options) {
	o.complete()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.options.Store(&o)
	now := o.Now()
	for _, c := range l.clients {
		c.requests.refill(now) // at the rate of before
		c.records.refill(now)
		c.give(&o)
	}
}

// give gives a client the budgets of these options.
func (c *client) give(o *Options) {
	perMinute := float64(o.RecordsPerMinute)
	if c.requests.rate == 0 { // nobody has counted on what it has spent so far
		c.requests.spent = 0
	}
	c.requests.rate, c.requests.size = o.Requests, float64(o.Burst)
	c.records.rate, c.records.size = perMinute/60, perMinute
}

func (l *Limiter) o() *Options { return l.options.Load() }

// complete fills in what the zero value of an option means.
func (o *Options) complete() {
	if o.Burst == 0 {
		o.Burst = int(math.Ceil(10 * o.Requests))
	}
	for v, d := range map[*int]int{&o.Clients: 10_000, &o.Connections: 8192, &o.ConnectionsEach: 512} {
		if *v == 0 {
			*v = d
		}
	}
	if o.Turns == 0 {
		// A harvest may run beside the answers. With one turn for each processor it took away a third of the pages
		// that were served in a second. Four turns for each processor were no better than two.
		o.Turns = 2 * runtime.NumCPU()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Handler passes those requests on to next that are within the budgets of their clients.
func (l *Limiter) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := received(w, r); err != nil {
			refuseBody(w, err)
			return
		}
		busyConn(r, true)
		defer busyConn(r, false)
		c, reason, wait := l.enter(l.who(r))
		v := &visit{limits: l, client: c}
		slow := newPatient(w, v.end)
		if reason != "" {
			l.metrics.throttled.WithLabelValues(reason).Inc()
			refuse(slow, reason, wait)
			return
		}
		defer l.leave(c)
		defer slow.allow(0) // the buffers of the server may still hold some of the answer
		defer v.end()
		next.ServeHTTP(slow, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}

// The reasons for which requests are refused, as the label reason of the metric gives them.
const (
	overRequests    = "requests"
	overRecords     = "records"
	overConcurrency = "concurrency"
	overTotal       = "server"
	overTurns       = "turns"
)

var sentences = map[string]string{
	overRequests:    "You have made more requests than this service gives to one client.",
	overRecords:     "You have been given as many records as this service gives to one client in a minute.",
	overConcurrency: "You have more requests under way than this service answers at once to one client.",
	overTotal:       "This service has more requests under way than it can answer.",
	overTurns:       "This service is busy: others were before you for longer than a request should wait.",
}

// maxRetryAfter bounds how long a client is asked to wait, because harvesters give up if they should wait longer.
const maxRetryAfter = time.Hour

// refuse tells a client to come later. The seconds are whole and rounded up, so that a client that obeys is let in.
func refuse(w http.ResponseWriter, reason string, wait time.Duration) {
	seconds := int(math.Ceil(min(max(wait, time.Second), maxRetryAfter).Seconds()))
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Retry-After", strconv.Itoa(seconds))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintf(w, "%s Please ask again in %d s. Nothing is lost: the same request, and every resumption token, stays good.\n", sentences[reason], seconds)
}

// who says whose request it is.
func (l *Limiter) who(r *http.Request) who {
	name := maphash.String(l.seed, r.Header.Get("From")+"\x00"+r.UserAgent())
	return who{l.Client(r), max(name, 1)}
}

// enter counts a request, or says which budget it is over and how long it must wait. c is nil for a client without a
// budget.
func (l *Limiter) enter(w who) (c *client, reason string, wait time.Duration) {
	now := l.o().Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.o().Total > 0 && l.inFlight >= l.o().Total {
		return nil, overTotal, time.Second
	}
	if !within(l.o().Allow, w.address) {
		c = l.client(w)
		switch {
		case l.o().Concurrency > 0 && c.inFlight >= l.o().Concurrency:
			return nil, overConcurrency, time.Second
		case l.o().RecordsPerMinute > 0 && c.records.missing(now, 1) > 0:
			return nil, overRecords, c.records.missing(now, 1)
		case l.o().Requests > 0 && c.requests.missing(now, 1) > 0:
			return nil, overRequests, c.requests.missing(now, 1)
		}
		c.requests.spend(now, 1)
		c.inFlight++
	}
	l.inFlight++
	return c, "", 0
}

// leave ends the count of a request that was let in.
func (l *Limiter) leave(c *client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if c != nil {
		c.inFlight--
	}
}

// resume counts a request again that was let in before.
func (l *Limiter) resume(c *client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight++
	if c != nil {
		c.inFlight++
	}
}

// Served charges records to the client of a request. What an answer costs is known only when it is made, so answers that
// are under way may put a client into debt. Then it has to wait until the debt is paid off.
func (l *Limiter) Served(r *http.Request, records int) {
	if l.o().RecordsPerMinute == 0 || records <= 0 {
		return
	}
	w := l.who(r)
	if within(l.o().Allow, w.address) {
		return
	}
	now := l.o().Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client(w).records.spend(now, float64(records))
}

// client finds or makes what is known of a client, and forgets others. It never forgets a client with requests under way,
// so it keeps at most Clients and those.
func (l *Limiter) client(key who) *client {
	key.address = budgetOf(key.address)
	if l.clients[key] == nil && l.names[key.address] >= maxNames {
		key.name = 0
	}
	if c := l.clients[key]; c != nil {
		l.seen.MoveToFront(c.place)
		return c
	}
	for e := l.seen.Back(); e != nil && len(l.clients) >= l.o().Clients; {
		old := e.Value.(*client)
		e = e.Prev()
		if old.inFlight == 0 {
			l.forget(old)
		}
	}
	c := &client{who: key}
	c.give(l.o())
	c.place = l.seen.PushFront(c)
	l.clients[key] = c
	if key.name != 0 {
		l.names[key.address]++
	}
	return c
}

func (l *Limiter) forget(c *client) {
	delete(l.clients, c.who)
	l.seen.Remove(c.place)
	if c.name == 0 {
		return
	}
	if l.names[c.address]--; l.names[c.address] == 0 {
		delete(l.names, c.address)
	}
}
