//go:build !linux

package store

import "time"

// SystemClock is the machine's clock. Where Elapsed stands still while the machine sleeps, waking up
// after more than a minute pauses commits until a person says that the time is right.
type SystemClock struct{}

var started = time.Now()

// Wall is the time as the system has it.
func (SystemClock) Wall() time.Time { return time.Now() }

// Elapsed is the time since a moment at which the machine was up.
func (SystemClock) Elapsed() time.Duration { return time.Since(started) }
