package oai_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/oai"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A repository as a source: the first pass brings everything, and compares it with the list of headers, because this
// repository does not say how many records it has. The cursor at its end begins a pass that brings
// what has changed since.
func Example() {
	var shelf oaitest.Memory
	shelf.Put(oaitest.Item{Identifier: "oai:shelf.example.org:1", Metadata: map[string][]byte{"oai_dc": oaitest.SampleDC("Emma")}})
	h, err := oaipmh.NewHandler(&shelf, oaipmh.Options{BaseURL: "https://shelf.example.org/oai", Keys: [][]byte{make([]byte, 32)}})
	if err != nil {
		log.Fatal(err)
	}
	repository := httptest.NewServer(h)
	defer repository.Close()

	fetcher := harvest.NewFetcher(harvest.Options{Contact: "librarian@example.org", Reach: harvest.Reach{From: []string{repository.URL}}})
	source, err := oai.New(oai.Config{BaseURL: repository.URL}, fetcher)
	if err != nil {
		log.Fatal(err)
	}
	at := harvest.Cursor("")
	for passes := 0; passes < 2; {
		page, err := source.Page(context.Background(), at)
		if err != nil {
			log.Fatal(err)
		}
		for _, item := range page.Items {
			fmt.Println(item.Identifier, "deleted:", item.Deleted, "only listed:", item.Listed)
		}
		fmt.Println("everything:", page.Full, "done:", page.Done)
		if at = page.Next; page.Done {
			passes++
			shelf.Delete("oai:shelf.example.org:1")
		}
	}
	// Output:
	// oai:shelf.example.org:1 deleted: false only listed: false
	// everything: true done: false
	// oai:shelf.example.org:1 deleted: false only listed: true
	// everything: true done: true
	// oai:shelf.example.org:1 deleted: true only listed: false
	// everything: false done: true
}
