// Package freeport finds a port for tests of programs that must be told where to listen before they start, or that must
// listen where they did before.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
)

// The ports are below those that a system gives to whoever doesn't ask for one (on Linux from 32768 on). Between the test's
// look and the program's start, one of those would now and then be taken: by a listener of another package's tests, or by
// nothing but a connection.
const first, count = 20_000, 12_000

// Each process counts through the ports from a place of its own, so that none is given twice.
var (
	begin = rand.Int64N(count)
	tried atomic.Int64
)

// Port is a port of this machine that nobody listens on. No other test of the process is given it.
func Port(t testing.TB) int {
	t.Helper()
	for range count {
		port := first + int((begin+tried.Add(1))%count)
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port)) // at every address
		if err == nil {
			err = l.Close()
		}
		if err == nil {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// Address is such a port with the address that only this machine reaches.
func Address(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", Port(t))
}
