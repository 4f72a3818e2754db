package listing

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// remotePage asks the site for the next page.
//
// A walk has come to its proven end when the count says that the last row was given, or when End of [Select] matches. If
// the listing changes meanwhile (its total changes, or rows move from page to page), the pass is Unproven. A page that
// comes again is an error, and so is a page with neither rows nor a sign of the end.
func (s *Source) remotePage(ctx context.Context, c cursor) (*harvest.Page, error) {
	number := s.config.Pages.First + c.Page*s.config.Pages.Step
	address := pageURL(s.config.From[0], number)
	if s.gate != nil && c.Page == 0 {
		s.gate.Forget() // a pass begins, and hears of changes
	}
	res, err := s.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	found, bad := s.read(res.Body, res.Header.Get("Content-Type"), res.URL)
	if len(found.rows) == 0 {
		if e := found.noRows(found.selector != ""); e != nil {
			e.URL, e.Status = harvest.Shown(res.URL), res.Status
			return nil, e
		}
	}
	var page *harvest.Page
	if bad != nil {
		page = rejectedPage("page:"+strconv.Itoa(number), res.Body, bad)
	} else {
		page = &harvest.Page{Full: true}
		page.Items, page.Warnings = s.items(found.rows, s.follow(res.URL))
	}
	w := walk{single: !strings.Contains(s.config.From[0], pageMark), was: c, now: &found, page: page, bad: bad}
	if err := w.step(); err != nil {
		err.URL, err.Status = harvest.Shown(res.URL), res.Status
		return nil, err
	}
	if !page.Done && w.next.Page >= s.config.Pages.Max {
		page.Done, page.Short = true, shortMax
	}
	if !page.Done {
		page.Next = w.next.write()
	}
	return page, nil
}

// A walk is one step from page to page.
type walk struct {
	single bool // the listing is this one page
	was    cursor
	now    *content
	page   *harvest.Page
	bad    *harvest.Rejection // of the page

	next cursor
}

// step says whether the page is the last, and where to go on.
func (w *walk) step() *harvest.Error {
	w.next = w.was
	w.next.Page++
	w.next.Seen += len(w.now.rows)
	w.next.Last = digestRows(w.now.rows)
	if w.was.Page == 0 {
		w.next.First = w.next.Last
	}
	count, counted := w.now.count()
	switch {
	case !counted:
		return w.uncounted()
	case count.Total == 0:
		w.page.Done = true
		w.doubt(warnEmpty)
		return nil
	case !count.possible():
		return w.blind()
	case count.To == 0:
		return w.totalled(count.Total)
	}
	return w.counted(count)
}

// counted goes on by "a - b of n".
func (w *walk) counted(count Count) *harvest.Error {
	w.page.Total = count.Total
	w.totalIs(count.Total)
	if w.was.To > 0 && count.To <= w.was.To {
		return w.circle("the page says " + count.String() + ", and the one before it ended with " + strconv.Itoa(w.was.To))
	}
	if w.again() {
		return w.circle("the page has the rows of an earlier page")
	}
	switch {
	case count.From > w.was.To+1:
		w.page.Short = fmt.Sprintf("the listing has no rows between %d and %d", w.was.To, count.From)
	case count.From < w.was.To+1:
		w.doubt(warnOrder)
	}
	w.next.To = count.To
	w.page.Done = count.To == count.Total
	if !w.page.Done && w.single {
		w.page.Done = true
		w.page.Short = fmt.Sprintf("the listing says that it has %d rows, and is a single page up to row %d; from needs {page}", count.Total, count.To)
	}
	return nil
}

// totalled goes on by the total alone.
func (w *walk) totalled(total int) *harvest.Error {
	w.page.Total = total
	w.totalIs(total)
	switch {
	case len(w.now.rows) == 0, w.single && w.next.Seen != total:
		return &harvest.Error{Kind: harvest.CountMismatch,
			Detail: "the listing says " + strconv.Itoa(total) + "; it has " + strconv.Itoa(w.next.Seen)}
	case w.again():
		return w.circle("the page has the rows of an earlier page")
	case w.next.Seen > total:
		return &harvest.Error{Kind: harvest.CountMismatch,
			Detail: "the listing says " + strconv.Itoa(total) + "; it has " + strconv.Itoa(w.next.Seen) + " or more"}
	}
	w.page.Done = w.next.Seen == total
	return nil
}

// uncounted goes on without any count.
func (w *walk) uncounted() *harvest.Error {
	switch {
	case w.now.end:
		w.page.Done = true
		if w.next.Seen == 0 {
			w.doubt(warnEmpty)
		}
	case w.single:
		w.page.Done = true
		w.doubt(warnNoCount)
	case w.again():
		return w.circle("the page has the rows of an earlier page")
	}
	return nil
}

// blind goes on after a page whose count makes no sense.
func (w *walk) blind() *harvest.Error {
	if w.again() {
		return w.circle("the page has the rows of an earlier page")
	}
	w.page.Done = w.single
	return nil
}

// totalIs compares the total with that of the page before.
func (w *walk) totalIs(total int) {
	if w.was.Total != 0 && w.was.Total != total {
		w.doubt(warnTotal)
	}
	w.next.Total = total
}

// again reports whether the page has the rows of the first page or of the page before.
func (w *walk) again() bool {
	return w.was.Page > 0 && len(w.now.rows) > 0 && (w.next.Last == w.was.Last || w.next.Last == w.was.First)
}

func (w *walk) circle(detail string) *harvest.Error {
	return &harvest.Error{Kind: harvest.RepeatedToken, Detail: detail, Restart: true}
}

// doubt notes why the pass can't prove that rows are gone.
func (w *walk) doubt(why string) {
	w.page.Unproven = true
	w.page.Warnings = append(w.page.Warnings, why)
}

// pageURL returns the URL of the page with the number.
func pageURL(from string, number int) string {
	return strings.Replace(from, pageMark, strconv.Itoa(number), 1)
}

func parseURL(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}
