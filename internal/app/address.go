package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Addresses are where the gateway answers: URLs, and the HOST:PORT that Public is bound to.
type Addresses struct{ Public, Bound, Ops, NATS string }

// listen takes an address into use. The error names the setting and the flag that choose another.
func listen(sockets *Sockets, bound *parts, setting, flag, address string) (net.Listener, error) {
	l, err := sockets.listen(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with %s, or %s in the configuration", address, cause(err), flag, setting)
	}
	bound.push(setting, func(context.Context) error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return l, nil
}

// cause gives the error without the address, which the message that it stands in has said already.
func cause(err error) error {
	var op *net.OpError
	var sys *os.SyscallError
	switch {
	case errors.As(err, &sys):
		return sys.Err
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

// reachable is an address that somebody can connect to: one that stands for all of a machine's is not one.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// publicRoot is where the gateway's public pages are, without a slash at the end. Without gateway.url it is the address
// that the public listener is bound to; while no gateway runs (bound is empty), the one that it would be bound to.
func publicRoot(cfg *config.Config, bound string) string {
	if cfg.Gateway.URL != "" {
		return cfg.Gateway.URL
	}
	return scheme(cfg.Listen.PublicHTTPS()) + "://" + reachable(cmp.Or(bound, cfg.Listen.Public))
}

// announced is the address of the broker that the public pages tell; empty if nobody who reads them could connect to it: the
// gateway is for the world, and its broker listens on this machine alone.
func announced(broker, baseURL string) string {
	if broker == "" || local(broker) && !local(baseURL) {
		return ""
	}
	return broker
}

// local reports whether a URL leads to the machine that asks.
func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// free finds out whether an address can be bound that the embedded broker will bind itself, later.
func free(setting, flag, address string) error {
	var probe Sockets
	bound := newParts()
	if _, err := listen(&probe, bound, setting, flag, address); err != nil {
		return err
	}
	return errors.Join(bound.stop(), probe.Release())
}
