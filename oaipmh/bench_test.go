package oaipmh_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
)

// endless is a list without end and without cost, so that what is measured is the handler.
type endless struct {
	one
	rec oaipmh.Record
}

func (e *endless) List(_ context.Context, _ *oaipmh.Query, offer func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	for offer(&e.rec) {
	}
	return &oaipmh.Listing{Head: start, Next: "123456", Size: 1_000_000}, nil
}

// nothing is a client that throws everything away.
type nothing struct{ header http.Header }

func (n nothing) Header() http.Header         { return n.header }
func (n nothing) Write(b []byte) (int, error) { return len(b), nil }
func (n nothing) WriteHeader(int)             {}

func BenchmarkListRecords(b *testing.B) {
	e := &endless{rec: oaipmh.Record{
		Identifier: id(1), Datestamp: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), Sets: []string{"source", "source:col_123"},
		Metadata: dc(strings.Repeat("Dokument mbi Shqipërinë, 1957. ", 35)),
	}}
	h := serve(b, e, oaipmh.Options{PageSize: 1000, MaxPageBytes: 64 << 20})
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run(encoding, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/oai?"+records, nil)
			r.Header.Set("Accept-Encoding", encoding)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(nothing{http.Header{}}, r)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
		})
	}
}
