package oaipmh_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// harvestWithPerl runs HTTP::OAI, which many harvesters are made with, and gives what it took, by identifier.
func harvestWithPerl(t *testing.T, base string, arguments ...string) map[string]string {
	t.Helper()
	if err := exec.Command("perl", "-MHTTP::OAI", "-e", "1").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("perl or HTTP::OAI is missing")
		}
		t.Skip("perl or HTTP::OAI is missing")
	}
	var problems strings.Builder
	cmd := exec.CommandContext(t.Context(), "perl", append([]string{"testdata/harvest.pl", base}, arguments...)...)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, problems.String())
	}
	taken := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		status, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		taken[id] = status
	}
	return taken
}

func TestHTTPOAIHarvestsEverything(t *testing.T) {
	const n = 5000
	m := oaitest.Sample(n)
	var requests atomic.Int32
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String() + "/oai"
	h, err := oaipmh.NewHandler(m, oaipmh.Options{BaseURL: base, PageSize: 500, Keys: [][]byte{testKey}})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if requests.Add(1) == 5 { // in mid-harvest
			m.Delete(oaitest.SampleIdentifier(7))
			m.Delete(oaitest.SampleIdentifier(n - 3))
			m.Put(oaitest.Item{Identifier: "oai:sample.example.org:new", Sets: []string{"papers:odd"}, Metadata: map[string][]byte{"oai_dc": dc("new")}})
		}
	})
	srv.Start()
	defer srv.Close()
	taken := harvestWithPerl(t, base)
	if len(taken) != n+1 || taken["oai:sample.example.org:new"] != "live" || taken[oaitest.SampleIdentifier(50)] != "deleted" ||
		taken[oaitest.SampleIdentifier(7)] != "deleted" || taken[oaitest.SampleIdentifier(n-3)] != "deleted" || taken[oaitest.SampleIdentifier(8)] != "live" {
		t.Errorf("%d records, %d requests", len(taken), requests.Load())
	}
	if odd := harvestWithPerl(t, base, "set", "papers:odd", "from", "2024-06-01", "until", "2024-06-02"); len(odd) != 24 {
		t.Errorf("%d records in a set in two days", len(odd))
	}
}
