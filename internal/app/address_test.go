package app

import (
	"net"
	"testing"
)

// TestReachable: what is told to people and to harvesters is an address that can be connected to.
func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", "[::1]:80": "[::1]:80", "[::]:8080": "localhost:8080", "0.0.0.0:8080": "localhost:8080",
	} {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(a); got != want {
			t.Errorf("%s is told as %s, want %s", address, got, want)
		}
	}
}
