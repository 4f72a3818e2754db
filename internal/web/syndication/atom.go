package syndication

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/web"
	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The feed (RFC 4287) has the newest changes first, in pages (RFC 5005, section 3). What is gone is a deleted-entry
// (RFC 6721), which says of it no more than that.
const (
	feedEntries = 50
	feedBytes   = 4 << 20

	maxTitle    = 500 // bytes of what a feed shows; the page of a record has all of it
	maxAbstract = 2_000
	maxName     = 200
	maxPeople   = 20
)

// A feedQuery is what the address of a feed asks for.
type feedQuery struct {
	selection
	before pipeline.Cursor // the page ends before this place; zero is the newest page
}

func parseFeed(v url.Values) (q feedQuery, err error) {
	if q.selection, err = parseSelection(v); err != nil {
		return q, err
	}
	if text := v.Get("before"); text != "" {
		if q.before, err = pipeline.ParseCursor(text); err != nil {
			return q, &refusal{http.StatusBadRequest, "before: this is no place in the log; leave it out for the newest changes."}
		}
	}
	return q, nil
}

// path is the address of a page of the feed.
func (q feedQuery) path(before pipeline.Cursor) string {
	v := q.values()
	if before != (pipeline.Cursor{}) {
		v.Set("before", before.String())
	}
	if len(v) == 0 {
		return feedPath
	}
	return feedPath + "?" + v.Encode()
}

func (d *Door) feed(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	q, err := parseFeed(r.URL.Query())
	if err != nil {
		return err
	}
	head, had, err := d.unchanged(ctx, w, r)
	switch {
	case err != nil || had:
		return err
	case q.before.Epoch != 0 && q.before.Epoch != head.Epoch:
		return &refusal{http.StatusGone, "This page of the feed is one of a history of the log that has ended. Begin again with the newest changes."}
	}
	wanted := pipeline.Wanted{After: math.MaxInt64, Down: true, Source: q.source, Set: q.set, Limit: feedEntries, Bytes: feedBytes}
	if q.before != (pipeline.Cursor{}) {
		wanted.After = q.before.Seq
	}
	page, err := d.Log.Changes(ctx, wanted)
	if err != nil {
		return err
	}
	d.Limits.Served(r, len(page.Records))
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	send(w, r, d.appendFeed(nil, q, &page))
	return nil
}

func (d *Door) appendFeed(b []byte, q feedQuery, page *pipeline.Changes) []byte {
	human := d.URL + "/search?order=newest"
	if page := q.page(); page != "" {
		human = d.URL + page
	}
	b = d.appendFeedHead(b, d.URL+q.path(pipeline.Cursor{}), d.summary(q.selection), updated(page))
	b = appendLink(b, "self", "application/atom+xml", d.URL+q.path(q.before))
	b = appendLink(b, "alternate", "text/html", human)
	if q.before != (pipeline.Cursor{}) {
		b = appendLink(b, "first", "application/atom+xml", d.URL+q.path(pipeline.Cursor{}))
	}
	if page.Upto > 0 {
		b = appendLink(b, "next", "application/atom+xml", d.URL+q.path(pipeline.Cursor{Epoch: page.Head.Epoch, Seq: page.Upto}))
	}
	for i := range page.Records {
		b = d.appendEntry(b, &page.Records[i])
	}
	return append(b, "</feed>\n"...)
}

func (d *Door) appendFeedHead(b []byte, id, title string, updated time.Time) []byte {
	b = append(b, xmlStart+`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">`+"\n"...)
	b = appendElement(b, "id", id)
	b = appendElement(b, "title", title)
	b = appendElement(b, "updated", updated.UTC().Format(time.RFC3339))
	b = append(appendElement(append(b, "<author>"...), "name", web.Clipped(d.Name, maxName)), "</author>\n"...)
	return appendElement(b, "generator", "Sheaf")
}

// Feed writes an Atom feed of records that were found, the newest change first. self and page are the addresses of the feed
// and of the page of the same records, below the root of the gateway. A feed of nothing was last changed when there was
// nothing: in 1970.
func (d *Door) Feed(self, page, title string, records []pipeline.Record) []byte {
	newest := time.Unix(0, 0)
	if len(records) > 0 {
		newest = records[0].Datestamp
	}
	b := d.appendFeedHead(nil, d.URL+self, web.Clipped(title, maxTitle), newest)
	b = appendLink(b, "self", "application/atom+xml", d.URL+self)
	b = appendLink(b, "alternate", "text/html", d.URL+page)
	for i := range records {
		b = d.appendEntry(b, &records[i])
	}
	return append(b, "</feed>\n"...)
}

// updated is when the page's newest change was committed.
func updated(page *pipeline.Changes) time.Time {
	if len(page.Records) > 0 {
		return page.Records[0].Datestamp
	}
	return page.Head.Datestamp
}

// appendEntry appends a record. Its id is its OAI identifier, which is a URI.
func (d *Door) appendEntry(b []byte, rec *pipeline.Record) []byte {
	page := pipeline.RecordURL(d.URL, rec.Identifier)
	if page == "" { // no gateway mints such an identifier
		return b
	}
	if rec.Deleted != pipeline.Live {
		b = xmlscan.AppendAttribute(append(b, `<at:deleted-entry ref="`...), rec.Identifier)
		b = append(rec.Datestamp.UTC().AppendFormat(append(b, `" when="`...), time.RFC3339), `"/>`+"\n"...)
		return b
	}
	var dc dublincore.Record
	_ = dc.UnmarshalJSON(rec.DC) // what can't be read has no title, and its page says more
	b = append(b, "<entry>\n"...)
	b = appendElement(b, "id", rec.Identifier)
	title, found := dc.First(dublincore.Title)
	if !found {
		title.Text = rec.Identifier
	}
	b = appendInLanguage(b, "title", title, maxTitle)
	b = appendElement(b, "updated", rec.Datestamp.UTC().Format(time.RFC3339))
	b = appendLink(b, "alternate", "text/html", page)
	b = appendLink(b, "related", "application/xml", d.URL+"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier="+url.QueryEscape(rec.Identifier))
	for i, person := range dc.All(dublincore.Creator) {
		if i == maxPeople {
			break
		}
		b = append(appendElement(append(b, "<author>"...), "name", web.Clipped(person.Text, maxName)), "</author>\n"...)
	}
	if abstract, ok := dc.First(dublincore.Abstract); ok {
		b = appendInLanguage(b, "summary", abstract, maxAbstract)
	} else if abstract, ok := dc.First(dublincore.Description); ok {
		b = appendInLanguage(b, "summary", abstract, maxAbstract)
	}
	return append(b, "</entry>\n"...)
}

func appendInLanguage(b []byte, name string, v dublincore.Value, most int) []byte {
	b = append(append(b, '<'), name...)
	if v.Lang != "" {
		b = append(xmlscan.AppendAttribute(append(b, ` xml:lang="`...), v.Lang), '"')
	}
	b = xmlscan.AppendText(append(b, '>'), web.Clipped(v.Text, most))
	return append(append(append(b, "</"...), name...), ">\n"...)
}

func appendElement(b []byte, name, text string) []byte {
	b = append(append(append(b, '<'), name...), '>')
	b = xmlscan.AppendText(b, text)
	return append(append(append(b, "</"...), name...), ">\n"...)
}

func appendLink(b []byte, rel, media, href string) []byte {
	b = append(append(append(b, `<link rel="`...), rel...), `" type="`...)
	b = append(append(b, media...), `" href="`...)
	return append(xmlscan.AppendAttribute(b, href), `"/>`+"\n"...)
}
