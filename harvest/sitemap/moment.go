package sitemap

import (
	"strings"
	"time"
)

// forms are the ways in which sitemaps write dates (W3CDTF), with how long each of them can mean. Those without a zone break
// the rules, and may be of any.
var forms = []struct {
	layout string
	until  func(time.Time) time.Time
}{
	{"2006-01-02T15:04:05Z07:00", func(t time.Time) time.Time { return t.Add(time.Second) }}, // with a fraction of a second too
	{"2006-01-02T15:04Z07:00", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(zones) }},
	{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(zones) }},
	{"2006-01-02 15:04:05", func(t time.Time) time.Time { return t.Add(zones) }},
	{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1).Add(zones) }},
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0).Add(zones) }},
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0).Add(zones) }},
}

const (
	// zones is how much later than in UTC a day ends elsewhere.
	zones = 12 * time.Hour
	// late is how long after a change a site may still show the page as it was, because of its caches.
	late = time.Hour
)

// isSettled reports whether a page that is asked for now, or later, has all changes that this lastmod speaks of. What was
// fetched on the day of a lastmod that names only the day may have changed again on the same day, and the next lastmod
// would not tell. A text that is no date settles nothing.
func isSettled(lastmod string, now time.Time) bool {
	for _, f := range forms {
		if t, err := time.Parse(f.layout, strings.TrimSpace(lastmod)); err == nil {
			return f.until(t).Add(late).Before(now)
		}
	}
	return false
}
