package oaipmh

import (
	"errors"
	"time"
)

// The two legal forms of a date (section 3.3), as layouts of package time.
const (
	dayLayout    = "2006-01-02"
	secondLayout = "2006-01-02T15:04:05Z"
)

// A Granularity is the precision of a date in a request or of a repository's datestamps (section 3.3).
type Granularity int

// The two granularities of the protocol.
const (
	Second Granularity = iota
	Day
)

// String is the granularity as Identify spells it.
func (g Granularity) String() string {
	if g == Day {
		return "YYYY-MM-DD"
	}
	return "YYYY-MM-DDThh:mm:ssZ"
}

// Format writes t in UTC at this granularity.
func (g Granularity) Format(t time.Time) string {
	if g == Day {
		return t.UTC().Format(dayLayout)
	}
	return t.UTC().Format(secondLayout)
}

var errDate = errors.New("not a date of the form YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")

// ParseDatestamp reads a date in one of the two legal forms, and nothing else: no fractions, no
// offsets, no year 0, no leap second.
func ParseDatestamp(s string) (time.Time, Granularity, error) {
	layout, g := secondLayout, Second
	if len(s) == len(dayLayout) {
		layout, g = dayLayout, Day
	}
	t, err := time.Parse(layout, s)
	// The length check refuses what time.Parse is lenient about: fractions of a second.
	if err != nil || len(s) != len(layout) || t.Year() == 0 {
		return time.Time{}, g, errDate
	}
	return t, g, nil
}

// AppendDatestamp appends t as YYYY-MM-DDThh:mm:ssZ.
func AppendDatestamp(dst []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Second).AppendFormat(dst, time.RFC3339)
}
