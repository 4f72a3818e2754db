package events

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// durable makes a consumer that has acknowledged the first n messages that it wants.
func durable(t *testing.T, stream jetstream.Stream, name, filter string, n int) jetstream.Consumer {
	t.Helper()
	c, err := stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: name, FilterSubject: filter, AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	acknowledge(t, c, n)
	return c
}

func acknowledge(t *testing.T, c jetstream.Consumer, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	batch, err := c.Fetch(n)
	if err != nil {
		t.Fatal(err)
	}
	for m := range batch.Messages() {
		if err := m.DoubleAck(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Of each durable consumer it is known what it has yet to read and how near it is to missing something; a notice says
// so when it comes near, when it has missed something, and when all is well again. A consumer that wants little of the
// stream is not behind because of all that it doesn't want.
func TestConsumersAreLookedAfter(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	w := NewConsumerWatch(c, slog.New(slog.DiscardHandler))
	w.runOnce(t.Context())
	if len(w.Consumers()) != 0 {
		t.Errorf("without a stream there are the consumers %v", w.Consumers())
	}
	at := publish(t, c, tail(t, c), changes(1, 200))
	stream, err := jet(t, s).Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	durable(t, stream, "all", "", 200)
	slow := durable(t, stream, "slow", "", 5)
	durable(t, stream, "deletions", "sheaf.v1.records.*.*.deleted", 28)
	durable(t, stream, "slow-deletions", "sheaf.v1.records.*.*.deleted", 1) // the next is 14
	if _, err := stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
		t.Fatal(err) // not durable: nobody comes back to it
	}
	w.runOnce(t.Context())
	got := map[string]Consumer{}
	for _, c := range w.Consumers() {
		got[c.Name] = c
	}
	if len(got) != 4 {
		t.Fatalf("the consumers are %v", got)
	}
	for name, want := range map[string]Consumer{
		"all": {Room: 1}, "deletions": {Room: 1},
		"slow": {Pending: 195, Margin: 5}, "slow-deletions": {Pending: 27, Margin: 13},
	} {
		have := got[name]
		if have.Pending != want.Pending || have.Margin != want.Margin || have.Missed || have.Behind() || (have.Left > 0) != (want.Pending > 0) {
			t.Errorf("%s: %+v", name, have)
		}
		if want.Room == 1 && have.Room != 1 || have.Room < .9 {
			t.Errorf("%s has the room %v", name, have.Room)
		}
		if time.Since(have.LastAck) > time.Hour {
			t.Errorf("%s acknowledged something at %v", name, have.LastAck)
		}
	}

	// Now the stream is small: the slow ones are near its old end.
	resize := func(bytes int64) {
		t.Helper()
		info, err := stream.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		info.Config.MaxBytes = bytes
		if _, err := jet(t, s).UpdateStream(t.Context(), info.Config); err != nil {
			t.Fatal(err)
		}
	}
	size, err := c.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	resize(int64(size.Bytes) + 100)
	w.runOnce(t.Context())
	behind(t, w, "slow", "slow-deletions")
	publish(t, c, at, changes(201, 300))
	w.runOnce(t.Context())
	if !slices.Equal(missed(w), []string{"slow", "slow-deletions"}) || w.Missed() != 2 {
		t.Errorf("%v have missed events, in all %d", missed(w), w.Missed())
	}
	acknowledge(t, slow, 300) // it reads on
	w.runOnce(t.Context())
	if !slices.Equal(missed(w), []string{"slow-deletions"}) {
		t.Errorf("%v have missed events and not gone on", missed(w))
	}
	var told []string
	for _, m := range messages(t, s, "SHEAF_OPS") {
		told = append(told, m.Subject)
		if f := conform(schemaOf(t, "consumer"), object(t, m.Data), ""); f != nil {
			t.Errorf("the notice %s: %v", m.Data, f)
		}
	}
	for _, want := range []string{"consumers.slow.falling-behind", "consumers.slow.missed-events", "consumers.slow.recovered", "consumers.slow-deletions.missed-events"} {
		if !slices.Contains(told, "sheaf.v1."+want) {
			t.Errorf("nobody was told of %s: %v", want, told)
		}
	}
	w.runOnce(t.Context())
	if n := len(messages(t, s, "SHEAF_OPS")); n != len(told) {
		t.Errorf("%d notices more, and nothing has changed", n-len(told))
	}
}

func behind(t *testing.T, w *ConsumerWatch, want ...string) {
	t.Helper()
	var got []string
	for _, c := range w.Consumers() {
		if c.Behind() {
			got = append(got, c.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v are behind, want %v: %+v", got, want, w.Consumers())
	}
}

func missed(w *ConsumerWatch) (names []string) {
	for _, c := range w.Consumers() {
		if c.Missed {
			names = append(names, c.Name)
		}
	}
	return names
}

// Names of consumers are other people's: as a label they are short, and there are not too many of them.
func TestNameOfANoticeAboutAConsumer(t *testing.T) {
	n := newNames("SHEAF")
	got, err := n.notice(pipeline.Notice{Type: consumerBehind, Source: "a b.c>"})
	if err != nil || got != "sheaf.v1.consumers.a_b_c_.falling-behind" {
		t.Errorf("%q, %v", got, err)
	}
}
