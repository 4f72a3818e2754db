package site

import (
	"testing"
	"time"
)

// The list of a source says how large and how fresh it is, and where its feed, its set and its facets are.
func TestAboutSource(t *testing.T) {
	log, h := library(t, 30)
	var complete time.Time
	holdings, err := log.Holdings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range holdings {
		complete = s.Complete
	}
	fresh := "none yet"
	if !complete.IsZero() {
		fresh = complete.UTC().Format("2 January 2006, 15:04:05 UTC")
	}
	see(t, h, "/search?source=new", 200, texts("[aria-labelledby=about] dd", "30", fresh, "for feed readers (Atom)", "new", "Search in it"),
		in("[aria-labelledby=about] a[type]", attr("href", "/below/feed.atom?source=new")),
		in("[aria-labelledby=about] a:has(code)", attr("href", "https://gateway.example/below/oai?verb=ListRecords&metadataPrefix=oai_dc&set=new")))
	see(t, h, "/search", 200, none("[aria-labelledby=about]"))
	see(t, New(newSite(&memory{epoch: 1}).Options), "/search?source=cold-war", 200, texts("[aria-labelledby=about] dd", "0", "none yet", "for feed readers (Atom)", "cold-war"))
}
