package app

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestLimitMemory: the limit rises above what is in use, and comes down again.
func TestLimitMemory(t *testing.T) {
	was := debug.SetMemoryLimit(-1)
	t.Setenv("GOMEMLIMIT", "")
	LimitMemory()
	t.Cleanup(func() { debug.SetMemoryLimit(was) })
	wait := func(what string, ok func(limit int64) bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !ok(debug.SetMemoryLimit(-1)); runtime.GC() {
			if time.Now().After(deadline) {
				t.Fatalf("the limit is %d MB; want %s", debug.SetMemoryLimit(-1)>>20, what)
			}
		}
	}
	held := make([]byte, 2*memoryLimit)
	wait("more than what is in use", func(limit int64) bool { return limit > 2*memoryLimit+2*memoryLimit/4 })
	runtime.KeepAlive(held)
	held = nil
	wait("what it was", func(limit int64) bool { return limit == memoryLimit })
}
