package events

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/sheaf-gateway/sheaf/internal/machine"
)

// What readers may take of the gateway. All of them together can't exhaust its memory or its files,
// and one address can't shut out the others.
const (
	maxReaders    = 256            // connections of readers
	maxPerAddress = maxReaders / 2 // of one address
	// Connections in all, with those that have not said yet who they are: they have two seconds.
	maxConnections = 1024
	maxSubs        = 200 // subscriptions of one connection
	// A client that doesn't read is cut off when this much waits for it; it comes back to its place in
	// the stream.
	maxPending = 8 << 20
	// What may wait for all of them together: when it is more, those that have most waiting are cut off.
	// The broker's buffers take about three times of it.
	pendingBudget = 24 << 20
	// How often the budget is looked at: on a fast disk some 10 MB can come to it meanwhile.
	budgetEvery = 20 * time.Millisecond
	// How long the line of a client may take nothing.
	writeDeadline = 5 * time.Second
)

// bound sets the bounds that the library keeps by itself.
func bound(o *server.Options) {
	o.MaxConn = connections(machine.OpenFiles())
	o.MaxSubs, o.MaxSubTokens = maxSubs, 32
	o.MaxPending, o.WriteDeadline = maxPending, writeDeadline
	o.PingInterval, o.MaxPingsOut = 30*time.Second, 2
}

// connections returns how many connections the broker may have if the process may have this many files open. The log, the
// streams and the other listeners need files too.
func connections(files int) int {
	return max(16, min(maxConnections, files/8))
}

// seats are the connections that readers may have.
type seats struct {
	ns   *server.Server
	most int
}

func newSeats(ns *server.Server) seats {
	return seats{ns, min(maxReaders, connections(machine.OpenFiles())/2)}
}

// free reports whether a reader of this address, who is among the connections already, may stay.
func (s seats) free(a net.Addr) bool {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return false
	}
	all, same := 0, 0
	for _, c := range open(s.ns) {
		all++
		if c.IP == host {
			same++
		}
	}
	return all <= s.most && same <= min(maxPerAddress, s.most)
}

// open gives the connections that come from outside this process.
func open(ns *server.Server) []*server.ConnInfo {
	z, err := ns.Connz(&server.ConnzOptions{Limit: maxConnections, Sort: server.ByPending})
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(z.Conns, func(c *server.ConnInfo) bool { return c.IP == "" || c.IP == "pipe" })
}

// holdToBudget cuts slow readers off whenever too much waits for all of them together.
func (s *Server) holdToBudget(ctx context.Context) {
	tick := time.NewTicker(budgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.cutSlowest()
		}
	}
}

func (s *Server) cutSlowest() {
	ns := s.server()
	all := open(ns) // those with most waiting first
	waiting := 0
	for _, c := range all {
		waiting += c.Pending
	}
	for _, c := range all {
		if waiting <= pendingBudget {
			return
		}
		s.log.log.Warn("a reader of events is too slow and was cut off", "address", c.IP, "name", c.Name, "waiting_bytes", c.Pending)
		if ns.DisconnectClientByID(c.Cid) == nil {
			waiting -= c.Pending
		}
	}
}
