package sitemap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/webpage"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/robots"
)

const (
	// maxPage bounds a page of the site, in bytes.
	maxPage = 8 << 20
	// maxRefused is how many pages in a row may be refused before the site is taken to refuse all.
	maxRefused = 5
)

// Why pages are left out. They are stable sentences.
const (
	omitRobots   = "Pages that robots.txt forbids are left out."
	omitNoIndex  = "Pages that ask not to be put into indexes (noindex) are left out."
	omitPlain    = "Pages without metadata of a thing are left out."
	omitNotPages = "What is no web page is left out."
)

// omits has a letter for each sentence, for memos.
var omits = map[string]string{"r": omitRobots, "n": omitNoIndex, "p": omitPlain, "x": omitNotPages}

// A memo is what is noted of a page for the next time.
type memo struct {
	Lastmod  string `json:"l,omitempty"` // of the sitemap; empty if the page may have changed since under the same
	ETag     string `json:"e,omitempty"`
	Modified string `json:"m,omitempty"` // the header Last-Modified
	Omitted  string `json:"o,omitempty"` // why it was left out: a key of omits
	Reader   int    `json:"v"`           // of the version of this package that has read the page
}

// reader must change when this package reads pages otherwise than before, so that they are asked for again.
const reader = 1

// readMemo reads a memo. Of one that another version wrote only counts whether the page was left out.
func readMemo(text string) (m memo, known bool) {
	if text == "" || json.Unmarshal([]byte(text), &m) != nil {
		return memo{}, text != ""
	}
	if m.Reader != reader {
		return memo{Omitted: m.Omitted}, true
	}
	return m, true
}

func (m memo) write() string {
	for _, validator := range []*string{&m.ETag, &m.Modified} {
		if len(*validator) > 300 {
			*validator = ""
		}
	}
	m.Reader = reader
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and a number
	}
	return string(b)
}

// A visit is one asking for a page.
type visit struct {
	s      *Source
	listed harvest.Item
	url    *url.URL
	had    memo // noted last
	known  bool // something was
	now    memo
}

// Ask implements [harvest.Asker]: it asks for a page of the site, unless that is as it was.
func (s *Source) Ask(ctx context.Context, at harvest.Cursor, listed harvest.Item) (harvest.Item, error) {
	c := s.readCursor(at)
	u, err := parsed(listed.Key)
	if err != nil {
		return listed, err
	}
	v := &visit{s: s, listed: listed, url: u}
	v.had, v.known = readMemo(listed.Before)
	if isSettled(listed.Datestamp, c.Since) {
		v.now.Lastmod = listed.Datestamp
	}
	if c.Whole {
		v.had = memo{Omitted: v.had.Omitted}
	} else if v.had.Lastmod != "" && v.had.Lastmod == listed.Datestamp {
		return v.unchanged(v.had), nil
	}
	item, err := v.ask(ctx, sitemapOf(&c))
	if err != nil || item.Rejected != nil && item.Rejected.Reason == reasonUnfetchable {
		s.note(func(m *memory) { m.trouble = true })
	}
	return item, err
}

// sitemapOf is the sitemap that the page of a cursor lists.
func sitemapOf(c *cursor) string {
	if len(c.Path) == 0 {
		return ""
	}
	return c.Path[len(c.Path)-1].URL
}

// unchanged is the item of a page that is as it was.
func (v *visit) unchanged(m memo) harvest.Item {
	if why := omits[m.Omitted]; why != "" {
		return harvest.Item{Key: v.listed.Key, Omitted: why, Memo: m.write()}
	}
	return harvest.Item{Key: v.listed.Key, Listed: true, Memo: m.write()}
}

func (v *visit) omit(code string) harvest.Item {
	v.now.Omitted = code
	return harvest.Item{Key: v.listed.Key, Omitted: omits[code], Memo: v.now.write()}
}

// reject is the item of a page that can't be used. It is noted that it was seen so.
func (v *visit) reject(reason, detail string, original []byte) harvest.Item {
	item := v.item(original)
	item.Rejected = &harvest.Rejection{Reason: reason, Detail: detail}
	return item
}

