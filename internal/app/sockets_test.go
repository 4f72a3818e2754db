package app

import (
	"net"
	"testing"
	"time"
)

// Addresses stay bound from one use to the next, each on its own also where several are left to the machine, and are closed
// when nobody uses them.
func TestSockets(t *testing.T) {
	var s Sockets
	var bound []string
	for use := range 2 {
		var leases []net.Listener
		for i := range 2 {
			l, err := s.listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			leases = append(leases, l)
			if use == 0 {
				bound = append(bound, l.Addr().String())
			} else if at := l.Addr().String(); at != bound[i] {
				t.Errorf("%s is %s the next time", bound[i], at)
			}
		}
		if err := s.Release(); err != nil { // nothing: they are in use
			t.Fatal(err)
		}
		for i, l := range leases {
			conn, err := net.Dial("tcp", bound[i])
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if got, err := l.Accept(); err != nil {
				t.Error(err)
			} else {
				defer got.Close()
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if _, err := l.Accept(); err != net.ErrClosed {
				t.Errorf("a lease that has ended accepts: %v", err)
			}
		}
	}
	if err := s.Release(); err != nil {
		t.Fatal(err)
	}
	for _, at := range bound {
		if conn, err := net.DialTimeout("tcp", at, time.Second); err == nil {
			conn.Close()
			t.Errorf("%s is still bound", at)
		}
	}
}
