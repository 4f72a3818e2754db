package oaipmh_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// crowded is an error that passes.
type crowded struct{}

func (crowded) Error() string             { return "too many" }
func (crowded) Temporary() bool           { return true }
func (crowded) RetryAfter() time.Duration { return 1500 * time.Millisecond }

// What costs much is admitted first; what costs little, or was kept, is answered all the same.
func TestAdmit(t *testing.T) {
	asked, full := 0, false
	h, err := oaipmh.NewHandler(oaitest.Sample(30), oaipmh.Options{
		BaseURL: "http://sample.example.org/oai", Keys: [][]byte{make([]byte, 32)},
		Admit: func(*http.Request) error {
			if asked++; full {
				return crowded{}
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query, accept string
		asks          bool
	}{
		{"verb=ListRecords&metadataPrefix=oai_dc", "text/xml", true},
		{"verb=ListIdentifiers&metadataPrefix=oai_dc", "text/xml", true},
		{"verb=ListRecords&metadataPrefix=oai_dc", "text/html", true},
		{"verb=Identify", "text/xml", false},
		{"verb=ListMetadataFormats", "text/xml", false},
		{"verb=ListRecords", "text/xml", false},
	} {
		for _, full = range []bool{false, true} {
			asked = 0
			r := httptest.NewRequest(http.MethodGet, "/oai?"+c.query, nil)
			r.Header.Set("Accept", c.accept)
			r.Header.Set("Cache-Control", "no-cache")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			switch {
			case (asked > 0) != c.asks:
				t.Errorf("%s: asked %d times", c.query, asked)
			case full && c.asks && (w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2"):
				t.Errorf("%s, not admitted: %d, Retry-After %q", c.query, w.Code, w.Header().Get("Retry-After"))
			case !(full && c.asks) && w.Code != http.StatusOK:
				t.Errorf("%s: %d", c.query, w.Code)
			}
		}
	}
}
