package limit

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// Listener accepts the connections of inner, as long as there are not too many of one address or of all. If there are,
// the connection on which nobody has asked for the longest time is closed to make room: a connection that says nothing,
// or not all of its request, costs its client nothing and would keep others out. A connection whose request is being
// answered is never closed. If all are busy, the new one is closed. Trusted proxies and allowed clients count only
// among all.
//
// The server that uses it needs [Limiter.ConnContext].
func (l *Limiter) Listener(inner net.Listener) net.Listener {
	return &listener{Listener: inner, limits: l, each: make(map[netip.Addr]*crowd)}
}

type listener struct {
	net.Listener
	limits *Limiter

	mu   sync.Mutex
	all  crowd
	each map[netip.Addr]*crowd
}

// A crowd is a number of connections.
type crowd struct {
	open int
	idle list.List // of *conn, those that wait for a whole request; the one that waits longest is in front
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: inner, in: l, address: parseHop(inner.RemoteAddr().String())}
		old, ok := l.open(c)
		if old != nil {
			l.limits.metrics.closed.Inc()
			_ = old.Conn.Close() // the server notices that, and closes its side
		}
		if ok {
			return c, nil
		}
		l.limits.metrics.refused.Inc()
		_ = inner.Close()
	}
}

// open counts a connection, if there is room or another one can make room. That one is old, which must be closed then.
func (l *listener) open(c *conn) (old *conn, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.limits.o()
	key := budgetOf(c.address)
	each := l.each[key]
	if each == nil {
		each = new(crowd)
	}
	c.each = each
	free := within(o.Allow, c.address) || within(o.Trusted, c.address)
	full := (*crowd)(nil)
	switch {
	case !free && each.open >= o.ConnectionsEach:
		full = each
	case l.all.open >= o.Connections:
		full = &l.all
	}
	if full != nil {
		front := full.idle.Front()
		if front == nil {
			return nil, false
		}
		old = front.Value.(*conn)
		l.remove(old)
	}
	l.each[key] = each
	l.all.open++
	each.open++
	l.wait(c)
	return old, true
}

// wait puts a connection among those that are idle. The caller holds the lock.
func (l *listener) wait(c *conn) {
	c.inAll, c.inEach = l.all.idle.PushBack(c), c.each.idle.PushBack(c)
}

// unwait removes a connection from those that are idle. The caller holds the lock.
func (l *listener) unwait(c *conn) {
	if c.inAll != nil {
		l.all.idle.Remove(c.inAll)
		c.each.idle.Remove(c.inEach)
		c.inAll, c.inEach = nil, nil
	}
}

// remove ends the count of a connection, once.
func (l *listener) remove(c *conn) {
	if c.gone {
		return
	}
	c.gone = true
	l.unwait(c)
	l.all.open--
	c.each.open--
	if c.each.open == 0 {
		delete(l.each, budgetOf(c.address))
	}
}

// A conn is counted until it is closed, by either side.
type conn struct {
	net.Conn
	in      *listener
	address netip.Addr

	each          *crowd // the connections of its address
	inAll, inEach *list.Element
	gone          bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.in.mu.Lock()
	c.in.remove(c)
	c.in.mu.Unlock()
	return c.Conn.Close()
}

// busy says whether a request of the connection is being answered.
func (c *conn) busy(is bool) {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	switch {
	case c.gone:
	case is:
		c.in.unwait(c)
	case c.inAll == nil:
		c.in.wait(c)
	}
}

type connKey struct{}

// ConnContext is for the field of that name of [http.Server]. Through it [Limiter.Handler] finds the connection of a
// request.
func (l *Limiter) ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// busyConn marks the connection of a request as busy, or as idle again.
func busyConn(r *http.Request, is bool) {
	if c, ok := r.Context().Value(connKey{}).(*conn); ok {
		c.busy(is)
	}
}