func (v *visit) item(original []byte) harvest.Item {
	return harvest.Item{Key: v.listed.Key, Datestamp: v.listed.Datestamp, Format: Format, Original: original, Memo: v.now.write()}
}

// Format is that of the originals.
var Format = harvest.Format{Prefix: "schemaorg"}

// ask asks for the page, which a sitemap names.
func (v *visit) ask(ctx context.Context, sitemap string) (harvest.Item, error) {
	if !v.s.config.isOurs(v.url.Host) && !v.s.isNamed(ctx, v.url, sitemap) {
		item := v.reject(reasonOtherHost, errOther.Error(), nil)
		item.Memo = "" // the other site may come to allow it
		return item, nil
	}
	if item, err, stop := v.gate(ctx, v.url); stop {
		return item, err
	}
	res, err := v.s.client.Fetch(ctx, harvest.Request{
		URL: v.url.String(), Accept: "text/html, application/xhtml+xml, application/ld+json;q=0.9, */*;q=0.1", Access: v.s.config.access(v.url),
		IfNoneMatch: v.had.ETag, IfModifiedSince: v.had.Modified, MaxBody: maxPage, Follow: v.follow,
	})
	var away *awayError
	switch {
	case errors.As(err, &away):
		return v.reject(reasonMoved, away.why, nil), nil
	case robots.IsForbidden(err):
		return v.forbidden(), nil
	case err != nil:
		return v.failed(res, err)
	}
	v.s.countRefused(false)
	if res.Status == 304 {
		v.had.Lastmod = v.now.Lastmod
		return v.unchanged(v.had), nil
	}
	v.now.ETag, v.now.Modified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	if forbidsIndex(res.Header.Values("X-Robots-Tag")) {
		return v.omit("n"), nil
	}
	return v.metadata(res), nil
}

// gate asks whether the site allows to ask for a page; stop says that it is not asked for.
func (v *visit) gate(ctx context.Context, u *url.URL) (item harvest.Item, err error, stop bool) {
	err = v.s.gate.Check(ctx, u)
	var e *harvest.Error
	switch {
	case err == nil:
		return item, nil, false
	case robots.IsForbidden(err):
		return v.forbidden(), nil, true
	case errors.As(err, &e): // nothing of the site may be asked for, which is not the fault of this page
		said := *e
		said.Kind = harvest.Unreachable
		return v.listed, &said, true
	}
	return v.listed, err, true
}

// forbidden is the item of a page that robots.txt forbids. The site has it still, so what was made of it stays.
func (v *visit) forbidden() harvest.Item {
	if v.known && v.had.Omitted == "" {
		return harvest.Item{Key: v.listed.Key, Listed: true, Omitted: omitRobots, Memo: v.listed.Before}
	}
	return harvest.Item{Key: v.listed.Key, Omitted: omitRobots}
}

// An awayError says that a redirect leads to what is not the page that the sitemap names.
type awayError struct{ why string }

func (e *awayError) Error() string { return e.why }

// follow decides whether a redirect is followed.
func (v *visit) follow(ctx context.Context, to *url.URL) error {
	if why := v.leadsAway(to); why != "" {
		return &harvest.Error{Kind: harvest.Protocol, URL: harvest.Shown(to.String()), Err: &awayError{why}}
	}
	return v.s.gate.Check(ctx, to)
}

// failed says what becomes of a page that can't be had.
func (v *visit) failed(res *harvest.Response, err error) (harvest.Item, error) {
	switch kind := harvest.KindOf(err); {
	case kind == harvest.HTTP4xx && res != nil && (res.Status == 404 || res.Status == 410):
		v.s.countRefused(false)
		return harvest.Item{Key: v.listed.Key, Deleted: true, Datestamp: v.listed.Datestamp}, nil
	case kind == harvest.Forbidden || kind == harvest.NotPublic || kind == harvest.Timeout:
		if v.s.countRefused(true) > maxRefused {
			return v.listed, err
		}
		item := v.reject(reasonUnfetchable, "the sitemap names the page, and it can't be had: "+err.Error(), nil)
		item.Memo = ""
		return item, nil
	}
	return v.listed, err
}

