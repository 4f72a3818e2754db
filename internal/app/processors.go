package app

import (
	"os"
	"runtime"
	"sync"
)

// SpareProcessors gives Go's scheduler two processors more than the machine has, unless GOMAXPROCS says
// how many. While all that it has are busy with goroutines that compute (a harvest maps, compresses and
// writes), it looks at the network once in 10 ms; with some to spare, the operating system wakes those who have a
// request at once and shares the real ones among all. Measured on two: half of the pages that 16
// harvesters ask for during a harvest take a third of the time, and the harvest is as fast.
var SpareProcessors = sync.OnceFunc(func() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	}
})
