package app

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// memoryLimit is what the process keeps itself below by collecting garbage more often, in bytes. With what is not Go's, the
// pages of the program and the caches of SQLite, it comes to 200 MB.
const memoryLimit = 128 << 20

// LimitMemory has the process keep itself below memoryLimit, unless GOMEMLIMIT says otherwise. It matters while many sources
// are harvested at once; else there is less. What is in use may be more, such as a page of 100 MB: then the limit rises with it,
// because a process at its limit does nothing but collect garbage.
func LimitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
		limitAfterCollection()
	}
}

// limitAfterCollection sets the limit anew after each collection of garbage, from what was left by it.
func limitAfterCollection() {
	runtime.AddCleanup(new([64]byte), func(struct{}) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if limit := limitFor(int64(live[0].Value.Uint64())); limit != debug.SetMemoryLimit(-1) {
			debug.SetMemoryLimit(limit)
		}
		limitAfterCollection()
	}, struct{}{})
}

// limitFor leaves room for a third as much again as is in use, and for what is not on the heap.
func limitFor(live int64) int64 { return max(memoryLimit, live+live/3+16<<20) }
