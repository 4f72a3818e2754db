package limit

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds how much of X-Forwarded-For is read.
const maxHops = 32

// Client returns the address that a request comes from. That is the address of the connection, unless the connection is
// a trusted proxy's: then it is the last address in X-Forwarded-For that is not a trusted proxy's. Whatever stands
// before it was written by the client, who may write anything. The zero address stands for one that can't be read.
func (l *Limiter) Client(r *http.Request) netip.Addr {
	address := parseHop(r.RemoteAddr)
	if len(l.o().Trusted) == 0 || !within(l.o().Trusted, address) {
		return address
	}
	headers := r.Header.Values("X-Forwarded-For")
	hops := 0
	for i := len(headers) - 1; i >= 0; i-- {
		for rest, more := headers[i], true; more; {
			var hop string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, hop = rest[:comma], rest[comma+1:]
			} else {
				hop, more = rest, false
			}
			next := parseHop(strings.TrimSpace(hop))
			if hops++; !next.IsValid() || hops > maxHops {
				return address // the last one that a proxy vouches for
			}
			if address = next; !within(l.o().Trusted, address) {
				return address
			}
		}
	}
	return address
}

// parseHop reads an address, with or without a port.
func parseHop(s string) netip.Addr {
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func within(networks []netip.Prefix, address netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(address) {
			return true
		}
	}
	return false
}

// budgetOf returns the address whose budget a client uses.
func budgetOf(address netip.Addr) netip.Addr {
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return address
}
