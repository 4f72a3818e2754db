package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// clean makes what a source wrote fit for one line of a terminal. White space becomes a blank. What can't be seen but can
// do harm is removed: control characters, and marks that turn the direction of the text.
func clean(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	}
	s = strings.Map(func(r rune) rune {
		if unseen(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

func unseen(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029 || r == 0xFEFF
}

// clip shortens s to at most n characters.
func clip(s string, n int) string {
	s = clean(s)
	for i := range s {
		if n--; n < 0 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// count returns "1 record" or "2 records".
func count(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + more
}

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

// cleanLines is [clean] for text of several lines, cut at n characters.
func cleanLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if n <= 0 {
			return strings.Join(lines[:i], "\n") + "\n…"
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		lines[i] = strings.ReplaceAll(indent, "\t", "  ") + clip(line[len(indent):], n)
		n -= len(line) + 1
	}
	return strings.Join(lines, "\n")
}
