package listing

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Reasons of rejections.
const (
	reasonCount     = "count_mismatch" // a page whose rows are not what it says
	reasonTooLarge  = "too_large"      // a page beyond the limits
	reasonEmpty     = "empty_page"     // a page with no row that does not say that it has none
	reasonMalformed = "malformed"      // a row that is not UTF-8, or a page that can't be parsed
	reasonNoTitle   = "no_title"       // a row without a title
	reasonDuplicate = "duplicate_key"  // rows that can't be told apart but differ
)

// A content is what was found on a page.
type content struct {
	rows   []row
	counts []Count // the different counts it states
	// selector is the selector of the rows; empty on a text page.
	selector string
	// end says that Select.End matched.
	end bool
	// wall says why the page is none of the listing's at all; empty if it may be.
	wall string
}

// A row is one record of a page, as written there.
type row struct {
	date, title, summary, link, id, kind string
	raw                                  string
	// path is what makes a key of link: it does not depend on the site's host.
	path string
	bad  *harvest.Rejection
}

// count gives the page's count; false if it states none. Call verify first.
func (c *content) count() (Count, bool) {
	if len(c.counts) == 0 {
		return Count{}, false
	}
	return c.counts[0], true
}

// verify holds the rows against the page's own count, and says what is wrong.
func (c *content) verify() *harvest.Rejection {
	if len(c.counts) == 0 {
		return nil
	}
	if len(c.counts) > 1 {
		return reject(reasonCount, "the page states more than one count: %v and %v; say in select.count which is meant",
			c.counts[0], c.counts[1])
	}
	count := c.counts[0]
	want := count.rows()
	switch {
	case !count.possible():
		return reject(reasonCount, "the page says %v, which can't be", count)
	case want >= 0 && want != len(c.rows):
		return reject(reasonCount, "the page says %v, that is %s; %s found", count, plural(want, "row"), were(len(c.rows)))
	}
	return nil
}

func reject(reason, format string, args ...any) *harvest.Rejection {
	return &harvest.Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}
