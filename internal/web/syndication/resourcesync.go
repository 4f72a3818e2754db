package syndication

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// ResourceSync (ANSI/NISO Z39.99-2017) tells harvesters of it what there is, and what has changed. A resource is the
// Dublin Core of a record, which describes the record's page.
//
// The resource list is in the parts of the sitemap: a record that moves stays in its part. The list says as of when it is
// before it is read, so whatever has changed since then is in the change list, if that reaches back so far; its "from"
// says how far.
const (
	wellKnownPath      = "/.well-known/resourcesync"
	resourcesPath      = "/resourcesync/"
	capabilityListPath = resourcesPath + "capabilitylist.xml"
	resourceListPath   = resourcesPath + "resourcelist.xml"
	changeListPath     = resourcesPath + "changelist.xml"
	resourcePartsPath  = resourcesPath + "resources/"
	resourceDumpPath   = resourcesPath + "resourcedump.xml"
	packagesPath       = resourcesPath + "packages/"

	// maxChanges is how many changes the change list has at most.
	maxChanges   = 10_000
	changesBytes = 64 << 20

	resyncSpaces = `xmlns="` + sitemapSpace + `" xmlns:rs="http://www.openarchives.org/rs/terms/"`
)

// describe is the source description: where the capability list is.
func (d *Door) describe(_ context.Context, w http.ResponseWriter, r *http.Request) error {
	b := []byte(xmlStart + "<urlset " + resyncSpaces + ">\n" + `<rs:md capability="description"/>` + "\n")
	b = d.appendCapability(b, capabilityListPath, "capabilitylist")
	return writeList(w, r, append(b, "</urlset>\n"...))
}

// capabilities is the capability list: what there is to ask for.
func (d *Door) capabilities(_ context.Context, w http.ResponseWriter, r *http.Request) error {
	b := []byte(xmlStart + "<urlset " + resyncSpaces + ">\n")
	b = d.appendUp(b, wellKnownPath)
	b = append(b, `<rs:md capability="capabilitylist"/>`+"\n"...)
	b = d.appendCapability(b, resourceListPath, "resourcelist")
	b = d.appendCapability(b, resourceDumpPath, "resourcedump")
	b = d.appendCapability(b, changeListPath, "changelist")
	return writeList(w, r, append(b, "</urlset>\n"...))
}

func (d *Door) appendCapability(b []byte, path, capability string) []byte {
	b = xmlscan.AppendText(append(b, "<url><loc>"...), d.URL+path)
	return append(b, `</loc><rs:md capability="`+capability+`"/></url>`+"\n"...)
}

func (d *Door) appendUp(b []byte, path string) []byte {
	b = xmlscan.AppendAttribute(append(b, `<rs:ln rel="up" href="`...), d.URL+path)
	return append(b, `"/>`+"\n"...)
}

func writeList(w http.ResponseWriter, r *http.Request, b []byte) error {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	send(w, r, b)
	return nil
}

// resourceList lists the parts in which there are live records.
func (d *Door) resourceList(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	head, err := d.Log.Head(ctx)
	if err != nil {
		return err
	}
	b := d.appendUp([]byte(xmlStart+"<sitemapindex "+resyncSpaces+">\n"), capabilityListPath)
	b = append(oaipmh.AppendDatestamp(append(b, `<rs:md capability="resourcelist" at="`...), head.Datestamp), `"/>`+"\n"...)
	if b, err = d.appendParts(ctx, b, resourcePartsPath); err != nil {
		return err
	}
	return writeList(w, r, append(b, "</sitemapindex>\n"...))
}

