package oaipmh

import (
	"container/list"
	"context"
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A part holds the elements of one page of a list, plain or deflated. Only what stands between the verb's element and
// the resumptionToken is kept, because the date before it and the token after it are new in each answer.
type part struct {
	plain    []byte
	deflated *deflated
	elements int
	next     string
	size     int64
	fresh    func(context.Context) (time.Time, bool)
}

func (p *part) bytes() int {
	if p.deflated != nil {
		return len(p.deflated.bytes)
	}
	return len(p.plain)
}

// A partKey says what a part is part of.
type partKey struct {
	verb, prefix, set, after string
	from, until              int64 // Unix seconds; those of the zero time mean no limit
	deflated                 bool
}

func keyOf(verb string, q *Query, zipped bool) partKey {
	return partKey{verb, q.Prefix, q.Set, q.After, q.From.Unix(), q.Until.Unix(), zipped}
}

// A cache keeps parts that were asked for more than once. When there is no more room it drops those that were served
// longest ago. It asks the repository each time whether a part is still what the repository would answer.
type cache struct {
	room int // bytes
	seed maphash.Seed

	mu    sync.Mutex
	used  int
	parts map[partKey]*list.Element
	order list.List // of *kept, the one that was served last in front
	// asked holds hashes of the keys that were asked for lately. A harvester that nobody follows through the list
	// leaves nothing else behind, so it doesn't push out what several harvesters share.
	asked [4096]uint64
}

type kept struct {
	key  partKey
	part *part
}

// perPart is how much memory a part takes beside its bytes, in bytes.
const perPart = 512

func newCache(room int) *cache {
	c := &cache{room: room, seed: maphash.MakeSeed(), parts: map[partKey]*list.Element{}}
	c.order.Init()
	return c
}

// get returns the part and the repository's clock; nil if the cache has no part that is still right.
func (c *cache) get(ctx context.Context, key partKey) (*part, time.Time) {
	c.mu.Lock()
	e, ok := c.parts[key]
	if !ok {
		c.mu.Unlock()
		return nil, time.Time{}
	}
	c.order.MoveToFront(e)
	p := e.Value.(*kept).part
	c.mu.Unlock()
	head, fresh := p.fresh(ctx) // without the lock: the repository may take its time
	if fresh {
		return p, head
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parts[key] == e {
		c.drop(e)
	}
	return nil, time.Time{}
}

// wants reports whether the part should be kept, because it was asked for before.
func (c *cache) wants(key partKey) bool {
	if c.room <= 0 {
		return false
	}
	hash := maphash.Comparable(c.seed, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	at := &c.asked[hash%uint64(len(c.asked))]
	had := *at == hash
	*at = hash
	return had
}

// put keeps a part, and drops those that there is no room for any more.
func (c *cache) put(key partKey, p *part) {
	size := p.bytes() + perPart
	if size > c.room/4 { // one part must not push out all others
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.parts[key]; ok {
		c.drop(e)
	}
	c.parts[key] = c.order.PushFront(&kept{key, p})
	c.used += size
	for c.used > c.room {
		c.drop(c.order.Back())
	}
}

// drop drops a part. The caller holds the lock.
func (c *cache) drop(e *list.Element) {
	k := c.order.Remove(e).(*kept)
	delete(c.parts, k.key)
	c.used -= k.part.bytes() + perPart
}

// recall returns the answer if its elements were kept and are still right; nil otherwise.
func (h *Handler) recall(r *http.Request, q *request, zipped bool, d *document) *answer {
	p, head := h.cache.get(r.Context(), keyOf(q.verb, q.query(), zipped))
	if p == nil || head.Before(q.list().seen) { // a repository that is asked for the list may wait until it is not behind any more
		return nil
	}
	d.part = p
	return &answer{head: head, elements: p.elements, resumption: h.goesOn(q, p.elements, p.next, p.size, head), cached: true}
}

// keeper returns the function that keeps the elements of an answer for the next time; nil if they can't be served
// again, or nobody has asked for them before.
func (h *Handler) keeper(q *request, a *answer, zipped bool) func(*part) {
	if len(a.errs) > 0 || a.listing == nil || a.listing.Fresh == nil {
		return nil
	}
	key := keyOf(q.verb, q.query(), zipped)
	if !h.cache.wants(key) {
		return nil
	}
	return func(p *part) {
		p.elements, p.next, p.size, p.fresh = a.elements, a.listing.Next, a.listing.Size, a.listing.Fresh
		h.cache.put(key, p)
	}
}

// cacheable reports whether the client takes an answer from a cache (RFC 9111, section 5.2.1.4).
func cacheable(h http.Header) bool { return !strings.Contains(h.Get("Cache-Control"), "no-cache") }

func isList(verb string) bool { return verb == verbListRecords || verb == verbListIdentifiers }
