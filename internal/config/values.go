package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day

	// maxDuration keeps sums of durations, and of a time and a duration, far from overflow.
	maxDuration = 100 * 366 * day
	maxSize     = 1 << 60
)

var durationUnits = []struct {
	name string
	size time.Duration
}{{"w", week}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

// ParseDuration reads a duration as people write it: 90s, 6h, 1h30m, 7d, 2w, 500ms. Whole numbers
// only; each unit at most once, the larger first. A day is 24 hours. At most a hundred years.
func ParseDuration(s string) (time.Duration, error) {
	var sum time.Duration
	units := durationUnits
	rest := s
	for first := true; first || rest != ""; first = false {
		n, unit, after, ok := cutNumber(rest)
		if !ok {
			return 0, errDuration
		}
		if unit == "" {
			return 0, fmt.Errorf("needs a unit: %ds, %dm, %dh or %dd", n, n, n, n)
		}
		i := slices.IndexFunc(units, func(u struct {
			name string
			size time.Duration
		}) bool {
			return u.name == unit
		})
		if i < 0 {
			return 0, errDuration
		}
		if n > int64(maxDuration/units[i].size) {
			return 0, errors.New("is more than a hundred years")
		}
		if sum += time.Duration(n) * units[i].size; sum > maxDuration {
			return 0, errors.New("is more than a hundred years")
		}
		units, rest = units[i+1:], after
	}
	return sum, nil
}

var errDuration = errors.New("is not a duration such as 90s, 6h or 7d")

// cutNumber cuts "12" and "ab" off "12ab34".
func cutNumber(s string) (n int64, unit, rest string, ok bool) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil {
		return 0, "", "", false
	}
	j := i
	for j < len(s) && (s[j] < '0' || s[j] > '9') {
		j++
	}
	return n, s[i:j], s[j:], true
}

// FormatDuration writes a duration of whole milliseconds in the largest unit that fits (weeks as days).
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	for _, u := range durationUnits[1:] {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return d.String()
}

// A Size is a number of bytes.
type Size int64

var sizeUnits = []struct {
	name string
	size Size
}{
	{"TiB", 1 << 40}, {"TB", 1e12}, {"GiB", 1 << 30}, {"GB", 1e9},
	{"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3}, {"B", 1},
}

// ParseSize reads a size: 200GB, 64KiB (1,024 bytes each), 500 (bytes). Whole numbers; case does not
// matter. At most 2⁶⁰ bytes.
func ParseSize(s string) (Size, error) {
	n, unit, rest, ok := cutNumber(s)
	if !ok || rest != "" {
		return 0, errSize
	}
	unit = strings.TrimSpace(unit)
	if unit == "" {
		unit = "B"
	}
	for _, u := range sizeUnits {
		if !strings.EqualFold(u.name, unit) {
			continue
		}
		if n > maxSize/int64(u.size) {
			return 0, errors.New("is larger than any disk")
		}
		return Size(n) * u.size, nil
	}
	return 0, errSize
}

var errSize = errors.New("is not a size such as 500MB, 200GB or 64KiB")

// String writes the size in the largest unit that fits without a fraction.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return "0B"
}
