package ops

import (
	"encoding/hex"
	"fmt"
	"html/template"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/internal/web"
)

// words are the functions of the templates.
var words = template.FuncMap{
	"ago":   func(t time.Time) string { return ago(t, time.Now()) },
	"rough": rough, "size": size, "clip": web.Clipped, "path": url.PathEscape, "percent": percent, "counted": counted,
	"view": viewOf,
	"title": func(title string, parts []part) any {
		return struct {
			Title string
			Parts []part
		}{title, parts}
	},
}

// ago says roughly how long ago, or how far ahead, a moment is.
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < -time.Second:
		return "in " + rough(-d)
	case d < time.Second:
		return "now"
	default:
		return rough(d) + " ago"
	}
}

// rough is a duration in the largest unit of which it has at least two.
func rough(d time.Duration) string {
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"days", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}} {
		if d >= 2*u.size {
			return fmt.Sprintf("%d %s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// size writes a number of bytes in the largest unit of which there is at least one.
func size(n int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.size), u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// percent writes a share of 0 to 1.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// counted writes a number with its noun.
func counted(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return web.Count(n) + " " + more
}

// maxShown is how many bytes of an original a page shows.
const maxShown = 64 << 10

// shownBytes are bytes as people can read them: as text, or where they are no text as in a hex dump. cut says that there
// are more.
func shownBytes(b []byte) (text string, cut bool) {
	if len(b) > maxShown {
		b, cut = b[:maxShown], true
		for range utf8.UTFMax {
			if r, n := utf8.DecodeLastRune(b); r == utf8.RuneError && n == 1 {
				b = b[:len(b)-1]
			}
		}
	}
	if utf8.Valid(b) {
		return web.Clean(string(b)), cut
	}
	return hex.Dump(b[:min(len(b), maxShown/8)]), cut || len(b) > maxShown/8
}
