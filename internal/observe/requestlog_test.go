package observe

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// A failing repository can't list.
type failing struct{ *oaitest.Memory }

func (failing) List(context.Context, *oaipmh.Query, func(*oaipmh.Record) bool) (*oaipmh.Listing, error) {
	return nil, errors.New("the disk is gone")
}

// ask makes a request of a repository, and gives its number and the log.
func ask(t *testing.T, repo oaipmh.Repository, all bool, query string) (id, log string) {
	t.Helper()
	var out bytes.Buffer
	l := &RequestLog{Logger: slog.New(slog.NewTextHandler(&out, nil)), All: all}
	h, err := oaipmh.NewHandler(repo, oaipmh.Options{
		BaseURL: "https://gateway.example.org/oai", PageSize: 3, Keys: [][]byte{[]byte("sixteen bytes of key")},
		Observe: func(r *http.Request, o oaipmh.Observation) { l.Observe(netip.MustParseAddr("192.0.2.7"), r, &o) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/oai?"+query, nil)
	r.Header.Set("User-Agent", "walker\n"+strings.Repeat("x", 1000))
	l.Handler(h).ServeHTTP(w, r)
	if _, token, ok := strings.Cut(w.Body.String(), "<resumptionToken"); ok {
		_, token, _ = strings.Cut(token, ">")
		if token, _, _ = strings.Cut(token, "<"); token == "" || strings.Contains(out.String(), token) {
			t.Errorf("the log has the token %q:\n%s", token, &out)
		}
	}
	return w.Header().Get(RequestID), out.String()
}

// By choice every request has a line; one that could not be answered always has. The line has the number of the answer,
// and is one line whatever a harvester calls itself.
func TestRequestLog(t *testing.T) {
	const list = "verb=ListRecords&metadataPrefix=oai_dc&from=2000-01-01T00:00:00Z"
	id, log := ask(t, oaitest.Sample(7), true, list)
	if len(id) != 13 || strings.Count(log, "\n") != 1 || len(log) > 600 {
		t.Errorf("the request %q:\n%s", id, log)
	}
	for _, want := range []string{"level=INFO", "request=" + id, "client=192.0.2.7", "verb=ListRecords", "status=200", "prefix=oai_dc", "from=2000-01-01T00:00:00Z", "records=3", "took="} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if _, log = ask(t, oaitest.Sample(7), true, "verb=Nonsense"); !strings.Contains(log, "codes=[badVerb]") || strings.Contains(log, "Nonsense") {
		t.Errorf("a request that is wrong: %s", log)
	}
	if id, log = ask(t, oaitest.Sample(7), false, list); id == "" || log != "" {
		t.Errorf("without the choice: %q %s", id, log)
	}
	if id, log = ask(t, failing{oaitest.Sample(7)}, false, list); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "request="+id) || !strings.Contains(log, "the disk is gone") {
		t.Errorf("a request that failed: %q %s", id, log)
	}
}
