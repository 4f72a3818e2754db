package site

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web"
)

// A text is something that a source wrote, ready to be shown.
type text struct {
	Text string
	Lang string // a language tag that is safe to claim; empty if unknown
}

// brief returns a value's text, shortened to at most n bytes.
func brief(v *dublincore.Value, n int) text {
	return text{web.Clipped(v.Text, n), language(v.Lang)}
}

// asWritten returns a value as the source wrote it, shortened to at most n bytes.
func asWritten(v *dublincore.Value, n int) string {
	return web.Clipped(cmp.Or(v.Original, v.Text), n)
}

// coded is a date of MARC's field 008 (positions 06–14): the kind of date, and one or two dates. With a single one, c and p are
// what cataloguers write of the year of a copyright: c1957.
var coded = regexp.MustCompile(`^([abd-oq-z|][0-9u]{4}[|# ]*|[a-z|][0-9u|# ]{8})$`)

// dateWritten returns a date as the source wrote it or, where the source has a code that is for programs, as it was
// understood.
func dateWritten(v *dublincore.Value) string {
	if coded.MatchString(v.Original) {
		return web.Clipped(strings.ReplaceAll(v.Text, "/", " – "), listDate)
	}
	return asWritten(v, listDate)
}

// language returns the tag if it has the shape of a language tag (BCP 47: subtags of up to eight letters and digits), and
// nothing otherwise, because a screen reader copes better with no language than with a wrong one.
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

// link returns s if it may become a link, because it is an absolute http or https URL with a host and without a password.
// Otherwise it returns nothing.
func link(s string) string {
	if len(s) > maxLink || !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsFunc(s, web.Unseen) {
		return ""
	}
	return u.String()
}

// machine returns a date in a form that <time datetime> takes: a year, a month or a day. It is empty for other dates.
func machine(s string) string {
	for _, form := range []string{"2006", "2006-01", "2006-01-02"} {
		if _, err := time.Parse(form, s); err == nil {
			return s
		}
	}
	return ""
}
