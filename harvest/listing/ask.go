package listing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// reasonNoDetail is the reason of a row whose own page can't be had.
const reasonNoDetail = "unfetchable"

// A memo is what is noted of a row whose page was read: with it the page need not be sent again.
type memo struct {
	Row      string `json:"row"` // digest of the row and of the selectors
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

var _ harvest.Asker = (*Source)(nil)

// follow makes a function that marks a row's item as one whose page is to be asked for. from is the URL of the page that it stands on.
func (s *Source) follow(from string) func(*row, *harvest.Item) {
	if s.detail == nil {
		return nil
	}
	own := parseURL(from)
	return func(r *row, item *harvest.Item) {
		u := parseURL(r.link)
		switch {
		case u == nil: // the row is all that there is
		case own != nil && !s.mayAsk(u, own.Host):
			item.Rejected = reject(reasonNoDetail, "the row links to another host, %s; name it in detail.hosts if its pages may be asked for", u.Host)
		default:
			item.Listed = true
		}
	}
}

// Ask fetches the page that a row links to, and adds it to the row. A page that is not there, or is something else, rejects
// the row: without its fields it would be another record than before. An error is one of the server, which may have passed
// the next time.
func (s *Source) Ask(ctx context.Context, _ harvest.Cursor, item harvest.Item) (harvest.Item, error) {
	var row struct {
		Link string `json:"link"`
	}
	if err := json.Unmarshal(item.Original, &row); err != nil {
		return item, fmt.Errorf("read a row of the listing: %w", err)
	}
	now := memo{Row: digest(string(item.Canonical), s.detail.digest)}
	was := readMemo(item.Before)
	if was.Row != now.Row {
		was = memo{}
	}
	res, err := s.fetchDetail(ctx, row.Link, was)
	if err != nil {
		return notHad(item, err)
	}
	if res.Status == 304 {
		item.Memo = item.Before
		return item, nil
	}
	item.Listed = false
	found, why, err := s.readDetail(res, row.Link)
	switch {
	case err != nil:
		return item, err
	case why != "":
		item.Rejected = reject(reasonNoDetail, "%s: %s", harvest.Shown(row.Link), why)
		return item, nil
	}
	found.join(&item)
	now.ETag, now.Modified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	if now.ETag != "" || now.Modified != "" {
		item.Memo = now.write()
	}
	return item, nil
}

func (s *Source) fetchDetail(ctx context.Context, address string, was memo) (*harvest.Response, error) {
	if err := s.allowed(ctx, address); err != nil {
		return nil, err
	}
	return s.fetcher.Fetch(ctx, harvest.Request{
		URL: address, Accept: "text/html, application/xhtml+xml;q=0.9, */*;q=0.1", Access: s.accessTo(parseURL(address)), MaxBody: maxDetail,
		IfNoneMatch: was.ETag, IfModifiedSince: was.Modified,
	})
}

// notHad says what becomes of a row whose page was not sent: what the server says of this one page is the row's problem, and
// everything else is an error.
func notHad(item harvest.Item, err error) (harvest.Item, error) {
	switch harvest.KindOf(err) {
	case harvest.HTTP4xx, harvest.Forbidden, harvest.TooLarge, harvest.NotPublic, harvest.Protocol:
		item.Listed = false
		item.Rejected = reject(reasonNoDetail, "the page of the row can't be had: %v", err)
		return item, nil
	}
	return item, err
}

// readDetail takes the page of a record apart; or says why it is not that page.
func (s *Source) readDetail(res *harvest.Response, asked string) (found *detail, why string, err error) {
	contentType := res.Header.Get("Content-Type")
	text := decode(res.Body, contentType)
	if !isHTML(text, contentType) {
		media, _, _ := mime.ParseMediaType(contentType)
		return nil, fmt.Sprintf("it is not a web page (%s)", media), nil
	}
	if why := s.elsewhere(parseURL(asked), parseURL(res.URL)); why != "" {
		return nil, why, nil
	}
	found, wall, why := s.detail.take(text)
	if wall {
		return nil, "", &harvest.Error{Kind: harvest.Challenged, URL: harvest.Shown(asked), Status: res.Status,
			Detail: "a page that asks whether we are human, instead of the page of a record"}
	}
	return found, why, nil
}

// take takes a page apart, or says why it is not the page of a record. wall says that it is a bot wall.
func (r *detailReader) take(text string) (found *detail, wall bool, why string) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		return nil, false, "it can't be read as HTML: " + err.Error()
	}
	login := asksForLogin(doc)
	kind := wallOf(doc)
	found = r.read(doc)
	switch {
	case login || len(found.names) == 0 && kind == wallLogin:
		return nil, false, "it is a login page"
	case len(found.names) == 0 && kind == wallChallenge:
		return nil, true, ""
	case len(found.names) == 0:
		return nil, false, "none of the selectors of detail.select matches on it; the site may have changed"
	case found.size() > maxValues:
		return nil, false, "the selectors of detail.select match more than 1 MiB of text"
	}
	return found, false, ""
}

// loginTitle is how titles of login pages begin.
var loginTitle = regexp.MustCompile(`(?i)^(?:please )?(?:sign[ -]?in|log[ -]?in|log[ -]?on|anmeld|einlogg|connexion|s'identifier|iniciar sesi|accedi|inloggen|logga in|logg inn|zaloguj|вход)`)

// asksForLogin reports whether a page is nothing but a login, also if a selector matches on it. Many pages have a small form
// for the login beside what they are about, so the title must say so too.
func asksForLogin(doc *goquery.Document) bool {
	return doc.Find(`input[type="password"]`).Length() > 0 && loginTitle.MatchString(oneLine(doc.Find("title").First().Text()))
}

// loginPath matches a path that leads to a login.
var loginPath = regexp.MustCompile(`(?i)(?:^|[/_.-])(?:log[_-]?in|log[_-]?on|sign[_-]?in|sso|saml2?|shibboleth|cas|wayf|authenticate)(?:$|[/_.-])`)

// elsewhere says why the place that a page came from is not that of the record; empty if it may be.
func (s *Source) elsewhere(asked, from *url.URL) string {
	switch {
	case asked == nil || from == nil || asked.Path == from.Path && asked.Host == from.Host:
		return ""
	case asked.Host != from.Host && !s.mayAsk(from, asked.Host) && !strings.EqualFold(from.Host, s.host()):
		return "it leads to another host, " + from.Host + "; name it in detail.hosts if its pages may be asked for"
	case loginPath.MatchString(from.Path) && !loginPath.MatchString(asked.Path):
		return "it leads to a login page"
	case strings.Trim(from.Path, "/") == "" && strings.Trim(asked.Path, "/") != "":
		return "it leads to the front page of the site, so the page of the record is gone"
	}
	return ""
}

// host is that of the listing.
func (s *Source) host() string {
	if u := parseURL(pageURL(s.config.From[0], 0)); u != nil {
		return u.Host
	}
	return ""
}

func readMemo(text string) (m memo) {
	if json.Unmarshal([]byte(text), &m) != nil {
		return memo{}
	}
	return m
}

func (m memo) write() string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(m); err != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}
