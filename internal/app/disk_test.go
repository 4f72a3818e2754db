package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// ownDisk makes a folder that is a disk of its own, of this size, until the test ends.
func ownDisk(t *testing.T, dir, size string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		missing(t, "only root can mount a file system of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// The broker's disk is full while harvests go on, and then has room again: readiness tells, and comes
// back by itself, and the stream has every final state once.
func TestBrokersDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	cfg := configure(t, dir, "events: {listen: '127.0.0.1:0', keep: {bytes: 1GB}}\n")
	disk := filepath.Join(cfg.Data, "nats")
	ownDisk(t, disk, "40m")
	src := newProvider(t, 100)
	g := start(t, configure(t, dir, fmt.Sprintf("events: {listen: '127.0.0.1:0', keep: {bytes: 1GB}}\nsources: {src: {kind: oai, from: '%s', overlap: 10s}}\n", src.url)), app.Options{})
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 32<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 600 { // some 15 MB of events
		src.put(i, fmt.Sprintf("%d %s", i, strings.Repeat("harbour ", 3000)))
	}
	g.harvest(t, "src", false)
	waitFor(t, "readiness to tell", func() bool {
		ok, text := g.ready(t)
		return !ok && strings.Contains(text, "events:")
	})
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	g.published(t)
	waitFor(t, "readiness to come back", func() bool { ok, _ := g.ready(t); return ok })
	info, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkStream(t, readStream(t, g.Addresses().NATS), records(t, g.Client), info.Head.Epoch)
}
