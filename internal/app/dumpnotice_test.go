package app_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/feed"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Each dump that is made is told of on NATS, by the schema that is published of it, with what its manifest says.
func TestDumpIsToldOf(t *testing.T) {
	src := newProvider(t, 50)
	for n := range 120 {
		src.put(n, "title")
	}
	g := start(t, configure(t, t.TempDir(), embedded+"sources: {src: {kind: oai, from: '"+src.url+"'}}\n"), app.Options{})
	g.harvest(t, "src", false)
	// A takedown has a dump made at once.
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:src/" + identifier(7), Final: true, Reason: "asked for"}); err != nil {
		t.Fatal(err)
	}
	head, err := g.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	js := jetStream(t, g.Addresses().NATS)
	var notices jetstream.Consumer
	waitFor(t, "the stream", func() bool {
		var err error
		notices, err = js.OrderedConsumer(t.Context(), "SHEAF_OPS", jetstream.OrderedConsumerConfig{FilterSubjects: []string{"sheaf.v1.snapshots.>"}})
		return err == nil
	})
	text, err := events.Schema("snapshot")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(90 * time.Second); ; { // dumps of before the takedown may have come
		m, err := notices.Next(jetstream.FetchMaxWait(time.Until(deadline)))
		if err != nil {
			t.Fatalf("no dump of the head is told of: %v", err)
		}
		var all map[string]any
		var notice struct {
			ID, Type string
			Data     struct {
				Cursor, URL        string
				Rows, Parts, Bytes int64
			}
		}
		if err := json.Unmarshal(m.Data(), &all); err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal(m.Data(), &notice) // what is of another type is found next
		if faults := schematest.Conform(schema, all, ""); faults != nil {
			t.Fatalf("%v\n%s", faults, m.Data())
		}
		if m.Subject() != "sheaf.v1.snapshots.published" || notice.Type != "sheaf.snapshot.published.v1" || m.Headers().Get("Nats-Msg-Id") != notice.ID {
			t.Fatalf("%s, %v: %s", m.Subject(), m.Headers(), m.Data())
		}
		if notice.Data.Cursor != head.Cursor.String() {
			continue
		}
		status, body := get(t, notice.Data.URL)
		var made feed.Manifest
		if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d, %v", notice.Data.URL, status, err)
		}
		if d := notice.Data; d.URL != g.Addresses().Public+"dump" || d.Cursor != made.Cursor || d.Rows != made.Rows || d.Parts != int64(len(made.Parts)) || d.Bytes != made.Size() || d.Bytes == 0 {
			t.Errorf("told is %s\nand the manifest says %s", m.Data(), body)
		}
		return
	}
}
