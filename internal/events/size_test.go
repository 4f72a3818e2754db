package events

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

// The size of the stream says how far the slowest of its consumers has come.
func TestSize(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	if _, err := c.Size(t.Context()); err == nil {
		t.Error("a stream that isn't there has a size")
	}
	publish(t, c, tail(t, c), changes(1, 20))
	size, err := c.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if size.Messages != 20 || size.Bytes == 0 || size.MaxBytes <= 0 || size.Oldest.IsZero() || size.Consumers != 0 {
		t.Errorf("without consumers it is %+v", size)
	}
	stream, err := jet(t, s).Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]int{"fast": 20, "slow": 5} {
		consumer, err := stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: name, AckPolicy: jetstream.AckExplicitPolicy})
		if err != nil {
			t.Fatal(err)
		}
		batch, err := consumer.Fetch(read)
		if err != nil {
			t.Fatal(err)
		}
		for m := range batch.Messages() {
			if err := m.DoubleAck(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if size, err = c.Size(t.Context()); err != nil {
		t.Fatal(err)
	}
	if size.Consumers != 2 || size.Pending != 15 || size.Margin != 5 {
		t.Errorf("with two consumers it is %+v", size)
	}
}
