package oaipmh

import (
	"errors"
	"strings"
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

// ParseDatestamp reads a date in one of the protocol's two forms (section 3.3), YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.
// Everything else is an error: fractions of a second, offsets, the year 0, leap seconds.
//
// Repositories send other forms all the same: with fractions, with an offset, without a zone (which is taken as
// UTC), with a space for the T. For these ParseDatestamp returns the moment beside the error. The moment is zero if
// the text can't be read at all.
func ParseDatestamp(s string) (time.Time, Granularity, error) {
	layout, g := secondLayout, Second
	if len(s) == len(dayLayout) {
		layout, g = dayLayout, Day
	}
	// The length check refuses what time.Parse is lenient about: fractions of a second.
	if t, err := time.Parse(layout, s); err == nil && len(s) == len(layout) && t.Year() != 0 {
		return t, g, nil
	}
	return parseLoose(s), g, errDate
}

// AppendDatestamp appends t as YYYY-MM-DDThh:mm:ssZ.
func AppendDatestamp(dst []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Second).AppendFormat(dst, time.RFC3339)
}

// looseLayouts are the forms in which repositories really send dates.
var looseLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700", time.DateOnly,
}

// parseLoose returns the moment that a text means, in UTC; zero if it can't be read.
func parseLoose(s string) time.Time {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, layout := range looseLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// moment is [ParseDatestamp] for callers that take every form that can be read.
func moment(s string) time.Time {
	t, _, _ := ParseDatestamp(s)
	return t
}
