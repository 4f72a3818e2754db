package observe

import (
	"runtime"
	"strings"
	"testing"
)

// TestClippedLetsGoOfTheRest: a thousand sessions are kept, and a header may be a megabyte long.
func TestClippedLetsGoOfTheRest(t *testing.T) {
	const headers, length = 50, 1 << 20
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	kept := make([]string, headers)
	for i := range kept {
		kept[i] = clipped(strings.Repeat("a", length))
		if len(kept[i]) != maxAgent {
			t.Fatalf("%d bytes", len(kept[i]))
		}
	}
	if grown := heap() - before; grown > headers*length/2 {
		t.Errorf("%d headers take %d bytes", headers, grown)
	}
	runtime.KeepAlive(kept)
}
