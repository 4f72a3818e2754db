package oaipmh

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sheaf-gateway/sheaf/internal/xmlscan"
)

// readApart reads a document that has a fault somewhere. It finds the records by the balance of tags alone and reads
// each by itself, so that a fault inside one record concerns no other. What surrounds them is read as a document of
// its own.
func readApart(doc []byte, warnings []string, fault error) (*Response, error) {
	spans, err := readOutline(doc)
	if err != nil {
		return nil, err
	}
	envelope := make([]byte, 0, len(doc)/8)
	at := 0
	for _, s := range spans {
		envelope = append(envelope, doc[at:s.from]...)
		at = s.to
	}
	envelope = append(envelope, doc[at:]...)
	scope := map[string]string{}
	r, err := readEnvelope(envelope, warnings, scope)
	if err != nil {
		if errors.Is(err, ErrNotOAI) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrMalformed, fault)
	}
	for _, s := range spans {
		r.Records = append(r.Records, readAlone(doc[s.from:s.to], scope))
	}
	return r, nil
}

// readEnvelope reads a document without its records, and repairs it if it must.
func readEnvelope(envelope []byte, warnings []string, scope map[string]string) (*Response, error) {
	read := func(doc []byte) (*Response, error) {
		r := &Response{Warnings: warnings}
		p := &reading{s: xmlscan.New(doc, readLimits), r: r, doc: doc, scope: func(prefix, uri string) bool {
			scope[prefix] = uri
			return true
		}}
		return r, p.document()
	}
	r, err := read(envelope)
	if err == nil || errors.Is(err, ErrNotOAI) {
		return r, err
	}
	repaired, notes := readRepair(envelope)
	if r, err = read(repaired); err != nil {
		if r, err = read(declareWellKnown(repaired)); err != nil {
			return nil, err
		}
		r.warn(declaredWellKnown)
	}
	if len(notes) > 0 {
		r.warn("The response had to be repaired outside its records.")
	}
	return r, nil
}

// declareWellKnown adds declarations of the well-known prefixes that the root's tag lacks.
func declareWellKnown(doc []byte) []byte {
	root := (&readLexer{data: doc}).next()
	if root.kind != readStartTag {
		return doc
	}
	nameEnd := root.from + 1 + len(root.name)
	out := append([]byte(nil), doc[:nameEnd]...)
	for _, prefix := range slices.Sorted(maps.Keys(wellKnown)) {
		if !bytes.Contains(doc[nameEnd:root.to], []byte("xmlns:"+prefix)) {
			out = fmt.Appendf(out, ` xmlns:%s="%s"`, prefix, wellKnown[prefix])
		}
	}
	return append(out, doc[nameEnd:]...)
}

// readOutline finds the records of a list by the balance of tags. If the balance is lost within a record, it is
// found again at the record's end. If it is lost anywhere else, that is an error.
func readOutline(doc []byte) (records []readSpan, err error) {
	const deepest = 10000
	l := &readLexer{data: doc}
	var open [][]byte
	list := 0 // depth at which records stand
	from := 0 // of the record that is open
	for {
		span := l.next()
		switch span.kind {
		case readEOF:
			if len(open) > 0 {
				return nil, fmt.Errorf("%w: it ends inside <%s>", ErrTruncated, open[len(open)-1])
			}
			return records, nil
		case readCut:
			return nil, fmt.Errorf("%w: it ends inside a tag", ErrTruncated)
		case readDoctype:
			return nil, readFault(doc, span.from, "a document type declaration is not allowed")
		case readStartTag:
			open = append(open, span.name)
			switch depth := len(open); {
			case depth > deepest:
				return nil, readFault(doc, span.from, "elements are nested too deep")
			case list == 0 && depth <= 2 && isVerb(readLocal(span.name)):
				list = depth + 1
			case depth == list && readIsRecord(span.name):
				from = span.from
			}
		case readEmptyTag:
			if len(open)+1 == list && readIsRecord(span.name) {
				records = append(records, span)
			}
		case readEndTag:
			if len(open) == 0 {
				return nil, readFault(doc, span.from, "there is an end tag without a start tag")
			}
			if top := open[len(open)-1]; !bytes.Equal(top, span.name) {
				to, found := 0, false
				if list > 0 && len(open) >= list && readIsRecord(open[list-1]) {
					to, found = l.recordEnd(span, open[list-1], open[list-2])
				}
				if !found || !oneRecord(doc[from:to]) {
					return nil, readFault(doc, span.from, fmt.Sprintf("the element <%s> is closed by </%s>", top, span.name))
				}
				records = append(records, readSpan{kind: readText, from: from, to: to})
				open = open[:list-1]
				continue
			}
			if len(open) == list && readIsRecord(span.name) {
				records = append(records, readSpan{kind: readText, from: from, to: span.to})
			}
			if open = open[:len(open)-1]; len(open) < list-1 {
				list = -1 // there is one list in a response
			}
		}
	}
}

