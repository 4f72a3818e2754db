package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// A provider is an OAI-PMH repository that costs next to nothing: what it serves is made by
// appending, from the record's number and a revision.
type provider struct {
	records, page int
	revision      atomic.Int64 // a new one changes every record
	still         atomic.Bool  // nothing has changed since whatever date is asked for
	slow          everydayPace
	served        atomic.Int64 // records
	base          string
}

const stamp = "2026-01-01T00:00:00Z"

// ServeHTTP answers what a harvester of full lists asks.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	b := make([]byte, 0, p.page*1600+1024)
	b = append(b, `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>`+stamp+`</responseDate>`...)
	verb := r.FormValue("verb")
	if p.still.Load() && verb == "ListRecords" && r.FormValue("from") != "" {
		_, _ = w.Write(append(b, `<error code="noRecordsMatch"/></OAI-PMH>`...))
		return
	}
	b = fmt.Appendf(b, `<request verb="%s">%s</request><%s>`, verb, p.base, verb)
	switch verb {
	case "Identify":
		b = fmt.Appendf(b, `<repositoryName>Synthetic</repositoryName><baseURL>%s</baseURL><protocolVersion>2.0</protocolVersion><adminEmail>a@example.org</adminEmail><earliestDatestamp>%s</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity>`, p.base, stamp)
	case "ListMetadataFormats":
		b = append(b, `<metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>http://www.openarchives.org/OAI/2.0/oai_dc.xsd</schema><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace></metadataFormat>`...)
	case "ListSets":
		b = append(b, `<set><setSpec>a</setSpec><setName>A</setName></set>`...)
	case "ListRecords":
		b = p.list(b, r.FormValue("resumptionToken"), appendRecord, p.slow.page(r.Context(), p.page))
	case "ListIdentifiers":
		b = p.list(b, r.FormValue("resumptionToken"), appendHeader, p.page)
	}
	b = fmt.Appendf(b, `</%s></OAI-PMH>`, verb)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}

func (p *provider) list(b []byte, token string, appendOne func(b []byte, i int, revision int64) []byte, page int) []byte {
	from, _ := strconv.Atoi(token)
	to := min(from+page, p.records)
	revision := p.revision.Load()
	p.served.Add(int64(to - from))
	for i := from; i < to; i++ {
		b = appendOne(b, i, revision)
	}
	if to < p.records {
		return fmt.Appendf(b, `<resumptionToken completeListSize="%d" cursor="%d">%d</resumptionToken>`, p.records, from, to)
	}
	if from > 0 {
		b = append(b, `<resumptionToken/>`...)
	}
	return b
}

var words = strings.Fields("archive harbour letter notes minutes treaty survey report telegram conversation delegation frontier railway university parliament memorandum economic cultural agreement exchange student grain steel lighthouse river mountain village museum photograph negotiation ambassador congress")

// appendRecord makes a record of about 1.3 KB, as the median of real ones is.
func appendRecord(b []byte, i int, revision int64) []byte {
	b = appendHeader(append(b, `<record>`...), i, revision)
	return append(appendOAIDC(append(b, `<metadata>`...), i, revision), `</metadata></record>`...)
}

func appendHeader(b []byte, i int, _ int64) []byte {
	return fmt.Appendf(b, `<header><identifier>oai:synthetic.example.org:item/%07d</identifier><datestamp>%s</datestamp><setSpec>%c</setSpec></header>`, i, stamp, 'a'+rune(i%5))
}

func appendOAIDC(b []byte, i int, revision int64) []byte {
	word := func(n int) string { return words[(i*7+n*13)%len(words)] }
	b = append(b, `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">`...)
	b = fmt.Appendf(b, `<dc:title>%s and %s: %s no. %d, revision %d</dc:title>`, word(1), word(2), word(3), i, revision)
	b = fmt.Appendf(b, `<dc:creator>Author %d, %s</dc:creator><dc:creator>Author %d, %s</dc:creator>`, i%977, word(4), i%313, word(5))
	b = fmt.Appendf(b, `<dc:subject>%s</dc:subject><dc:subject>%s -- %s</dc:subject>`, word(6), word(7), word(8))
	b = append(b, `<dc:description>`...)
	for n := range 60 {
		b = append(b, word(n*n+9)...)
		b = append(b, ' ')
	}
	b = fmt.Appendf(b, `</dc:description><dc:date>%d-%02d-%02d</dc:date><dc:type>Text</dc:type><dc:language>en</dc:language>`, 1900+i%120, 1+i%12, 1+i%28)
	b = fmt.Appendf(b, `<dc:identifier>https://synthetic.example.org/items/%d</dc:identifier><dc:rights>http://rightsstatements.org/vocab/InC/1.0/</dc:rights>`, i)
	return append(b, `</oai_dc:dc>`...)
}
