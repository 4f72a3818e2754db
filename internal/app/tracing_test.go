package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// TestTraces: the trace of a page has a record's way from its fetch to the acknowledgement of its event, and nothing of the
// record; requests of /oai are traced too.
func TestTraces(t *testing.T) {
	var mu sync.Mutex
	traces, said := map[string][]string{}, ""
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		var request otlp.TracesData // an ExportTraceServiceRequest has the same fields
		if err != nil || r.Header.Get("X-Tenant") != "library" || proto.Unmarshal(body, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		said += request.String()
		for _, of := range request.ResourceSpans {
			for _, scope := range of.ScopeSpans {
				for _, s := range scope.Spans {
					traces[string(s.TraceId)] = append(traces[string(s.TraceId)], s.Name)
				}
			}
		}
	}))
	t.Cleanup(collector.Close)
	src, dir := newProvider(t, 10), t.TempDir()
	for n := range 15 {
		src.put(n, "a title to keep")
	}
	headers := filepath.Join(dir, "headers")
	if err := os.WriteFile(headers, []byte("# of the collector\nX-Tenant: library\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := start(t, configure(t, dir, embedded+fmt.Sprintf("tracing: {otlp: '%s', headers_file: '%s'}\nsources: {src: {kind: oai, from: '%s'}}\n", collector.URL, headers, src.url)), app.Options{})
	g.harvest(t, "src", false)
	g.published(t)
	resp, _ := fetch(t, g.Addresses().Public+"oai?verb=ListRecords&metadataPrefix=oai_dc", "test")
	number := resp.Header.Get("X-Request-Id")
	waitFor(t, "the traces of two pages, their run and the request", func() bool {
		mu.Lock()
		defer mu.Unlock()
		whole, runs, requests := 0, 0, 0
		for _, names := range traces {
			all := strings.Join(names, " ")
			switch {
			case strings.Contains(all, "fetch") && strings.Contains(all, "prepare") && strings.Contains(all, "commit") && strings.HasSuffix(all, "publish"):
				whole++
			case all == "harvest":
				runs++
			case all == "OAI-PMH ListRecords":
				requests++
			}
		}
		return whole == 2 && runs == 1 && requests == 1
	})
	waitFor(t, "the metrics to count the spans, which they do after the collector's answer", func() bool {
		_, metrics := fetch(t, g.Addresses().Ops+"metrics", "test")
		return !strings.Contains(metrics, `sheaf_trace_spans_total{result="sent"} 0`) && strings.Contains(metrics, `sheaf_trace_spans_total{result="dropped"} 0`)
	})
	mu.Lock()
	defer mu.Unlock()
	for _, secret := range []string{"a title", "provider.example.org", "127.0.0.1:", "library"} {
		if strings.Contains(strings.ReplaceAll(said, g.Addresses().Public[:len(g.Addresses().Public)-1], ""), secret) {
			t.Errorf("the traces tell %q", secret)
		}
	}
	if !strings.Contains(said, number) {
		t.Error("the trace of a request does not name it")
	}
}
