package freeport_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// A port is given once, and none that the system gives to others, or where somebody listens.
func TestPort(t *testing.T) {
	given := map[int]bool{}
	for range 100 {
		port := freeport.Port(t)
		if given[port] || port < 20_000 || port >= 32_768 {
			t.Errorf("%d was given, after %v", port, given)
		}
		given[port] = true
		next := port + 1 // which would be given next
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", next))
		if err != nil {
			continue // it is somebody else's
		}
		if again := freeport.Port(t); again == next {
			t.Errorf("%d is given, where somebody listens", next)
		}
		l.Close()
	}
}
