package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A TimeOfDay is a time on a clock, in minutes after midnight: 0 to 1439.
type TimeOfDay int

// ParseTimeOfDay reads 02:30 or 2:30, on a clock of 24 hours.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	h, m, ok := strings.Cut(s, ":")
	if !ok || len(h) < 1 || len(h) > 2 || len(m) != 2 || strings.Trim(h+m, "0123456789") != "" {
		return 0, errors.New(`is not a time of day such as "02:30"`)
	}
	t := TimeOfDay(atoi(h)*60 + atoi(m))
	if atoi(h) > 23 || atoi(m) > 59 {
		return 0, errors.New(`is not a time of day: they go from "00:00" to "23:59"`)
	}
	return t, nil
}

// atoi reads one or two digits.
func atoi(digits string) (n int) {
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

// String writes the time as 02:30.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// A Window is a part of the day, from one minute to just before another. If To is before From it goes over midnight.
type Window struct{ From, To TimeOfDay }

// ParseWindow reads 20:00-06:00.
func ParseWindow(s string) (Window, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	if !ok {
		return Window{}, errWindow
	}
	f, err1 := ParseTimeOfDay(strings.TrimSpace(from))
	t, err2 := ParseTimeOfDay(strings.TrimSpace(to))
	if err1 != nil || err2 != nil {
		return Window{}, errWindow
	}
	if f == t {
		return Window{}, errors.New("begins and ends at the same time; leave it out for the whole day")
	}
	return Window{f, t}, nil
}

var errWindow = errors.New(`is not a part of the day such as "20:00-06:00"`)

// String writes the window as 20:00-06:00.
func (w Window) String() string { return w.From.String() + "-" + w.To.String() }

// Has reports whether a time of day is in the window.
func (w Window) Has(t TimeOfDay) bool {
	if w.From < w.To {
		return w.From <= t && t < w.To
	}
	return t >= w.From || t < w.To
}

// Contains reports whether t, in its own zone, is in the window.
func (w Window) Contains(t time.Time) bool {
	return w.Has(TimeOfDay(t.Hour()*60 + t.Minute()))
}