// countRefused counts the pages in a row that were refused.
func (s *Source) countRefused(refused bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !refused {
		s.refused = 0
		return 0
	}
	s.refused++
	return s.refused
}

// forbidsIndex reports whether headers X-Robots-Tag ask everybody not to put a page into indexes. What is said to one
// program ("otherbot: noindex") is for that one.
func forbidsIndex(headers []string) bool {
	return slices.ContainsFunc(headers, func(h string) bool {
		agent, _, named := strings.Cut(h, ":")
		return webpage.ForbidsIndex(h) && (!named || strings.ContainsAny(agent, ", ") || strings.EqualFold(strings.TrimSpace(agent), "unavailable_after"))
	})
}

// leadsAway says why the page that a redirect led to is not the one that the sitemap names; empty if it is taken for it.
func (v *visit) leadsAway(final *url.URL) string {
	switch {
	case !strings.EqualFold(final.Host, v.url.Host) && !v.s.config.isOurs(final.Host) && plainHost(final.Host) != plainHost(v.url.Host):
		return "the page leads to another host, " + harvest.Shown(final.String())
	case strings.Trim(final.Path, "/") == "" && strings.Trim(v.url.Path, "/") != "":
		return "the page leads to the first page of the site, as sites do with pages that are gone"
	}
	return ""
}

// metadata makes the item of what a page says.
func (v *visit) metadata(res *harvest.Response) harvest.Item {
	media := res.ContentType()
	if start := bytes.TrimLeft(res.Body, "\ufeff \t\r\n"); strings.HasSuffix(media, "json") || bytes.HasPrefix(start, []byte("{")) || bytes.HasPrefix(start, []byte("[")) {
		return v.document(res.Body)
	}
	if media != "" && media != "text/html" && media != "application/xhtml+xml" && !harvest.LooksLikeHTML(res.Body) {
		return v.omit("x")
	}
	page := webpage.Read(res.Body, res.Header.Get("Content-Type"))
	excerpt := page.Excerpt(res.URL)
	// The address in the excerpt is the page's own for relative addresses.
	page = webpage.Read(excerpt, "")
	shows, broken := page.Shows()
	switch {
	case page.NoIndex:
		return v.omit("n")
	case !v.s.config.Copies && isCopy(page.Canonical, v.url.String(), res.URL):
		return v.reject(reasonCopy, "the page says that it is a copy of "+harvest.Shown(page.Canonical)+"; if it is not, set copies: keep", excerpt)
	case shows:
		return v.item(excerpt)
	case broken != nil:
		return v.reject(reasonMalformed, "the JSON-LD of the page can't be read: "+broken.Error(), excerpt)
	case v.known && v.had.Omitted == "":
		return v.reject(reasonNoMetadata, "the page had metadata, and has none: neither JSON-LD of a thing nor meta tags of Dublin Core or Highwire Press", excerpt)
	}
	return v.omit("p")
}

// document makes the item of a document in JSON-LD.
func (v *visit) document(body []byte) harvest.Item {
	page := &webpage.Page{Blocks: [][]byte{body}}
	shows, broken := page.Shows()
	switch {
	case shows:
		return v.item(body)
	case broken != nil:
		return v.reject(reasonMalformed, "the JSON-LD can't be read: "+broken.Error(), body)
	}
	return v.omit("p")
}

// isCopy reports whether a page names another page of the site as the canonical one. Many sites name their first page on all
// pages by mistake, so that this says nothing; an address at another host is that of a copy elsewhere.
func isCopy(canonical string, own ...string) bool {
	c, err := url.Parse(canonical)
	if err != nil || c.Host == "" || strings.Trim(c.Path, "/") == "" && c.RawQuery == "" {
		return false
	}
	here := false
	for _, address := range own {
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		if plainHost(u.Host) == plainHost(c.Host) {
			here = true
			if strings.TrimSuffix(u.EscapedPath(), "/") == strings.TrimSuffix(c.EscapedPath(), "/") && (u.RawQuery == c.RawQuery || u.Query().Encode() == c.Query().Encode()) {
				return false
			}
		}
	}
	return here
}

// plainHost is the name of a host by which sites that are the same are.
func plainHost(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }
