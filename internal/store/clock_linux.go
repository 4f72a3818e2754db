package store

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// SystemClock is the machine's clock. Elapsed goes on while the machine sleeps, so waking up is not
// taken for a clock that was set.
type SystemClock struct{}

// Wall is the time as the system has it.
func (SystemClock) Wall() time.Time { return time.Now() }

// Elapsed is the time since a moment at which the machine was up.
func (SystemClock) Elapsed() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("store: CLOCK_BOOTTIME: " + err.Error())
	}
	return time.Duration(ts.Nano())
}

// Synchronized asks the kernel, whom NTP daemons tell. The kernel takes its word back when the clock is set
// by hand.
func (SystemClock) Synchronized() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}

// Boot is the kernel's name for this run of the machine.
func (SystemClock) Boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
