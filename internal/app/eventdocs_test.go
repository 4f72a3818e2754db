package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The description of events is served with the names of this gateway's streams, the schemas beside it, and nothing else.
func TestEventDocuments(t *testing.T) {
	h := http.StripPrefix(eventDocuments, describeEvents("ARCHIVE"))
	for name, want := range map[string]struct {
		status         int
		kind, contains string
	}{
		"asyncapi.yaml":                   {200, "application/yaml", "address: archive.v1.records.{source}"},
		"record-event.v1.schema.json":     {200, "application/schema+json", `"sheaf.record.upserted.v1"`},
		"consumer-event.v1.schema.json":   {200, "application/schema+json", "falling-behind"},
		"webhook-event.v1.schema.json":    {200, "application/schema+json", "pass-completed"},
		"":                                {404, "text/plain", "no such document"},
		"encode.go":                       {404, "text/plain", "no such document"},
		"../record-event.v1.schema.json":  {404, "text/plain", "no such document"},
		"x/record-event.v1.schema.json":   {404, "text/plain", "no such document"},
		"record-event.v1.schema.json/../": {404, "text/plain", "no such document"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = eventDocuments + name
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want.status || !strings.HasPrefix(w.Header().Get("Content-Type"), want.kind) || !strings.Contains(w.Body.String(), want.contains) {
			t.Errorf("%q: %d, %s, %.80s", name, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if strings.Contains(w.Body.String(), "SHEAF_RECORDS") {
			t.Errorf("%q names a stream that is not this gateway's", name)
		}
	}
}
