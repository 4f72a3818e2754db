// Command partition takes the events of one partition from a durable consumer, and prints what it does with each: the
// way of a service that applies events itself, on several machines at once.
//
//	go run ./partition -nats nats://127.0.0.1:4222 p07
//	go run ./partition -nats nats://127.0.0.1:4222 -once p07
//
// All changes of a record are in one partition (p00 to p15), so as many as sixteen of these keep the order of each record. The
// broker remembers what each has acknowledged. With -once it ends when nothing more is there.
//
// What it holds is in memory here. In a service it is a table, and each event is one transaction.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

func main() {
	server := flag.String("nats", "nats://127.0.0.1:4222", "where the gateway's events are")
	once := flag.Bool("once", false, "end when nothing more is there")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: partition [-nats URL] [-once] p00…p15")
	}
	if err := run(context.Background(), *server, flag.Arg(0), *once); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, server, partition string, once bool) error {
	nc, err := nats.Connect(server, nats.MaxReconnects(-1))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	consumer, err := js.CreateOrUpdateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{
		Durable:       "catalogue-" + partition,
		FilterSubject: "sheaf.v1.records.*." + partition + ".*",
		AckPolicy:     jetstream.AckExplicitPolicy,
		MaxAckPending: 1, // the next one comes when this one is done, so the order is kept also when one is delivered again
	})
	if err != nil {
		return err
	}
	held := map[string]pipeline.Cursor{} // of deleted records too: else an event that comes again brings them back
	for {
		batch, err := consumer.Fetch(1, jetstream.FetchMaxWait(2*time.Second))
		if err != nil {
			return err
		}
		got := 0
		for m := range batch.Messages() {
			got++
			if err := apply(held, m.Data()); err != nil {
				return err // not acknowledged: it comes again
			}
			if err := m.DoubleAck(ctx); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
			return err
		}
		if !once || got > 0 {
			continue
		}
		info, err := consumer.Info(ctx) // a broker that is busy may have been silent for another reason
		if err != nil {
			return err
		}
		if info.NumPending == 0 && info.NumAckPending == 0 {
			return nil
		}
	}
}

// apply applies an event if it is later than what is held of the record.
func apply(held map[string]pipeline.Cursor, data []byte) error {
	var ev struct{ Data follow.Change }
	if err := json.Unmarshal(data, &ev); err != nil {
		return err
	}
	c := &ev.Data
	at := pipeline.Cursor{Epoch: c.Epoch, Seq: c.Seq}
	if !held[c.Identifier].Before(at) {
		return nil
	}
	held[c.Identifier] = at
	switch {
	case c.Deleted():
		fmt.Println(at, "delete", c.Identifier, c.Reason)
	case c.Record == nil:
		fmt.Println(at, "fetch", c.Identifier, c.Links.OAI)
	default:
		fmt.Println(at, "put", c.Identifier, c.Record.First("title"))
	}
	return nil
}
