package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/machine"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// disk is a small disk of its own.
func disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no small disk can be mounted: %v", err)
		}
		t.Skipf("no small disk can be mounted here (root can): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// hog fills the disk as another program would.
func hog(t *testing.T, dir string) (path string) {
	t.Helper()
	path = filepath.Join(dir, "hog")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<16); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return path
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestReserve: on a disk that is really full, harvests wait, health says so, and deletions and the head's
// stamp find room in the reserve; with room again all goes on by itself.
func TestReserve(t *testing.T) {
	clock := &handClock{}
	dir := filepath.Join(disk(t, "24m"), "data")
	s, err := Open(t.Context(), dir, Options{Namespace: "a.example", Clock: clock, Reserve: 6 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := newFeed(t, s, "a")
	f.fill(s, 300, 0)
	if err := s.Health(); err != nil {
		t.Fatal(err)
	}
	filled := hog(t, filepath.Dir(dir))
	if err := f.commit(s, change("a", 1, 1)); !errors.Is(err, pipeline.ErrFull) {
		t.Fatalf("a page of a harvest says %v", err)
	}
	if _, err := s.Begin(t.Context(), "b", nil); !errors.Is(err, pipeline.ErrFull) {
		t.Fatalf("a new run says %v", err)
	}
	if err := s.Health(); !errors.Is(err, pipeline.ErrFull) {
		t.Fatalf("health says %v", err)
	}
	for i := range 300 { // one that finds no room fails, and is given the reserve
		gone := change("a", i, 7)
		gone.Deleted, gone.DC, gone.OAIDC, gone.Original = pipeline.SourceDeleted, nil, nil, nil
		if err := f.commit(s, gone); err != nil {
			if err := f.commit(s, gone); err != nil {
				t.Fatalf("deletion %d says %v", i, err)
			}
		}
		clock.at += 3 * time.Second
		if head, err := s.Head(t.Context()); err != nil || clock.Wall().Sub(head.Datestamp) > 4*time.Second {
			t.Fatalf("head at %v, %v", head.Datestamp, err)
		}
	}
	checkInvariants(t, s)
	if err := os.Remove(filled); err != nil {
		t.Fatal(err)
	}
	await(t, func() error { return s.Health() })
	f.fill(s, 300, 2)
	checkInvariants(t, s)
}

// TestReserveOfNoRoom: a small disk gets no reserve that would fill it.
func TestReserveOfNoRoom(t *testing.T) {
	dir := disk(t, "8m")
	r := newReserve(dir, 6<<20)
	if r.held || !errors.Is(r.room(), pipeline.ErrFull) {
		t.Errorf("held %v, says %v", r.held, r.room())
	}
	if free, _ := machine.FreeBytes(dir); free < 7<<20 {
		t.Error(fmt.Sprint("only ", free, " bytes are left"))
	}
}