// resourcePart lists the resources of one part.
func (d *Door) resourcePart(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	n, err := d.partNumber(r, ".xml", resourceListPath)
	if err != nil {
		return err
	}
	head, err := d.Log.Head(ctx)
	if err != nil {
		return err
	}
	entries, err := d.entries(ctx, n)
	if err != nil {
		return err
	}
	b := d.appendUp([]byte(xmlStart+"<urlset "+resyncSpaces+">\n"), capabilityListPath)
	b = append(xmlscan.AppendAttribute(append(b, `<rs:ln rel="index" href="`...), d.URL+resourceListPath), `"/>`+"\n"...)
	b = append(oaipmh.AppendDatestamp(append(b, `<rs:md capability="resourcelist" at="`...), head.Datestamp), `"/>`+"\n"...)
	for i := range entries {
		b = d.appendResource(b, entries[i].Identifier, entries[i].Datestamp, "")
	}
	d.Limits.Served(r, len(entries))
	return writeList(w, r, append(b, "</urlset>\n"...))
}

// appendResource writes a resource, and what became of it if change says so.
func (d *Door) appendResource(b []byte, identifier string, stamp time.Time, change string) []byte {
	page := pipeline.RecordURL(d.URL, identifier)
	if page == "" {
		return b
	}
	b = xmlscan.AppendText(append(b, "<url><loc>"...), page+"?as=oai_dc")
	b = oaipmh.AppendDatestamp(append(b, "</loc><lastmod>"...), stamp)
	b = append(b, "</lastmod><rs:md "...)
	if change != "" {
		b = append(oaipmh.AppendDatestamp(append(b, `change="`+change+`" datetime="`...), stamp), `" `...)
	}
	if change != "deleted" {
		b = append(b, `type="application/xml"`...)
	}
	b = append(b, `/><rs:ln rel="describes" href="`...)
	return append(xmlscan.AppendAttribute(b, page), `"/></url>`+"\n"...)
}

// changeList lists the last changes, the oldest first. It reaches back to a second of which it has everything.
func (d *Door) changeList(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	if _, had, err := d.unchanged(ctx, w, r); err != nil || had {
		return err
	}
	var changes []pipeline.Record // the newest first
	from := time.Unix(0, 0)       // if the list has everything that ever happened
	for before := int64(math.MaxInt64); ; {
		page, err := d.Log.Changes(ctx, pipeline.Wanted{After: before, Down: true, Limit: piece, Bytes: changesBytes / 4})
		if err != nil {
			return err
		}
		for i := range page.Records {
			page.Records[i].DC = nil // not needed, and large
		}
		changes, before = append(changes, page.Records...), page.Upto
		if before == 0 {
			break
		}
		if len(changes) >= maxChanges {
			changes, from = wholeSeconds(changes)
			break
		}
	}
	b := d.appendUp([]byte(xmlStart+"<urlset "+resyncSpaces+">\n"), capabilityListPath)
	b = append(oaipmh.AppendDatestamp(append(b, `<rs:md capability="changelist" from="`...), from), `"/>`+"\n"...)
	for i := len(changes) - 1; i >= 0; i-- {
		rec := &changes[i]
		what := "updated"
		switch {
		case rec.Deleted != pipeline.Live:
			what = "deleted"
		case rec.Version == 1:
			what = "created"
		}
		b = d.appendResource(b, rec.Identifier, rec.Datestamp, what)
	}
	d.Limits.Served(r, len(changes))
	return writeList(w, r, append(b, "</urlset>\n"...))
}

// wholeSeconds leaves out the oldest second of changes, of which there may be others, and gives the one behind it.
func wholeSeconds(changes []pipeline.Record) ([]pipeline.Record, time.Time) {
	oldest := changes[len(changes)-1].Datestamp
	for len(changes) > 0 && changes[len(changes)-1].Datestamp.Equal(oldest) {
		changes = changes[:len(changes)-1]
	}
	return changes, oldest.Add(time.Second)
}

// partNumber is the number of the part of a sitemap or a list that is asked for.
func (d *Door) partNumber(r *http.Request, suffix, list string) (int64, error) {
	name, named := strings.CutSuffix(r.PathValue("part"), suffix)
	n, err := strconv.ParseInt(name, 10, 32)
	if !named || err != nil || n < 1 || name != strconv.FormatInt(n, 10) {
		return 0, &refusal{http.StatusNotFound, "There is no such part; " + list + " lists them."}
	}
	return n, nil
}
