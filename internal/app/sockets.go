package app

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Sockets are the addresses that the gateways of a process listen on, one gateway after the other. Who connects between
// two of them waits for the next, and is not refused. The zero value is ready for use.
type Sockets struct {
	mu   sync.Mutex
	held map[string]*socket // by the address as the configuration has it
}

// A socket is an address that is bound.
type socket struct {
	*net.TCPListener
	used bool
}

// listen takes an address into use, which is bound if no gateway before had it.
func (s *Sockets) listen(address string) (net.Listener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[string]*socket{}
	}
	held := s.held[address]
	if held == nil || held.used { // an address that is given twice fails as it does elsewhere
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		held = &socket{TCPListener: l.(*net.TCPListener)}
		s.held[address] = held
	}
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
	for address, held := range s.held {
		if !held.used {
			errs = append(errs, held.Close())
			delete(s.held, address)
		}
	}
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
