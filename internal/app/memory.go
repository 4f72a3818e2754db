package app

import (
	"os"
	"runtime/debug"
)

// memoryLimit is what the process keeps itself below by collecting garbage more often, in bytes.
const memoryLimit = 320 << 20

// LimitMemory has the process keep itself below memoryLimit, unless GOMEMLIMIT says otherwise. It matters while a page or a
// file of 100 MB is read, or many sources at once; else there is less.
func LimitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
