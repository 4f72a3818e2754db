package app

import "testing"

// TestReachable: what is told to people and to harvesters is an address that can be connected to.
func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", "[::1]:80": "[::1]:80", "[::]:8080": "localhost:8080", "0.0.0.0:8080": "localhost:8080", ":8080": "localhost:8080", "gw.example.org:8080": "gw.example.org:8080",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s is told as %s, want %s", address, got, want)
		}
	}
}

// Who reads the public pages is told of a broker only if it can be reached from there.
func TestAnnounced(t *testing.T) {
	for _, c := range []struct{ broker, root, want string }{
		{"nats://127.0.0.1:4222", "http://127.0.0.1:8080", "nats://127.0.0.1:4222"},
		{"nats://127.0.0.1:4222", "http://localhost:8080", "nats://127.0.0.1:4222"},
		{"nats://127.0.0.1:4222", "https://gateway.example.org", ""},
		{"nats://[::1]:4222", "https://gateway.example.org/sheaf", ""},
		{"tls://gateway.example.org:4222", "https://gateway.example.org", "tls://gateway.example.org:4222"},
		{"", "https://gateway.example.org", ""},
	} {
		if got := announced(c.broker, c.root); got != c.want {
			t.Errorf("%s, for readers of %s: %q, want %q", c.broker, c.root, got, c.want)
		}
	}
}
