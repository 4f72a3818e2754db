package app_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// An event as a program sees it that knows nothing but NATS and the contract.
type event struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Data struct {
		Identifier string                     `json:"identifier"`
		Epoch      int64                      `json:"epoch,string"`
		Seq        int64                      `json:"seq,string"`
		Prev       int64                      `json:"prev,string"`
		Operation  string                     `json:"operation"`
		Sets       []string                   `json:"sets"`
		Record     map[string]json.RawMessage `json:"record"`
	} `json:"data"`
}

// readStream reads the whole stream of records with nats.go alone.
func readStream(t *testing.T, url string) (out []event) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stream, err := js.Stream(ctx, "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cons, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for range info.State.Msgs {
		m, err := cons.Next()
		if err != nil {
			t.Fatal(err)
		}
		var e event
		if err := json.Unmarshal(m.Data(), &e); err != nil {
			t.Fatalf("%v in %s", err, m.Data())
		}
		if got := m.Headers().Get("Sheaf-Seq"); got != strconv.FormatInt(e.Data.Seq, 10) {
			t.Errorf("header Sheaf-Seq %s in the event of %d", got, e.Data.Seq)
		}
		if ids[e.ID] {
			t.Errorf("the stream has %s twice", e.ID)
		}
		ids[e.ID] = true
		out = append(out, e)
	}
	return out
}

// checkStream holds the stream to the contract: in order, without a gap, and ending in what the log
// has. epoch is the present one.
func checkStream(t *testing.T, events []event, log map[string]pipeline.Record, epoch int64) {
	t.Helper()
	last := map[string]event{}
	var before event
	for _, e := range events {
		if e.Data.Epoch < before.Data.Epoch || e.Data.Epoch == before.Data.Epoch && e.Data.Seq <= before.Data.Seq {
			t.Errorf("%d.%d comes after %d.%d", e.Data.Epoch, e.Data.Seq, before.Data.Epoch, before.Data.Seq)
		}
		want := before.Data.Seq
		if e.Data.Epoch != before.Data.Epoch {
			want = 0
		}
		if e.Data.Prev != want {
			t.Errorf("%d.%d says that %d came before it; it was %d", e.Data.Epoch, e.Data.Seq, e.Data.Prev, want)
		}
		last[e.Data.Identifier] = e
		before = e
	}
	if len(last) != len(log) {
		t.Errorf("the stream has events of %d records, the log has %d", len(last), len(log))
	}
	for id, rec := range log {
		e := last[id]
		op := "upserted"
		if rec.Deleted != pipeline.Live {
			op = "deleted"
		}
		if e.Data.Epoch != epoch || e.Data.Seq != rec.Seq || e.Data.Operation != op {
			t.Errorf("%s: the last event is %d.%d %q, the log has %d.%d %q", id, e.Data.Epoch, e.Data.Seq, e.Data.Operation, epoch, rec.Seq, op)
		}
	}
}
