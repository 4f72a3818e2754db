package oaitest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// Whatever an endpoint answers, the checks end, without a panic, and with a finding.
func FuzzCheck(f *testing.F) {
	f.Add("", "text/xml")
	f.Add("<OAI-PMH/>", "text/xml")
	f.Add(`<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-01-01T00:00:00Z</responseDate><request>x</request>`+
		`<ListRecords><record/><resumptionToken cursor="x" completeListSize="-1"> a </resumptionToken></ListRecords></OAI-PMH>`, "text/xml")
	f.Add(`<OAI-PMH><Identify><granularity/><description/></Identify></OAI-PMH>`, "")
	f.Fuzz(func(t *testing.T, body, kind string) {
		good, err := oaipmh.NewHandler(oaitest.Sample(12), oaipmh.Options{BaseURL: "http://a.example.org/oai", PageSize: 5, Keys: [][]byte{make([]byte, 16)}})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		odd := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n%2 == 0 || n == 1 && len(body)%2 == 0 {
				good.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", kind)
			w.Write([]byte(body))
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r, err := oaitest.Check(ctx, "http://a.example.org/oai", oaitest.Options{
			Client: &http.Client{Transport: oaitest.Transport(odd)}, Delay: -1, MaxWait: -1, MaxPages: 20,
		})
		if err != nil {
			t.Fatal(err)
		}
		if demands, _ := r.Failures(); len(demands) == 0 {
			t.Fatalf("nothing was found wrong with %q:\n%s", body, text(t, r))
		}
	})
}
