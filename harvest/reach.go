package harvest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Reach says where requests may go. Every public address is within reach. An address of this machine, of a private
// network or of the network's own machinery is within reach only if a person has named it here. Otherwise a server
// could redirect to such an address, or make its name mean one, and what lies behind the gateway's firewall would
// become a public record. The zero value allows only public addresses.
type Reach struct {
	// From has the URLs that a person wrote. Their hosts are within reach at a private address if they can't have
	// any other: if a host is written as an address, or is a name that no stranger can own (localhost, a name without
	// a dot, a name below local, internal, home.arpa or test). A name that somebody owns may mean another address
	// tomorrow. At a private address it is within reach only if Networks has that address.
	From []string
	// Networks has the private networks that are within reach, whatever name leads there.
	Networks []netip.Prefix
	// Resolver finds the addresses of names; default net.DefaultResolver.
	Resolver *net.Resolver
}

// A guard dials what is within a Reach. It looks at the address after the name was resolved, just before connecting.
// So it makes no difference how a request came to that address.
type guard struct {
	dialer   net.Dialer
	resolver *net.Resolver
	own      map[string]bool // hosts that a person wrote
	networks []netip.Prefix
	proxies  sync.Map // HOST:PORT of the proxies of the environment, which the operator has named
}

func newGuard(r Reach, connect time.Duration) *guard {
	g := &guard{own: map[string]bool{}, networks: r.Networks, resolver: r.Resolver}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	g.dialer = net.Dialer{Timeout: connect, KeepAlive: 45 * time.Second, Resolver: g.resolver}
	for _, from := range r.From {
		if u, err := url.Parse(from); err == nil {
			g.own[hostName(u.Hostname())] = true
		}
	}
	return g
}

// dial is for [http.Transport].
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := g.dialer
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if _, is := g.proxies.Load(address); !is {
		dialer.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(resolved)
			if err != nil {
				return err
			}
			return g.check(host, to.Addr())
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// proxy is for [http.Transport]. A proxy connects in our place, so the address is looked at here, before the proxy is
// asked. If this machine can't resolve the name, it is up to the proxy what it reaches.
func (g *guard) proxy(req *http.Request) (*url.URL, error) {
	p, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, err
	}
	if p != nil {
		g.proxies.Store(dialed(p), true)
	} else if _, is := g.proxies.Load(dialed(req.URL)); !is {
		return nil, nil // dial looks at it
	}
	return p, g.resolve(req.Context(), req.URL.Hostname())
}

// resolveTime bounds how long resolving a name may take before a proxy is asked. On many machines behind a proxy
// nobody answers such questions.
const resolveTime = 3 * time.Second

func (g *guard) resolve(ctx context.Context, host string) error {
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	addresses, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	for _, a := range addresses {
		if err := g.check(host, a); err != nil {
			return err
		}
	}
	return nil
}

// check refuses an address of the host if it is not within reach.
func (g *guard) check(host string, address netip.Addr) error {
	address = address.Unmap().WithZone("")
	if !inside(address) || within(g.networks, address) {
		return nil
	}
	if host = hostName(host); g.own[host] {
		if _, err := netip.ParseAddr(host); err == nil || nobodys(host) && within(ordinary, address) && !within(metadata, address) {
			return nil
		}
	}
	return &Error{Kind: NotPublic, Detail: fmt.Sprintf("%s means %s, which is not a public address", oneWord(host), address)}
}

// dialed returns the HOST:PORT that a transport dials for a URL.
func dialed(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// hostName returns a host in the form in which hosts are compared.
func hostName(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// nobodys reports whether no stranger can own the name (RFC 6761, RFC 8375, and ICANN's internal).
func nobodys(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	for _, below := range []string{".localhost", ".local", ".internal", ".home.arpa", ".test"} {
		if strings.HasSuffix(host, below) {
			return true
		}
	}
	return false
}

// oneWord makes a remote's host name fit for a message.
func oneWord(host string) string {
	if len(host) > 253 {
		host = host[:253] + "…"
	}
	return host
}
