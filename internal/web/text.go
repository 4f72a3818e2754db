package web

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// A text is something that a source wrote, ready to be shown.
type text struct {
	Text string
	Lang string // a language tag that is safe to claim; empty if unknown
}

// clean takes out what can't be seen but can do harm: control characters, which become blanks, and
// the marks that turn the direction of the text around them (a page isolates each text instead).
func clean(s string) string {
	if !strings.ContainsFunc(s, unseen) && utf8.ValidString(s) {
		return strings.TrimSpace(s)
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || unicode.IsControl(r):
			return ' '
		case unseen(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

func unseen(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r):
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}

// clip shortens s to at most n bytes, at a word if there is one near, and says whether it did. The
// rest of a long text is never looked at.
func clip(s string, n int) (string, bool) {
	if len(s) <= n {
		return clean(s), false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	s = s[:n]
	if i := strings.LastIndexAny(s, " \n\t"); i > n-n/8 {
		s = s[:i]
	}
	return strings.TrimRight(clean(s), " .,;:") + "…", true
}

func clipped(s string, n int) string {
	s, _ = clip(s, n)
	return s
}

// brief is a value's text, shortened to at most n bytes.
func brief(v *dublincore.Value, n int) text {
	return text{clipped(v.Text, n), language(v.Lang)}
}

// asWritten is a value as the source wrote it.
func asWritten(v *dublincore.Value, n int) string {
	return clipped(cmp.Or(v.Original, v.Text), n)
}

// language is a tag if it has the shape of one (BCP 47: subtags of up to eight letters and digits),
// else nothing: a wrong claim is worse for a screen reader than none.
func language(tag string) string {
	if tag == "" || len(tag) > 35 {
		return ""
	}
	for sub := range strings.SplitSeq(tag, "-") {
		if len(sub) < 1 || len(sub) > 8 || strings.ContainsFunc(sub, func(r rune) bool {
			return r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			return ""
		}
	}
	return tag
}

// maxLink bounds what becomes a link, in bytes.
const maxLink = 2048

// link is s if it is an address that may become a link: absolute, http or https, with a host and
// without a password.
func link(s string) string {
	if len(s) > maxLink || !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsFunc(s, unseen) {
		return ""
	}
	return u.String()
}

// machine is a date in the form that <time datetime> takes: a year, a month or a day; empty for any
// other.
func machine(s string) string {
	for _, form := range []string{"2006", "2006-01", "2006-01-02"} {
		if _, err := time.Parse(form, s); err == nil {
			return s
		}
	}
	return ""
}

// count writes a number with commas between the thousands.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// day, moment and stamp write a time for people, for people exactly, and for machines.
func day(t time.Time) string    { return t.UTC().Format("2 January 2006") }
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") }
func stamp(t time.Time) string  { return t.UTC().Format(time.RFC3339) }
