package config_test

import (
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

func TestBeyondLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:8081": false, "127.1.2.3:0": false, "[::1]:8081": false, "localhost:8081": false, "[::ffff:127.0.0.1]:1": false,
		":8081": true, "0.0.0.0:8081": true, "[::]:8081": true, "10.0.0.1:8081": true, "[fe80::1%eth0]:1": true, "ops.example.org:8081": true,
	} {
		if got := config.BeyondLoopback(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// The ops listener goes beyond loopback only if somebody says so.
func TestOpsBeyondLoopback(t *testing.T) {
	secret := config.Secret{File: "token"}
	for name, c := range map[string]struct {
		listen config.Listen
		good   bool
	}{
		"loopback":        {config.Listen{Ops: "127.0.0.1:8081"}, true},
		"bare":            {config.Listen{Ops: ":8081"}, false},
		"token alone":     {config.Listen{Ops: ":8081", OpsToken: secret}, false},
		"TLS alone":       {config.Listen{Ops: ":8081", OpsTLS: &config.TLS{}}, false},
		"token and TLS":   {config.Listen{Ops: ":8081", OpsToken: secret, OpsTLS: &config.TLS{}}, true},
		"users alone":     {config.Listen{Ops: ":8081", OpsUsers: secret}, false},
		"users and TLS":   {config.Listen{Ops: ":8081", OpsUsers: secret, OpsTLS: &config.TLS{}}, true},
		"said explicitly": {config.Listen{Ops: ":8081", OpsOpen: true}, true},
	} {
		if got := c.listen.OpsProblem(); (got == "") != c.good {
			t.Errorf("%s: %q", name, got)
		}
	}
}
