package oaipmh

import (
	"strconv"
	"sync"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

const (
	prolog = `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
<responseDate>`
	// The response date is known last, because the repository tells its clock at the end of a list. So room is left.
	dateRoom = "0000-00-00T00:00:00Z"
)

// A document is an answer in XML. It is written by appending to one buffer.
type document struct {
	buf      []byte
	base     []byte // the base URL, escaped
	repaired int    // elements that appendElement had to repair or leave out
	// The elements of this answer stand in buf from start to end. If the elements were kept from an earlier
	// answer, they are in part instead, and start is end.
	start, end int
	part       *part
}

// maxKept is the largest buffer that is kept for the next answer.
const maxKept = 8 << 20

var documents = sync.Pool{New: func() any { return new(document) }}

func newDocument(escapedBase []byte) *document {
	d := documents.Get().(*document)
	d.base, d.repaired, d.part = escapedBase, 0, nil
	return d
}

func (d *document) release() {
	if cap(d.buf) <= maxKept {
		documents.Put(d)
	}
}

// begin writes everything before the verb's element.
func (d *document) begin(q *request, attributes bool) {
	d.buf = append(d.buf[:0], prolog+dateRoom+"</responseDate>\n<request"...)
	if attributes {
		d.attribute("verb", q.verb)
		// The schema wants a URI here, and a harvester may have sent anything. An answer that doesn't validate would
		// be worse than one that doesn't repeat the argument.
		if ValidURI(q.identifier) {
			d.attribute("identifier", q.identifier)
		}
		d.attribute("metadataPrefix", q.prefix)
		d.attribute("from", q.from)
		d.attribute("until", q.until)
		d.attribute("set", q.set)
		d.attribute("resumptionToken", q.token)
	}
	d.buf = append(append(append(d.buf, '>'), d.base...), "</request>\n"...)
}

func (d *document) attribute(name, value string) {
	if value == "" {
		return
	}
	b := append(append(append(d.buf, ' '), name...), `="`...)
	d.buf = append(xmlscan.AppendExact(b, value), '"')
}

func (d *document) open(name string) {
	d.buf = append(append(append(d.buf, '<'), name...), ">\n"...)
}

func (d *document) close(name string) {
	d.buf = append(append(append(d.buf, "</"...), name...), ">\n"...)
}

func (d *document) text(name, value string) {
	b := append(append(append(d.buf, '<'), name...), '>')
	b = xmlscan.AppendExact(b, value)
	d.buf = append(append(append(b, "</"...), name...), ">\n"...)
}

// container writes an element that holds one foreign element, and nothing if the foreign element can't be written.
func (d *document) container(name string, element []byte) {
	start := len(d.buf)
	b := append(append(append(d.buf, '<'), name...), '>')
	inside := len(b)
	b, clean := appendElement(b, element)
	if !clean {
		d.repaired++
	}
	if len(b) == inside {
		d.buf = b[:start] // an empty container is against the schema
		return
	}
	d.buf = append(append(append(b, "</"...), name...), '>')
}

func (d *document) header(r *Record) {
	b := d.buf
	if r.Deleted {
		b = append(b, `<header status="deleted"><identifier>`...)
	} else {
		b = append(b, `<header><identifier>`...)
	}
	b = xmlscan.AppendExact(b, r.Identifier)
	b = append(b, `</identifier><datestamp>`...)
	b = AppendDatestamp(b, r.Datestamp)
	b = append(b, `</datestamp>`...)
	for _, s := range r.Sets {
		b = append(b, `<setSpec>`...)
		b = xmlscan.AppendExact(b, s)
		b = append(b, `</setSpec>`...)
	}
	d.buf = append(b, "</header>\n"...)
}

// record writes a record, or its header only.
func (d *document) record(r *Record, headerOnly bool) {
	if headerOnly {
		d.header(r)
		return
	}
	d.buf = append(d.buf, "<record>"...)
	d.header(r)
	if !r.Deleted {
		if r.Clean && len(r.Metadata) > 0 {
			b := append(append(d.buf, "<metadata>"...), r.Metadata...)
			d.buf = append(b, "</metadata>"...)
		} else {
			d.container("metadata", r.Metadata)
		}
		for _, a := range r.About {
			d.container("about", a)
		}
	}
	d.buf = append(d.buf, "</record>\n"...)
}

func (d *document) set(s *Set) {
	d.open("set")
	d.text("setSpec", s.Spec)
	d.text("setName", s.Name)
	for _, e := range s.Descriptions {
		d.container("setDescription", e)
	}
	d.close("set")
}

func (d *document) size() int    { return len(d.buf) }
func (d *document) cut(size int) { d.buf = d.buf[:size] }

func (d *document) identity(i *Identity, baseURL string) {
	d.text("repositoryName", i.Name)
	d.text("baseURL", baseURL)
	d.text("protocolVersion", "2.0")
	for _, m := range i.AdminEmails {
		d.text("adminEmail", m)
	}
	d.text("earliestDatestamp", Second.Format(i.EarliestDatestamp))
	d.text("deletedRecord", i.deletedRecord())
	d.text("granularity", Second.String())
	d.text("compression", "gzip")
	for _, e := range i.Descriptions {
		d.container("description", e)
		d.buf = append(d.buf, '\n')
	}
}

func (d *document) formats(formats []Format) {
	for _, f := range formats {
		d.open("metadataFormat")
		d.text("metadataPrefix", f.Prefix)
		d.text("schema", f.Schema)
		d.text("metadataNamespace", f.Namespace)
		d.close("metadataFormat")
	}
}

// resumption writes the resumptionToken element (section 3.5). It is empty at the end of a list of several pages,
// and absent from a list that fits one page.
func (d *document) resumption(r resumption) {
	if r.token == "" && r.cursor == 0 {
		return
	}
	b := append(d.buf, "<resumptionToken"...)
	if r.size > 0 {
		b = append(strconv.AppendInt(append(b, ` completeListSize="`...), r.size, 10), '"')
	}
	b = append(strconv.AppendInt(append(b, ` cursor="`...), r.cursor, 10), '"')
	if r.token == "" {
		d.buf = append(b, "/>\n"...)
		return
	}
	d.buf = append(append(append(b, '>'), r.token...), "</resumptionToken>\n"...)
}

func (d *document) errors(errs []protocolError) {
	for _, e := range errs {
		d.buf = append(d.buf, "<error"...)
		d.attribute("code", e.code)
		d.buf = append(d.buf, '>')
		d.buf = xmlscan.AppendExact(d.buf, e.message)
		d.buf = append(d.buf, "</error>\n"...)
	}
}

// finish writes what comes after the records, and puts in the date that begin left room for.
func (d *document) finish(q *request, a *answer, baseURL string) {
	switch {
	case len(a.errs) > 0:
		d.begin(q, hasAttributes(a.errs))
		d.start = len(d.buf)
		d.errors(a.errs)
		d.end = len(d.buf)
	default:
		if a.identity != nil {
			d.identity(a.identity, baseURL)
		}
		d.formats(a.formats)
		d.end = len(d.buf)
		d.resumption(a.resumption)
		d.close(q.verb)
	}
	d.buf = append(d.buf, "</OAI-PMH>\n"...)
	AppendDatestamp(d.buf[:len(prolog)], a.head)
}
