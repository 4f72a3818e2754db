package sqlite

import (
	"time"

	"golang.org/x/sys/unix"
)

// systemClock is the machine's clock. Elapsed goes on while the machine sleeps, so waking up is not
// taken for a clock that was set.
type systemClock struct{}

func (systemClock) Wall() time.Time { return time.Now() }

func (systemClock) Elapsed() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("store: CLOCK_BOOTTIME: " + err.Error())
	}
	return time.Duration(ts.Nano())
}
