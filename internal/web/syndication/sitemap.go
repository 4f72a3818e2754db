package syndication

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// The sitemap (sitemaps.org, 0.9) is in parts. A part has the records that came into the log under certain numbers, so a
// record stays in its part, a part never grows beyond its bound, and each is made by itself.
const (
	// partSize keeps a part below the 50,000 pages and 50 MB of the protocol, however long identifiers are (1,024 bytes).
	partSize = 10_000
	piece    = 2_000 // entries that are read at once

	sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"
	xmlStart     = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
)

// sitemap lists the parts in which there are live records. The first one is always there: it has the front page, and the
// pages of the sources.
func (d *Door) sitemap(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	b, err := d.appendParts(ctx, []byte(xmlStart+`<sitemapindex xmlns="`+sitemapSpace+`">`+"\n"), partsPath)
	if err != nil {
		return err
	}
	sitemapHeader(w)
	send(w, r, append(b, "</sitemapindex>\n"...))
	return nil
}

// appendParts names the parts in which there are live records, and always the first one, below a path.
func (d *Door) appendParts(ctx context.Context, b []byte, below string) ([]byte, error) {
	parts, err := d.parts(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range parts {
		b = append(b, "<sitemap><loc>"...)
		b = xmlscan.AppendText(b, d.URL+below+strconv.FormatInt(n, 10)+".xml")
		b = append(b, "</loc></sitemap>\n"...)
	}
	return b, nil
}

// parts are the numbers of the parts in which there are live records, and always the first one.
func (d *Door) parts(ctx context.Context) (out []int64, err error) {
	for n, newest := int64(1), int64(1); (n-1)*d.partSize < newest; n++ {
		some, last, err := d.Log.Entries(ctx, (n-1)*d.partSize, n*d.partSize, 1, false)
		if err != nil {
			return nil, err
		}
		if newest = last; n == 1 || len(some) > 0 {
			out = append(out, n)
		}
	}
	return out, nil
}

func sitemapHeader(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
}

// part gives the pages of the records of one part.
func (d *Door) part(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	n, err := d.partNumber(r, ".xml", sitemapPath)
	if err != nil {
		return err
	}
	entries, err := d.entries(ctx, n)
	if err != nil {
		return err
	}
	if n > 1 && len(entries) == 0 {
		return &refusal{http.StatusNotFound, "This part of the sitemap has no records (any more); " + sitemapPath + " lists those that have."}
	}
	sitemapHeader(w)
	b := append([]byte(nil), xmlStart+`<urlset xmlns="`+sitemapSpace+`">`+"\n"...)
	if n == 1 {
		b = appendPage(b, d.URL+"/")
		for _, source := range slices.Sorted(maps.Keys(d.Titles)) {
			b = appendPage(b, d.URL+selection{source: source}.page())
		}
	}
	for i := range entries {
		b = d.appendURL(b, &entries[i])
	}
	d.Limits.Served(r, len(entries))
	send(w, r, append(b, "</urlset>\n"...))
	return nil
}

// entries reads a part. It is read before anything of it is written, because only so long does the request have its turn.
func (d *Door) entries(ctx context.Context, n int64) (all []pipeline.Entry, err error) {
	for after, upto := (n-1)*d.partSize, n*d.partSize; ; {
		some, _, err := d.Log.Entries(ctx, after, upto, piece, false)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(some) < piece {
			return all, nil
		}
		after = some[len(some)-1].Number
	}
}

func appendPage(b []byte, page string) []byte {
	return append(xmlscan.AppendText(append(b, "<url><loc>"...), page), "</loc></url>\n"...)
}

func (d *Door) appendURL(b []byte, e *pipeline.Entry) []byte {
	page := pipeline.RecordURL(d.URL, e.Identifier)
	if page == "" {
		return b
	}
	b = xmlscan.AppendText(append(b, "<url><loc>"...), page)
	b = oaipmh.AppendDatestamp(append(b, "</loc><lastmod>"...), e.Datestamp)
	return append(b, "</lastmod></url>\n"...)
}
