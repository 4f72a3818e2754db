package jsonapi

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/wording"
)

const (
	// maxTarget bounds a link or a cursor, in bytes: two must fit into a cursor of ours, where one byte may take six.
	maxTarget = 3 << 10
	// maxEmpty bounds the pages in a row that hold nothing and still lead on.
	maxEmpty = 10
)

// more notes what came and what leads to the next page, and reports whether there is one.
func (s *Source) more(c *cursor, a *answer, items []harvest.Item) (bool, error) {
	n := len(items)
	here := c.spot
	c.Before = &here
	c.Pages++
	held := digestItems(a.items)
	if n > 0 && s.isPast(c, held) {
		c.Past += n
		return c.Past <= n, nil // once may be a slip, of a cache
	}
	if c.Past > 0 && n > 0 {
		return false, fault(a, harvest.RepeatedToken, "a page held just what the one before it held, and the next one does not")
	}
	c.Seen += n
	c.Keys.add(items)
	if n > 0 && c.Items.again(held) {
		return false, fault(a, harvest.RepeatedToken, "a page holds just what an earlier one held")
	}
	p := &s.config.Page
	switch {
	case p.Next != "" || p.Link:
		return s.follow(c, a)
	case p.Cursor != "":
		next, ok := scalar(s.cursor.find(a.whole))
		if n == 0 || !ok || next == "" {
			return false, nil
		}
		return true, c.target(a, next)
	case p.Number != "" || p.Offset != "":
		return n > 0 && !c.reached(), nil
	}
	return false, nil
}

// isPast reports whether a page lies behind the end of the list: some services give the last page again for every number
// beyond it. A second page that holds what the first held shows only that the service does not heed the number.
func (s *Source) isPast(c *cursor, held string) bool {
	p := &s.config.Page
	return (p.Number != "" || p.Offset != "") && c.Pages > 2 && c.Items.Last == held
}

// follow notes the link to the next page. A page that holds nothing is passed over if it leads on: services leave out
// what they don't show.
func (s *Source) follow(c *cursor, a *answer) (bool, error) {
	link := s.link(a)
	if link == "" {
		return false, nil
	}
	if len(a.items) > 0 {
		c.Empty = 0
	} else if c.Empty++; c.reached() {
		return false, nil
	} else if c.Empty > maxEmpty {
		return false, fault(a, harvest.EmptyPage, "%d pages in a row hold nothing, and each leads to another; if the service gives a link behind its end too, page: {number: …} or {offset: …} is better", c.Empty)
	}
	next, err := s.onHost(link, a)
	if err != nil {
		return false, err
	}
	return true, c.target(a, next)
}

// link is the link to the next page as the answer has it; empty if there is none.
func (s *Source) link(a *answer) string {
	if s.config.Page.Link {
		return nextLink(a.header)
	}
	v := s.next.find(a.whole)
	if link, ok := str(v); ok {
		return strings.TrimSpace(link)
	}
	link, _ := str(path{{"href", -1}}.find(v)) // a link may be an object (JSON:API)
	return strings.TrimSpace(link)
}

// onHost makes a whole URL of a link, and refuses one that leads to another host: credentials would go there, and whoever
// can write into an answer could choose what this machine asks. A link with http where https is asked is taken as https,
// for services behind a proxy write such links.
func (s *Source) onHost(link string, a *answer) (string, error) {
	if len(link) > maxTarget {
		return "", fault(a, harvest.TooLarge, "the link to the next page has %d bytes, more than %d", len(link), maxTarget)
	}
	base, err := url.Parse(a.url)
	if err != nil {
		return "", fault(a, harvest.Protocol, "the address of the answer can't be read")
	}
	u, err := base.Parse(link)
	if err != nil {
		return "", fault(a, harvest.Protocol, "the link to the next page is not a URL")
	}
	if u.Scheme == "http" && s.from.Scheme == "https" && u.Port() == "" && s.from.Port() == "" {
		u.Scheme = "https"
	}
	u.User, u.Fragment = nil, ""
	if !strings.EqualFold(u.Scheme, s.from.Scheme) || !strings.EqualFold(u.Host, s.from.Host) {
		return "", fault(a, harvest.Config, "the link to the next page leads from %s://%s to %s, and only the host that from: names is asked; if the service has moved there, change from:",
			s.from.Scheme, s.from.Host, wording.ClipLine(u.Scheme+"://"+u.Host, 200))
	}
	return u.String(), nil
}

// target notes the link or the cursor of the next page, unless it leads in a circle.
func (c *cursor) target(a *answer, next string) error {
	if len(next) > maxTarget {
		return fault(a, harvest.TooLarge, "the cursor of the next page has %d bytes, more than %d", len(next), maxTarget)
	}
	if next == c.Next || c.Targets.again(digest(next)) {
		return fault(a, harvest.RepeatedToken, "the way to the next page leads back to one that was there")
	}
	c.Next = next
	return nil
}

// reached reports whether there were as many items as the service says that it has.
func (c *cursor) reached() bool { return c.Said != nil && !c.Said.AtLeast && c.Seen >= c.Said.Total }

// fault is an error of the server that gave an answer.
func fault(a *answer, kind harvest.Kind, format string, args ...any) error {
	return &harvest.Error{Kind: kind, URL: harvest.Shown(a.url), Detail: fmt.Sprintf(format, args...)}
}

// window is how many items search engines give at most, and some say that they have, however many there are.
const window = 10_000

const warnWindow = "The service says that it has 10,000 items exactly, which search engines say of any greater number; it may have more. Harvest it in parts, such as a source for each year."

const warnNoTime = "Neither the server nor its items say the time, so that the next harvest asks for everything again. If items say when they were changed, datestamp: has the place."

// end says how a pass has ended, and where the next one begins.
func (s *Source) end(c *cursor, p *harvest.Page) {
	p.Done = true
	again := s.begin(s.nextSince(c))
	switch said := c.Said; {
	case said == nil || said.AtLeast && c.Seen >= said.Total:
		p.Unproven = true
	case c.Seen-c.Keys.Twice < said.Least:
		p.Short = c.short()
		again = s.begin(c.Since)
	case c.Moved:
		p.Short = "the list became shorter while its pages were read, so that some items may have been passed over"
		again = s.begin(c.Since)
	case said.Total == window:
		p.Unproven, p.Warnings = true, append(p.Warnings, warnWindow)
	}
	if s.config.Since.Param != "" && again.Since == "" && p.Short == "" {
		p.Warnings = append(p.Warnings, warnNoTime)
	}
	p.Next = again.write()
}
