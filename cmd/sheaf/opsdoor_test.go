package main

import "testing"

// What operators see is shown beyond this machine only if somebody says so: by a flag or a key, to serve and to config check.
func TestOpsBeyondLoopbackIsRefused(t *testing.T) {
	folder(t, map[string]string{"open.yaml": "listen: {ops: \":0\"}\n", "said.yaml": "listen: {ops: \":0\", ops_open: true}\n"})
	for _, args := range [][]string{
		{"serve", "--listen", "127.0.0.1:0", "--ops-listen", "0.0.0.0:0", "--nats-listen", "127.0.0.1:0"},
		{"serve", "--config", "open.yaml", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0"},
		{"config", "check", "open.yaml"},
	} {
		holds(t, args[0], want(t, exitUsage, args...).stderr, "beyond loopback", "ops_token_file", "ops_open")
	}
	want(t, exitDone, "config", "check", "said.yaml")
	p := begin(t, "serve", "--config", "said.yaml", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	holds(t, "health", page(t, p.line(t, "ops")+"healthz"), "ok")
	if code := p.stop(t); code != exitDone {
		t.Errorf("exit status %d: %s", code, p.stderr.String())
	}
}
