package oaitest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A repository is checked without a network, as in the tests of a program that implements one.
func ExampleCheckRepository() {
	report, err := oaitest.CheckRepository(context.Background(), oaitest.Sample(40), oaipmh.Options{}, oaitest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	demands, advice := report.Failures()
	fmt.Println(report.Records, "records;", len(demands), "demands and", len(advice), "pieces of advice not met")
	// Output: 40 records; 0 demands and 0 pieces of advice not met
}

// A harvester is tested against a server that loses a record at the edge of its pages.
func ExampleHostile() {
	server, err := oaitest.NewHostile(oaitest.Sample(40), "http://sample.example.org/oai")
	if err != nil {
		log.Fatal(err)
	}
	if err := server.Play("lost-record"); err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: oaitest.Transport(server)}
	report, err := oaitest.Check(context.Background(), "http://sample.example.org/oai", oaitest.Options{Client: client, Delay: -1})
	if err != nil {
		log.Fatal(err)
	}
	result, _ := report.Result("identifiers-agree")
	fmt.Println(result.Found)
	// Output: ListIdentifiers has oai:sample.example.org:000011, and ListRecords does not
}
