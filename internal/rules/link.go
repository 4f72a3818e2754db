package rules

import (
	"strings"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// linked gives a record that leads nowhere the gateway's own page about it as its landing page, because aggregators refuse
// records without a link (BASE, DPLA, Europeana). It comes before anything is made of the record, so that every format, the
// events and the measure of quality have the same. It does nothing unless the configuration names the gateway's public
// address: any other address would work on this machine at most.
func (r *Rules) linked(identifier string, record *dublincore.Record) (page dublincore.Value, added bool) {
	url := pipeline.RecordURL(r.Gateway.Root, identifier)
	if url == "" || leadsSomewhere(record) {
		return dublincore.Value{}, false
	}
	page = dublincore.Value{Term: dublincore.Landing, Text: url, Scheme: "URI", From: dublincore.Context}
	return page, record.Add(page)
}

// leadsSomewhere reports whether the record has a link that oai_dc has a place for. A file alone is none: harvesters of
// oai_dc never hear of it.
func leadsSomewhere(record *dublincore.Record) bool {
	for i := range record.Values {
		switch v := &record.Values[i]; v.Term {
		case dublincore.Landing:
			return true
		case dublincore.Identifier:
			if strings.HasPrefix(v.Text, "https://") || strings.HasPrefix(v.Text, "http://") {
				return true
			}
		}
	}
	return false
}

// leadsHere reports whether the landing page of the record is the gateway's own.
func (r *Rules) leadsHere(record *dublincore.Record) bool {
	page, _ := record.First(dublincore.Landing)
	return r.Gateway.Root != "" && page.From == dublincore.Context && strings.HasPrefix(page.Text, r.Gateway.Root+pipeline.RecordsPath)
}