// recordEnd finds the end of a record in which tags don't match. It looks for the record's own end tag with
// something behind it that may follow a record: another record, a resumptionToken, or the end of the list. If there
// is no such place, the document has no structure to rely on.
func (l *readLexer) recordEnd(span readSpan, record, list []byte) (to int, found bool) {
	for ; span.kind != readEOF && span.kind != readCut; span = l.next() {
		if span.kind == readEndTag && bytes.Equal(span.name, record) && l.recordMayEnd(record, list) {
			return span.to, true
		}
	}
	return 0, false
}

// recordMayEnd looks at what comes next, and leaves it there.
func (l *readLexer) recordMayEnd(record, list []byte) bool {
	ahead := *l
	for {
		switch span := ahead.next(); span.kind {
		case readComment:
		case readText:
			if len(bytes.TrimSpace(l.data[span.from:span.to])) > 0 {
				return false
			}
		case readStartTag, readEmptyTag:
			return bytes.Equal(span.name, record) || readLocal(span.name) == "resumptionToken"
		case readEndTag:
			return bytes.Equal(span.name, list)
		default:
			return false
		}
	}
}

// oneRecord reports whether a record in which tags don't match has only one header. A second one, even inside a
// broken tag, means that a record lacks its end and would hide the record after it.
func oneRecord(record []byte) bool {
	name := (&readLexer{data: record}).next().name
	prefix := name[:len(name)-len(readLocal(name))]
	return bytes.Count(record, fmt.Appendf(nil, "<%sheader", prefix)) <= 1
}

func readIsRecord(name []byte) bool {
	local := readLocal(name)
	return local == "record" || local == "header"
}

func readFault(doc []byte, offset int, what string) error {
	line, column := xmlscan.Position(doc, offset)
	return fmt.Errorf("%w: line %d, column %d: %s", ErrMalformed, line, column, what)
}

const declaredWellKnown = "Well-known namespace prefixes that were not declared were declared."

// wellKnown has the prefixes that some repositories use without declaring them.
var wellKnown = map[string]string{
	"xsi":     "http://www.w3.org/2001/XMLSchema-instance",
	"xlink":   "http://www.w3.org/1999/xlink",
	"dc":      "http://purl.org/dc/elements/1.1/",
	"dcterms": "http://purl.org/dc/terms/",
	"oai_dc":  "http://www.openarchives.org/OAI/2.0/oai_dc/",
}

// readAlone reads one record: as it is, or else repaired, or else only its header.
func readAlone(raw []byte, scope map[string]string) Record {
	rec, err := readWrapped(raw, scope)
	if err == nil {
		rec.Received.Raw = raw
		return rec
	}
	fault := err
	repaired, notes := readRepair(raw)
	rec, err = readWrapped(repaired, scope)
	if err != nil {
		wider := maps.Clone(wellKnown)
		maps.Copy(wider, scope)
		if rec, err = readWrapped(repaired, wider); err == nil {
			notes = append(notes, declaredWellKnown)
		}
	}
	if err != nil {
		rec = readHeaderOnly(repaired, scope)
		rec.Received.Problem = fault.Error()
	}
	rec.Received.Raw, rec.Received.Repairs = raw, notes
	return rec
}

// readWrapped reads a record within the namespaces of its ancestors.
func readWrapped(raw []byte, scope map[string]string) (Record, error) {
	doc := make([]byte, 0, len(raw)+256)
	doc = append(doc, "<list"...)
	for _, prefix := range slices.Sorted(maps.Keys(scope)) {
		doc = append(doc, " xmlns"...)
		if prefix != "" {
			doc = append(append(doc, ':'), prefix...)
		}
		doc = append(doc, `="`...)
		doc = xmlscan.AppendExact(doc, scope[prefix])
		doc = append(doc, '"')
	}
	doc = append(doc, '>')
	doc = append(doc, raw...)
	doc = append(doc, "</list>"...)
	p := &reading{s: xmlscan.New(doc, readLimits), r: &Response{}, doc: doc}
	if _, err := p.s.Next(); err != nil {
		return Record{}, err
	}
	if err := p.children(p.record); err != nil {
		return Record{}, err
	}
	if len(p.r.Records) != 1 {
		return Record{}, errors.New("the record is not one element")
	}
	return p.r.Records[0], nil
}

// readHeaderOnly reads the header of a record whose rest can't be read.
func readHeaderOnly(raw []byte, scope map[string]string) Record {
	l := &readLexer{data: raw}
	from := -1
	for {
		span := l.next()
		switch {
		case span.kind == readEOF || span.kind == readCut:
			return Record{}
		case span.kind == readStartTag && readLocal(span.name) == "header":
			from = span.from
		case span.kind == readEndTag && readLocal(span.name) == "header" && from >= 0:
			rec, err := readWrapped(raw[from:span.to], scope)
			if err != nil {
				return Record{}
			}
			return rec
		}
	}
}
