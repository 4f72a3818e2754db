package harvest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// What is parked is taken once, at its own place, and is let go of once: when another takes its place, or when its run ends.
func TestParking(t *testing.T) {
	var mu sync.Mutex
	gone := map[string]int{}
	p := harvest.Parking[string]{LetGo: func(w string) {
		mu.Lock()
		defer mu.Unlock()
		gone[w]++
	}}
	ends := func(w string) int {
		mu.Lock()
		defer mu.Unlock()
		return gone[w]
	}
	run, end := context.WithCancel(t.Context())
	defer end()
	p.Leave(run, "a", "1")
	if w, ok := p.Take("2"); ok {
		t.Errorf("%q waits elsewhere", w)
	}
	if w, ok := p.Take("1"); !ok || w != "a" {
		t.Errorf("%q, %v", w, ok)
	}
	if w, ok := p.Take("1"); ok {
		t.Errorf("%q was taken twice", w)
	}
	p.Leave(run, "b", "1")
	p.Leave(run, "c", "2")
	if ends("b") != 1 {
		t.Errorf("b was let go of %d times", ends("b"))
	}
	end()
	for deadline := time.Now().Add(time.Minute); ends("c") == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if w, ok := p.Take("2"); ok || ends("c") != 1 || ends("a") != 0 || ends("b") != 1 {
		t.Errorf("%q, %v: %v", w, ok, gone)
	}
}
