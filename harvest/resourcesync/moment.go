package resourcesync

import (
	"strings"
	"time"
)

// A moment is what a date of a list can mean: from its earliest to its latest time. "2026-05-01" is a whole day.
type moment struct{ from, to time.Time }

// forms are the ways in which lists write dates, with how long each of them can mean (W3CDTF). Those without a zone break
// the rules, and are taken for UTC.
var forms = []struct {
	layout string
	to     func(time.Time) time.Time
}{
	{"2006-01-02T15:04:05Z07:00", exact}, // with a fraction of a second too
	{"2006-01-02T15:04:05", exact},
	{"2006-01-02T15:04Z07:00", func(t time.Time) time.Time { return t.Add(time.Minute - 1) }},
	{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1).Add(-1) }},
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0).Add(-1) }},
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0).Add(-1) }},
}

func exact(t time.Time) time.Time { return t }

// parseMoment reads a date. It is false for what is not a date.
func parseMoment(text string) (moment, bool) {
	text = strings.TrimSpace(text)
	for _, f := range forms {
		if t, err := time.Parse(f.layout, text); err == nil {
			return moment{t.UTC(), f.to(t).UTC()}, true
		}
	}
	return moment{}, false
}

// earliest is the earliest time that a date can mean; zero for what is not a date.
func earliest(text string) time.Time {
	m, _ := parseMoment(text)
	return m.from
}
