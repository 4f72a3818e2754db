package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/wording"
)

// ago says roughly how long ago t was.
func ago(t, now time.Time) string {
	switch {
	case t.IsZero():
		return "never"
	case now.Sub(t) < time.Second:
		return "now"
	}
	return rough(now.Sub(t)) + " ago"
}

// until says roughly how long it is until t.
func until(t, now time.Time) string {
	switch {
	case t.IsZero():
		return "-"
	case t.Sub(now) < time.Second:
		return "now"
	}
	return "in " + rough(t.Sub(now))
}

// rough returns a duration in the largest unit of which it has at least two.
func rough(d time.Duration) string {
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}} {
		if d >= 2*u.size {
			return fmt.Sprintf("%d %s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// cleanLines is [wording.Line] for text of several lines, cut at n characters.
func cleanLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if n <= 0 {
			return strings.Join(lines[:i], "\n") + "\n…"
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		lines[i] = strings.ReplaceAll(indent, "\t", "  ") + wording.ClipLine(line[len(indent):], n)
		n -= len(line) + 1
	}
	return strings.Join(lines, "\n")
}
