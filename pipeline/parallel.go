package pipeline

import (
	"runtime"
	"sync"
)

// worthAWorker is how many items make it worth to start another goroutine.
const worthAWorker = 16

// onAllCores calls do for each of n items, on all cores, and returns when all are done.
func onAllCores(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/worthAWorker+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}
