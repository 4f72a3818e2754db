package oaipmh_test

import (
	"fmt"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

func ExampleReadResponse() {
	page := []byte(`<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
  <responseDate>2026-05-01T10:00:00Z</responseDate>
  <request verb="ListRecords">https://repository.example.org/oai</request>
  <ListRecords>
    <record>
      <header><identifier>oai:repository.example.org:1</identifier><datestamp>2026-04-30</datestamp></header>
      <metadata><note xmlns="urn:example">Letters &amp; notebooks, caf&eacute; accounts</note></metadata>
    </record>
    <record>
      <header status="deleted"><identifier>oai:repository.example.org:2</identifier><datestamp>2026-04-30</datestamp></header>
    </record>
    <resumptionToken completeListSize="120">page-2</resumptionToken>
  </ListRecords>
</OAI-PMH>`)
	r, err := oaipmh.ReadResponse(page)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rec := range r.Records {
		fmt.Printf("%s deleted=%v %s %q\n", rec.Identifier, rec.Deleted, rec.Metadata, rec.Received.Repairs)
	}
	fmt.Printf("next %q of %d\n", r.Token.Value, r.Token.CompleteListSize)
	// Output:
	// oai:repository.example.org:1 deleted=false <note xmlns="urn:example">Letters &amp; notebooks, café accounts</note> ["Entities that XML does not know were replaced."]
	// oai:repository.example.org:2 deleted=true  []
	// next "page-2" of 120
}
