package limit

import (
	"net"
	"net/netip"
	"sync"
)

// Listener gives the connections of l that are within bounds, and closes the others at once: waiting
// with them would let whoever opens many keep everybody else out. Trusted proxies and allowed clients
// are bounded together only.
func (l *Limiter) Listener(inner net.Listener) net.Listener {
	return &listener{Listener: inner, limits: l, each: make(map[netip.Addr]int)}
}

type listener struct {
	net.Listener
	limits *Limiter

	mu   sync.Mutex
	all  int
	each map[netip.Addr]int
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := parseHop(c.RemoteAddr().String())
		if l.open(address) {
			return &conn{Conn: c, closed: sync.OnceFunc(func() { l.close(address) })}, nil
		}
		l.limits.metrics.refused.Inc()
		_ = c.Close()
	}
}

func (l *listener) open(address netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := &l.limits.o
	free := within(o.Allow, address) || within(o.Trusted, address)
	key := budgetOf(address)
	if l.all >= o.Connections || !free && l.each[key] >= o.ConnectionsEach {
		return false
	}
	l.all++
	l.each[key]++
	return true
}

func (l *listener) close(address netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := budgetOf(address)
	l.all--
	if l.each[key]--; l.each[key] == 0 {
		delete(l.each, key)
	}
}

// A conn is counted until it is closed.
type conn struct {
	net.Conn
	closed func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
