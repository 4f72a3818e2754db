package observe

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

const (
	sessionsEvery = 3 * time.Second // how often they are written down
	maxAgent      = 200             // bytes of User-Agent and From that are kept
)

// SessionBounds say how many sessions are kept, and for how long after the harvester was last heard of: addresses are
// personal data in places.
type SessionBounds struct {
	Count int
	Age   time.Duration
}

// A SessionStore keeps sessions over restarts.
type SessionStore interface {
	// Sessions gives the sessions that are kept, the one heard of last first.
	Sessions(context.Context) ([]store.Session, error)
	// KeepSessions writes sessions down. It forgets those that were not heard of since the given time, and all
	// except the most recent ones.
	KeepSessions(ctx context.Context, changed []store.Session, since time.Time, most int) error
}

// Harvesters watches the walks of those who harvest us. Requests only change what is in memory;
// [Harvesters.Run] writes it down.
type Harvesters struct {
	store  SessionStore
	bounds SessionBounds
	logger *slog.Logger
	now    func() time.Time

	mu      sync.Mutex
	all     map[int64]*store.Session
	latest  map[walk]*store.Session
	changed map[int64]bool
	last    int64 // the last id given
}

// A walk is what the requests of one session have in common.
type walk struct {
	address, agent, contact, verb, prefix, set string
	from, until                                int64
	nothing                                    bool
}

// walkOf gives what tells a session from others. A harvester that asks for news again and again, and is told that
// there are none, has one session whatever the dates.
func walkOf(s *store.Session) walk {
	w := walk{s.Address, s.Agent, s.Contact, s.Verb, s.Prefix, s.Set, s.From.Unix(), s.Until.Unix(), s.Records == 0}
	if w.nothing {
		w.from, w.until = 0, 0
	}
	return w
}

// NewHarvesters goes on with the sessions that are kept.
func NewHarvesters(ctx context.Context, st SessionStore, b SessionBounds, logger *slog.Logger) (*Harvesters, error) {
	h := &Harvesters{store: st, bounds: b, logger: logger, now: time.Now, all: map[int64]*store.Session{}, latest: map[walk]*store.Session{}, changed: map[int64]bool{}}
	kept, err := st.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	for i := range min(len(kept), b.Count) {
		s := &kept[i]
		h.all[s.ID] = s
		h.last = max(h.last, s.ID)
		if h.latest[walkOf(s)] == nil { // the others are older
			h.latest[walkOf(s)] = s
		}
	}
	return h, nil
}

// Observe takes a request into account if it gave a program a page of records or headers, or the answer that
// there are none.
func (h *Harvesters) Observe(address netip.Addr, r *http.Request, o *oaipmh.Observation) {
	if o.People || !o.Listing || o.Status != http.StatusOK || r.Method == http.MethodHead ||
		o.Verb != "ListRecords" && o.Verb != "ListIdentifiers" {
		return
	}
	now := h.now().UTC()
	this := store.Session{
		Address: address.String(), Agent: clipped(r.UserAgent()), Contact: clipped(r.Header.Get("From")),
		Verb: o.Verb, Prefix: o.Prefix, Set: o.Set, From: o.From, Until: o.Until, Began: now.Add(-o.Duration),
		Records: o.Cursor + int64(o.Records), // so that the key tells a list without any record from the others
	}
	key := walkOf(&this)
	this.Records = 0
	position := o.Cursor + int64(o.Records)
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.latest[key]
	// The first page begins a new walk, unless it is asked for again because the answer got lost, or holds nothing.
	switch {
	case s == nil && o.Records == 0 && o.Cursor > 0:
		return // this is the end of a walk that was forgotten meanwhile
	case s == nil, !key.nothing && o.Cursor == 0 && (s.Finished || s.Position > position):
		h.last++
		this.ID = h.last
		s = &this
		h.all[s.ID], h.latest[key] = s, s
		h.forget()
	}
	s.Last, s.Position, s.Size, s.Finished = now, position, o.Size, o.Last
	s.From, s.Until = o.From, o.Until
	s.Requests++
	s.Records += int64(o.Records)
	s.Bytes += o.Bytes
	h.changed[s.ID] = true
}

// forget drops the session that was not heard of for the longest time, if there are too many.
func (h *Harvesters) forget() {
	if len(h.all) <= h.bounds.Count {
		return
	}
	var oldest *store.Session
	for _, s := range h.all {
		if s.ID != h.last && (oldest == nil || s.Last.Before(oldest.Last)) {
			oldest = s
		}
	}
	h.drop(oldest)
}

func (h *Harvesters) drop(s *store.Session) {
	delete(h.all, s.ID)
	delete(h.changed, s.ID)
	if key := walkOf(s); h.latest[key] == s {
		delete(h.latest, key)
	}
}

// clipped gives a header's value within bounds: a copy, because a part of the value would keep all of it in
// memory.
func clipped(s string) string {
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxAgent)], ""))
}

// Run writes sessions down every few seconds until ctx ends, and then what is left.
func (h *Harvesters) Run(ctx context.Context) error {
	tick := time.NewTicker(sessionsEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-tick.C:
			err := h.keep(ctx)
			if err != nil && ctx.Err() == nil && !failing {
				h.logger.Warn("who harvests us is not written down; trying again", "err", err)
			}
			failing = err != nil
		case <-ctx.Done():
			return h.keep(context.WithoutCancel(ctx))
		}
	}
}

// keep forgets what is too old, and writes down what has changed.
func (h *Harvesters) keep(ctx context.Context) error {
	since := h.now().Add(-h.bounds.Age)
	expired := false
	h.mu.Lock()
	for _, s := range h.all {
		if s.Last.Before(since) {
			h.drop(s)
			expired = true
		}
	}
	changed := make([]store.Session, 0, len(h.changed))
	for id := range h.changed {
		changed = append(changed, *h.all[id])
	}
	clear(h.changed)
	h.mu.Unlock()
	if len(changed) == 0 && !expired {
		return nil
	}
	err := h.store.KeepSessions(ctx, changed, since, h.bounds.Count)
	if err != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		for i := range changed {
			if id := changed[i].ID; h.all[id] != nil {
				h.changed[id] = true
			}
		}
	}
	return err
}

// Sessions gives the sessions, the one heard of last first.
func (h *Harvesters) Sessions() []store.Session {
	h.mu.Lock()
	out := make([]store.Session, 0, len(h.all))
	for _, s := range h.all {
		out = append(out, *s)
	}
	h.mu.Unlock()
	slices.SortFunc(out, func(a, b store.Session) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(b.ID, a.ID)) })
	return out
}
