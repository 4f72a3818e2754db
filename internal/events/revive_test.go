package events

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// smallDisk is a file system of its own.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("only root can mount a file system of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// relayOn publishes in batches, as a relay does, up to seq m, going on from the tail after whatever
// goes wrong.
func relayOn(t *testing.T, c *Client, m int64, fails func(error)) {
	t.Helper()
	wait(t, "all to be published", func() bool {
		last, err := c.Tail(t.Context())
		for err == nil && last.Seq < m {
			var next pipeline.Tail
			if next, err = c.Publish(t.Context(), last, large(last.Seq+1, min(last.Seq+100, m))); err == nil {
				last = next
			}
		}
		if err != nil {
			fails(err)
		}
		return err == nil
	})
}

// The disk is full: nothing can be published. There is room again: all goes on by itself, and nothing is
// lost or doubled.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "size=64m")
	s := embedded(t, dir, nil)
	c := connect(t, "", func(o *Options) { o.URLs, o.Server, o.MaxBytes = nil, s, 1<<30 })
	readerBefore := reader(t, s)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	c.bear(waitForBroken)
	failed := 0
	relayOn(t, c, 1000, func(err error) {
		if failed++; failed == 3 {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		}
	})
	if failed < 3 {
		t.Errorf("the disk was full and publishing failed %d times", failed)
	}
	if d := cmp.Diff(seqs(1, 1000), stored(t, s)); d != "" {
		t.Errorf("the stream (-want +got):\n%s", d)
	}
	wait(t, "a reader that was there to be back", readerBefore.IsConnected)
}

// Too many files are open.
func TestTooManyOpenFiles(t *testing.T) {
	s := embedded(t, t.TempDir(), nil)
	c := connect(t, "", func(o *Options) { o.URLs, o.Server, o.MaxBytes = nil, s, 1<<30 })
	last := publish(t, c, tail(t, c), large(1, 100))
	c.bear(waitForBroken)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	restore := func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}
	defer restore()
	none := before
	none.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil && last.Seq < 2000 { // blocks of 8 MB, a file each
		last, err = c.Publish(t.Context(), last, large(last.Seq+1, last.Seq+100))
	}
	if err == nil || errors.Is(err, pipeline.ErrForeign) {
		t.Fatalf("with no file left to open: %v", err)
	}
	restore()
	relayOn(t, c, 3000, func(error) {})
	if d := cmp.Diff(seqs(1, 3000), stored(t, s)); d != "" {
		t.Errorf("the stream (-want +got):\n%s", d)
	}
}
