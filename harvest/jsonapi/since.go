package jsonapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sinceValue is what the parameter says that asks for what has changed, for a pass that asks from a time.
func (s *Source) sinceValue(since string) string {
	at, err := time.Parse(time.RFC3339, since)
	if err != nil {
		at = time.Time{} // it is written here alone; from the beginning nothing is missed
	}
	at = at.Add(-s.config.Since.Overlap).UTC()
	var text string
	switch s.config.Since.Format {
	case "date":
		text = at.Format(time.DateOnly)
	case "epoch":
		text = strconv.FormatInt(max(at.Unix(), 0), 10)
	default:
		text = at.Format(time.RFC3339)
	}
	if s.config.Since.Value == "" {
		return text
	}
	return strings.Replace(s.config.Since.Value, sinceMark, text, 1)
}

// began is when a pass has begun, by the clock of the server. Our own clock bounds it, so that no time of the future is
// taken for true. It is empty if the server does not say the time.
func (s *Source) began(a *answer) string {
	at, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return ""
	}
	if now := s.config.Now(); now.Before(at) {
		at = now
	}
	return at.UTC().Format(time.RFC3339)
}

// nextSince is what the next pass asks from: the greatest datestamp that was seen, and never later than when this pass
// began, because changes during the pass may have been missed. Without either the next pass is a full one.
func (s *Source) nextSince(c *cursor) string {
	if s.config.Since.Param == "" {
		return ""
	}
	newest := later(c.Newest, c.Since)
	switch {
	case newest == "" || c.Began != "" && c.Began < newest:
		return c.Began
	case c.Began == "": // datestamps alone may be of the future
		return min(newest, s.config.Now().UTC().Format(time.RFC3339))
	}
	return newest
}

// later is the later of two times, as RFC 3339 in UTC; either may be empty.
func later(a, b string) string { return max(a, b) }

// changed is when an item was changed; empty if that can't be read.
func (s *Source) changed(item []byte) string {
	text, ok := scalar(s.stamp(item))
	if !ok {
		return ""
	}
	at, ok := readTime(text)
	if y := at.Year(); !ok || y < 1 || y > 9999 {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

var timeForms = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04", "2006-01-02 15:04:05 MST", time.RFC1123, time.RFC1123Z, time.DateOnly,
}

// readTime reads a time as services write them. One without a zone counts as UTC; the overlap makes up for it.
func readTime(text string) (time.Time, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		const milliseconds = 100_000_000_000 // seconds since 1970 are fewer until the year 5138
		switch {
		case n < 0:
			return time.Time{}, false
		case n >= milliseconds:
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	for _, form := range timeForms {
		if at, err := time.Parse(form, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
