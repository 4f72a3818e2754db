package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/app"
)

// Whatever URL of the gateway stands in an event, of records and for operators, leads somewhere: to the
// record, to its tombstone, to the records of its source.
func TestLinksInEventsLeadSomewhere(t *testing.T) {
	src, private := newProvider(t, 10), newProvider(t, 10)
	for i := range 4 {
		src.put(i, "title")
		private.put(i, "title")
	}
	src.Delete(identifier(2))
	private.Delete(identifier(1))
	g := start(t, configure(t, t.TempDir(), embedded+fmt.Sprintf("sources:\n  src: {kind: oai, from: '%s'}\n  private: {kind: oai, from: '%s', events: pointer}\n", src.url, private.url)), app.Options{})
	g.harvest(t, "src", false)
	g.harvest(t, "private", false)
	g.published(t)
	base := strings.TrimSuffix(g.Addresses().Public, "/")
	kinds := map[string]int{}
	for stream, want := range map[string]int{"SHEAF_RECORDS": 8, "SHEAF_OPS": 2} {
		for _, data := range everything(t, g.Addresses().NATS, stream, want) {
			for place, link := range urls(t, base, data) {
				kinds[place]++
				resp, err := http.Get(link)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				deleted := strings.Contains(string(data), `"operation":"deleted"`)
				good := resp.StatusCode == http.StatusOK || deleted && place == "/data/links/page" && resp.StatusCode == http.StatusGone
				if err != nil || !good || strings.Contains(string(body), "<error") {
					t.Errorf("%s leads to %s, %s: %v", place, link, resp.Status, err)
				}
			}
		}
	}
	for _, place := range []string{"/source", "/dataref", "/data/links/oai", "/data/links/page"} {
		if kinds[place] == 0 {
			t.Errorf("no event has a link at %s: %v", place, kinds)
		}
	}
}

// jetStream connects to a broker until the test ends.
func jetStream(t *testing.T, url string, options ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// everything is what a stream holds, at least n messages.
func everything(t *testing.T, url, stream string, n int) (all [][]byte) {
	t.Helper()
	cons, err := jetStream(t, url).OrderedConsumer(t.Context(), stream, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for len(all) < n {
		m, err := cons.Next(jetstream.FetchMaxWait(10 * time.Second))
		if err != nil {
			t.Fatalf("message %d of %s: %v", len(all)+1, stream, err)
		}
		all = append(all, m.Data())
	}
	return all
}

// urls are the strings of a JSON document that begin with base, by where they stand.
func urls(t *testing.T, base string, data []byte) map[string]string {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	var look func(place string, v any)
	look = func(place string, v any) {
		switch v := v.(type) {
		case string:
			if strings.HasPrefix(v, base) {
				found[place] = v
			}
		case map[string]any:
			for name, member := range v {
				look(place+"/"+name, member)
			}
		}
	}
	look("", document)
	return found
}
