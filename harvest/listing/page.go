package listing

import (
	"fmt"
	"net/url"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// Reasons of rejections.
const (
	reasonCount     = "count_mismatch" // a page that has another number of rows than it says
	reasonTooLarge  = "too_large"      // a page beyond the limits
	reasonEmpty     = "empty_page"     // a page that has no rows, and does not say that it has none
	reasonMalformed = "malformed"      // a row that is not UTF-8, or a page that can't be parsed
	reasonNoTitle   = "no_title"       // a row without a title
	reasonDuplicate = "duplicate_key"  // rows that can't be told apart but differ
)

// A content is what was found on a page.
type content struct {
	rows   []row
	counts []Count // the different counts that the page states
	// selector is the selector of the rows; empty on a text page.
	selector string
	// end says that End of the configuration's [Select] matched.
	end bool
	// from is what the links of an HTML page are relative to; nil if nobody knows.
	from *url.URL
	// wall says why the page does not belong to the listing at all; empty if it may.
	wall string
}

// A row is one record of a page, as written there.
type row struct {
	date, title, summary, link, id, kind string
	raw                                  string
	// href is the link as it is written.
	href string
	// path is the part of link that a key is made of. It does not depend on the site's host.
	path string
	bad  *harvest.Rejection
}

// count returns the page's count; false if the page states none. Call verify first.
func (c *content) count() (Count, bool) {
	if len(c.counts) == 0 {
		return Count{}, false
	}
	return c.counts[0], true
}

// verify compares the rows with the page's own count, and says what is wrong.
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
