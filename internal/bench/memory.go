package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// resident is a line of the process's status in MB: VmRSS, what is resident now, or VmHWM, the most that
// was. 0 where there is no such file: not on Linux.
func resident(field string) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, field+":"); ok {
			v, _ := strconv.ParseFloat(strings.Fields(kb)[0], 64)
			return v / 1024
		}
	}
	return 0
}

// newPeak gives back what is not in use, and lets the peak begin anew, if the system can do that.
func newPeak() bool {
	debug.FreeOSMemory()
	const peak = "5" // proc(5), clear_refs
	return os.WriteFile("/proc/self/clear_refs", []byte(peak), 0) == nil
}
