package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/app"
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

// subscriberURL, in the environment, makes the test program a subscriber: a process of its own that
// reads a whole stream with nats.go alone, and prints it.
const subscriberURL = "SHEAF_TEST_SUBSCRIBER_URL"

// A received message is an event and the header that repeats its place.
type received struct {
	Seq  string
	Data json.RawMessage
}

func runSubscriber(url string) error {
	nc, err := nats.Connect(url)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	stream, err := js.Stream(ctx, "SHEAF_RECORDS")
	if err != nil {
		return err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	cons, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for range info.State.Msgs {
		m, err := cons.Next()
		if err != nil {
			return err
		}
		if m.Headers().Get("Sheaf-Seq") == "" {
			continue // a stray message of somebody else
		}
		if err := out.Encode(received{m.Headers().Get("Sheaf-Seq"), m.Data()}); err != nil {
			return err
		}
	}
	return nil
}

// readStream gives the whole stream of records as a separate process sees it. While the broker starts anew, the process does
// too.
func readStream(t *testing.T, url string) (out []event) {
	t.Helper()
	var printed []byte
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Second) {
		var err error
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), subscriberURL+"="+url)
		cmd.Stderr = os.Stderr
		if printed, err = cmd.Output(); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the subscriber: %v", err)
		}
	}
	ids := map[string]bool{}
	for line := range strings.Lines(string(printed)) {
		var m received
		var e event
		if err := errors.Join(json.Unmarshal([]byte(line), &m), json.Unmarshal(m.Data, &e)); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if m.Seq != strconv.FormatInt(e.Data.Seq, 10) {
			t.Errorf("header Sheaf-Seq %s in the event of %d", m.Seq, e.Data.Seq)
		}
		if ids[e.ID] {
			t.Errorf("the stream has %s twice", e.ID)
		}
		ids[e.ID] = true
		out = append(out, e)
	}
	return out
}

// The same content harvested again, incrementally and in full, publishes nothing.
func TestUnchangedPublishesNothing(t *testing.T) {
	src := newProvider(t, 10)
	for i := range 35 {
		src.put(i, "title", "a")
	}
	src.Delete(identifier(4))
	g := start(t, configure(t, t.TempDir(), embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 1h}}\n", src.url)), app.Options{})
	g.harvest(t, "src", false)
	g.published(t)
	before := readStream(t, g.Addresses().NATS)
	for i := range 35 { // the source stamps everything anew
		if i != 4 {
			src.put(i, "title", "a")
		}
	}
	g.harvest(t, "src", false)
	g.harvest(t, "src", true)
	// What changes now comes after whatever the harvests before had published.
	src.put(7, "another title", "a")
	g.harvest(t, "src", false)
	g.published(t)
	after := readStream(t, g.Addresses().NATS)
	if len(before) != 35 || len(after) != 36 || after[35].Data.Identifier != "oai:test.example.org:src/"+identifier(7) {
		t.Errorf("%d events before, %d after", len(before), len(after))
	}
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
