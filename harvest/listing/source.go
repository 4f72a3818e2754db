package listing

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
)

// A Fetcher asks a web site for a page, and gives it the rest that it asks for, as a [*harvest.Fetcher] does.
type Fetcher interface {
	Fetch(ctx context.Context, req harvest.Request) (*harvest.Response, error)
	Rest(host string, pause time.Duration)
}

// A Source is a listing. It is safe for concurrent use.
type Source struct {
	config   Config
	sel      selectors
	detail   *detailReader // nil if the pages of records are not followed
	headings map[string]bool
	fetcher  Fetcher
	gate     *robots.Gate // nil if nobody asks what the site allows
	from     string       // tells one place from another, in cursors
}

// New makes a Source. It neither reads nor asks for anything yet. For files the fetcher may be nil.
func New(c Config, fetcher Fetcher) (*Source, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	sel, err := c.Select.compile()
	if err != nil {
		return nil, err
	}
	detail, err := c.Detail.compile()
	if err != nil {
		return nil, err
	}
	s := &Source{config: c, sel: sel, detail: detail, fetcher: fetcher, headings: set(defaultHeadings)}
	for _, word := range c.Headings {
		s.headings[strings.ToLower(oneLine(word))] = true
	}
	if s.remote() && fetcher == nil {
		return nil, errors.New("a listing on a web site needs a fetcher")
	}
	if s.remote() && !c.IgnoreRobots {
		s.gate = robots.NewGate(fetcher, s.accessTo)
	}
	s.from = digest(append([]string{strconv.Itoa(c.Pages.First), strconv.Itoa(c.Pages.Step)}, c.From...)...)
	return s, nil
}

var _ harvest.Source = (*Source)(nil)

func (s *Source) remote() bool { return isURL(s.config.From[0]) }

// Page gives a page of the listing. See [harvest.Source].
//
// Beside those of the fetcher, its errors have these kinds: config (no file matches, or a file has vanished in the middle
// of the pass), unreachable (a file can't be read), count_mismatch (no row matches though the page says that there are
// some), empty_page (the page has no row and does not say that there is none), repeated_token (a page comes again),
// challenged (a bot wall), html (a login page), and forbidden (the site's robots.txt asks programs not to fetch the page).
func (s *Source) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := s.readCursor(at)
	if s.remote() {
		return s.remotePage(ctx, c)
	}
	return s.localPage(c)
}

// read takes a page apart, whatever it is.
func (s *Source) read(body []byte, contentType, address string) (content, *harvest.Rejection) {
	text := decode(body, contentType)
	var out content
	if isHTML(text, contentType) {
		h := htmlReader{sel: s.sel, headings: s.headings, limit: s.config.MaxRows, base: parseURL(address), saved: parseURL(s.config.Base)}
		var err error
		if out, err = h.read(text); err != nil {
			return out, reject(reasonMalformed, "the page can't be read as HTML: %v", err)
		}
	} else {
		out = readText(text, s.headings, s.config.MaxRows)
	}
	if len(out.rows) > s.config.MaxRows {
		return out, reject(reasonTooLarge, "the page has more than %d rows", s.config.MaxRows)
	}
	return out, out.verify()
}

// noRows says what is wrong with a page that has no rows; nil if the page itself says that there are none.
func (c *content) noRows(selectsRows bool) *harvest.Error {
	count, counted := c.count()
	switch {
	case counted && count.Total == 0:
		return nil
	case counted && selectsRows:
		return &harvest.Error{Kind: harvest.CountMismatch,
			Detail: fmt.Sprintf("selector %s matched 0 times; the page says %d", c.selector, max(count.rows(), 1))}
	case counted:
		return &harvest.Error{Kind: harvest.CountMismatch,
			Detail: fmt.Sprintf("no line of the page is a date; the page says %v", count)}
	case c.wall == wallChallenge:
		return &harvest.Error{Kind: harvest.Challenged, Detail: "a page that asks whether we are human, instead of the listing"}
	case c.wall == wallLogin:
		return &harvest.Error{Kind: harvest.HTML, Detail: "a login page instead of the listing"}
	case c.end:
		return nil
	case selectsRows:
		return &harvest.Error{Kind: harvest.EmptyPage,
			Detail: fmt.Sprintf("selector %s matched 0 times, and neither a count nor select.end says that there is nothing", c.selector)}
	}
	return &harvest.Error{Kind: harvest.EmptyPage, Detail: "no line of the page is a date, and no count says that there is nothing"}
}

// Why a pass is short.
const (
	shortMax  = "the pass was stopped at pages.max, before the end of the listing"
	shortPage = "a page whose rows can't be believed is in quarantine"
	shortRows = "the saved pages lack rows that they announce: "
)

// Warnings of pages.
const (
	warnNoCount   = "A page does not say how many rows it has, so the pass proves nothing about what is absent."
	warnEmpty     = "The listing says that it is empty; nothing is deleted because of that."
	warnUncovered = "The saved pages do not prove that they are the whole listing, so the pass proves nothing about what is absent."
	warnFiles     = "Files came while the pass was under way; they are read in the next."
	warnTotal     = "The listing's total changed during the pass, so the pass proves nothing about what is absent."
	warnOrder     = "The rows of a page do not follow those of the page before, so the pass proves nothing about what is absent."
	warnRelative  = "Links of a saved page are relative, and nothing says to what, so that its records have no link; base: says where the page was saved from."
	warnNoDetail  = "Rows without a link have no page of their own, and are taken as they are."
	warnAlias     = "Rows with links of their own have the same title and date; an earlier record without a link can't be told apart."
)
