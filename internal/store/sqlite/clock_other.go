//go:build !linux

package sqlite

import "time"

// systemClock is the machine's clock. Where Elapsed stands still while the machine sleeps, waking up
// after more than a minute pauses commits until a person says that the time is right.
type systemClock struct{}

var started = time.Now()

func (systemClock) Wall() time.Time        { return time.Now() }
func (systemClock) Elapsed() time.Duration { return time.Since(started) }
