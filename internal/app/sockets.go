package app

import (
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// Sockets are the addresses that the gateways of a process listen on, one gateway after the other. Who connects between
// two of them waits for the next, and is not refused. The zero value is ready for use.
type Sockets struct {
	mu   sync.Mutex
	held []*socket
}

// A socket is an address that is bound.
type socket struct {
	*net.TCPListener
	address string // as the configuration has it: several may be 127.0.0.1:0
	used    bool
}

// listen takes an address into use, which is bound if no gateway before had it.
func (s *Sockets) listen(address string) (net.Listener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.held, func(h *socket) bool { return h.address == address && !h.used })
	if at < 0 {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		at = len(s.held)
		s.held = append(s.held, &socket{TCPListener: l.(*net.TCPListener), address: address})
	}
	held := s.held[at]
	if err := held.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	held.used = true
	return &lease{socket: held, of: s}, nil
}

// Release closes the addresses that no gateway uses.
func (s *Sockets) Release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	s.held = slices.DeleteFunc(s.held, func(h *socket) bool {
		if !h.used {
			errs = append(errs, h.Close())
		}
		return !h.used
	})
	return errors.Join(errs...)
}

// A lease is the use of an address by one gateway.
type lease struct {
	*socket
	of    *Sockets
	ended bool // with the lock of the Sockets
}

// Accept implements net.Listener.
func (l *lease) Accept() (net.Conn, error) {
	conn, err := l.socket.Accept()
	if err != nil && l.isOver() {
		err = net.ErrClosed
	}
	return conn, err
}

// Close implements net.Listener. The address stays bound.
func (l *lease) Close() error {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	if l.ended {
		return net.ErrClosed
	}
	l.ended, l.used = true, false
	return l.SetDeadline(time.Unix(1, 0)) // whoever waits in Accept goes on
}

func (l *lease) isOver() bool {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	return l.ended
}
