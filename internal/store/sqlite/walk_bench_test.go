package sqlite

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/endpoint"
	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// nothing is a client that throws everything away.
type nothing struct{ header http.Header }

func (n nothing) Header() http.Header         { return n.header }
func (n nothing) Write(b []byte) (int, error) { return len(b), nil }
func (n nothing) WriteHeader(int)             {}

// BenchmarkWalk reads the pages of the whole list from the log, through the handler.
func BenchmarkWalk(b *testing.B) {
	s, run := benchStore(b)
	fillBench(b, s, run, 100_000)
	h, err := oaipmh.NewHandler(&endpoint.Repository{Log: s, Name: "A", AdminEmails: []string{"a@a.example"}},
		oaipmh.Options{BaseURL: "http://a.example/oai", Keys: [][]byte{[]byte("a key of 16 bytes")}})
	if err != nil {
		b.Fatal(err)
	}
	var pages []*http.Request
	for next := "metadataPrefix=oai_dc"; next != ""; {
		r := httptest.NewRequest("GET", "/oai?verb=ListRecords&"+next, nil)
		r.Header.Set("Cache-Control", "no-cache")
		pages = append(pages, r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := w.Body.String()
		next = ""
		if end := strings.LastIndex(body, "</resumptionToken>"); end > 0 {
			next = "resumptionToken=" + body[strings.LastIndexByte(body[:end], '>')+1:end]
		}
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		h.ServeHTTP(nothing{http.Header{}}, pages[n%len(pages)])
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pages/s")
}
