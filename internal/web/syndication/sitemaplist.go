package syndication

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Each source and each set has a sitemap of its own. If it has no more than partSize records, they stand in it; otherwise it
// is an index of parts. The log knows the members of a set by their places alone, so a part is a stretch of the log, of
// partSize places: a record that changes goes on to a part at the end, where its lastmod is new.
const (
	sourceMapsPath = partsPath + "sources/"
	setMapsPath    = partsPath + "sets/"

	placesBytes = 4 << 20 // of records that are read at once
)

// mapOf says of which source or set a sitemap is wanted, and below which path its parts are.
func mapOf(r *http.Request) (q selection, below string, err error) {
	if r.PathValue("source") != "" {
		q.source, below = strings.TrimSuffix(r.PathValue("source"), ".xml"), sourceMapsPath
	} else {
		q.set, below = strings.TrimSuffix(r.PathValue("set"), ".xml"), setMapsPath
	}
	if q, err = parseSelection(q.values()); err != nil {
		return q, "", &refusal{http.StatusNotFound, "There is no such sitemap."}
	}
	return q, below + url.PathEscape(q.source+q.set), nil
}

// listMap gives the sitemap of a source or a set, or the index of its parts.
func (d *Door) listMap(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	q, below, err := mapOf(r)
	if err != nil {
		return err
	}
	entries, more, err := d.places(ctx, q, 0, math.MaxInt64, int(d.partSize))
	switch {
	case err != nil:
		return err
	case more:
		return d.listIndex(ctx, w, r, q, below)
	}
	return d.sendPages(w, r, entries)
}

// listIndex names the parts in which there are live records.
func (d *Door) listIndex(ctx context.Context, w http.ResponseWriter, r *http.Request, q selection, below string) error {
	b := []byte(xmlStart + `<sitemapindex xmlns="` + sitemapSpace + `">` + "\n")
	for after := int64(0); ; {
		next, _, err := d.places(ctx, q, after, math.MaxInt64, 1)
		if err != nil {
			return err
		}
		if len(next) == 0 {
			break
		}
		n := (next[0].Number-1)/d.partSize + 1
		b = xmlscan.AppendText(append(b, "<sitemap><loc>"...), d.URL+below+"/"+strconv.FormatInt(n, 10)+".xml")
		b, after = append(b, "</loc></sitemap>\n"...), n*d.partSize
	}
	sitemapHeader(w)
	send(w, r, append(b, "</sitemapindex>\n"...))
	return nil
}

// listPart gives a part of the sitemap of a source or a set.
func (d *Door) listPart(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	q, below, err := mapOf(r)
	if err != nil {
		return err
	}
	n, err := d.partNumber(r, ".xml", below+".xml")
	if err != nil {
		return err
	}
	entries, _, err := d.places(ctx, q, (n-1)*d.partSize, n*d.partSize, int(d.partSize))
	if err != nil {
		return err
	}
	return d.sendPages(w, r, entries)
}

// sendPages answers with a sitemap of the pages of records.
func (d *Door) sendPages(w http.ResponseWriter, r *http.Request, entries []pipeline.Entry) error {
	if len(entries) == 0 { // a sitemap must not be empty
		return &refusal{http.StatusNotFound, "This sitemap has no records (any more)."}
	}
	b := []byte(xmlStart + `<urlset xmlns="` + sitemapSpace + `">` + "\n")
	for i := range entries {
		b = d.appendURL(b, &entries[i])
	}
	sitemapHeader(w)
	d.Limits.Served(r, len(entries))
	send(w, r, append(b, "</urlset>\n"...))
	return nil
}

// places gives up to limit live records of a selection that stand behind after and not behind upto; the number of an entry
// is its place in the log. more says that there are others.
func (d *Door) places(ctx context.Context, q selection, after, upto int64, limit int) (out []pipeline.Entry, more bool, err error) {
	for after < upto {
		read, err := d.Log.Changes(ctx, pipeline.Wanted{After: after, Source: q.source, Set: q.set, Limit: min(limit+1, piece), Bytes: placesBytes})
		if err != nil {
			return nil, false, err
		}
		for _, rec := range read.Records {
			switch {
			case rec.Seq > upto:
				return out, false, nil
			case rec.Deleted != pipeline.Live:
			case len(out) == limit:
				return out, true, nil
			default:
				out = append(out, pipeline.Entry{Number: rec.Seq, Identifier: rec.Identifier, Datestamp: rec.Datestamp})
			}
		}
		if after = read.Upto; after >= read.Head.Seq {
			break
		}
	}
	return out, false, nil
}
