package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
)

// Addresses are where the gateway answers: URLs, and the HOST:PORT that Public is bound to.
type Addresses struct{ Public, Bound, Ops, NATS string }

// listen binds an address. The error names the setting and the flag that choose another.
func listen(bound *parts, setting, flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
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
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return a.String()
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
	probe := newParts()
	if _, err := listen(probe, setting, flag, address); err != nil {
		return err
	}
	return probe.stop()
}
