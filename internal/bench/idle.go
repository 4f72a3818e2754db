package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/machine"
)

const (
	idle       = 1000 // followers: one in ten reads the stream, which takes so many consumers and no more, and the others HTTP
	idleTime   = 20 * time.Second
	idleSettle = 5 * time.Second // until all wait who have just come
)

// An Idle is where followers wait for whom there is no news. They are a process of their own, as the clients of a Load are:
// their own work would pass for the gateway's.
type Idle struct {
	Public, NATS, Cursor string
}

// An Idled is how the followers stand, from time to time.
type Idled struct {
	Waiting, Failed int64
	Spent           time.Duration // processor time of theirs
}

// idleFollowers has followers wait at the event stream, at /changes, and for server-sent events, and measures what the
// gateway spends on them, beside what it spends without them.
func (b *bench) idleFollowers(ctx context.Context) error {
	if machine.OpenFiles() < 5*idle {
		b.add("this process may not open enough files for idle followers", 0, "")
		return nil
	}
	alone := share(ctx)
	info, err := b.client.Info(ctx)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "-wait")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the followers: %w", err)
	}
	at := b.gateway.Addresses()
	told := json.NewDecoder(out)
	var first, last Idled
	err = json.NewEncoder(in).Encode(Idle{at.Public, at.NATS, info.Head.Cursor.String()})
	if err == nil {
		err = told.Decode(&first)
	}
	with := share(ctx)
	if err = errors.Join(err, in.Close()); err == nil { // it ends with its standard input
		err = told.Decode(&last)
	}
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return fmt.Errorf("the idle followers: %w", err)
	}
	if failed := last.Failed - first.Failed; first.Waiting < idle*9/10 || failed > 0 { // some are just asking again
		return fmt.Errorf("of %d followers %d waited, and %d failed", idle, first.Waiting, failed)
	}
	b.aim(fmt.Sprintf("%d idle followers, what the gateway does for them", idle), with-alone, "% of a core", 2)
	b.add("  what it does without them", alone, "% of a core")
	b.add("  the followers' own work", 100*(last.Spent-first.Spent).Seconds()/idleTime.Seconds(), "% of a core")
	return nil
}

// share is how much of a core this process spends for a while.
func share(ctx context.Context) float64 {
	used, start := processorTime(), time.Now()
	select {
	case <-time.After(idleTime):
	case <-ctx.Done():
	}
	return 100 * (processorTime() - used).Seconds() / time.Since(start).Seconds()
}

// idleMain is the process of the followers: it reads an Idle, says how they stand once all wait, and again when its standard
// input ends.
func idleMain() error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var where Idle
	if err := json.Unmarshal(line, &where); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	f := followers{Idle: where, client: &http.Client{Transport: &http.Transport{}}}
	for i := range idle {
		all.Go(func() { f.follow(ctx, i) })
	}
	for deadline := time.Now().Add(time.Minute); f.waiting.Load() < idle && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(idleSettle)
	out := json.NewEncoder(os.Stdout)
	tell := func() error { return out.Encode(Idled{f.waiting.Load(), f.failed.Load(), processorTime()}) }
	if err := tell(); err != nil {
		return err
	}
	_, _ = in.ReadByte()
	return tell()
}

type followers struct {
	Idle
	client          *http.Client
	waiting, failed atomic.Int64
}

// follow is one of them.
func (f *followers) follow(ctx context.Context, i int) {
	for ctx.Err() == nil {
		var err error
		switch {
		case i%10 == 0:
			err = f.listen(ctx)
		case i%2 == 0:
			err = f.get(ctx, "application/x-ndjson")
		default:
			err = f.get(ctx, "text/event-stream")
		}
		if err != nil && ctx.Err() == nil {
			f.failed.Add(1)
			time.Sleep(time.Second)
		}
	}
}

func (f *followers) get(ctx context.Context, accept string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.Public+"changes?wait=60s&after="+f.Cursor, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", accept)
	f.waiting.Add(1)
	defer f.waiting.Add(-1)
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func (f *followers) listen(ctx context.Context) error {
	nc, err := nats.Connect(f.NATS)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	cons, err := js.CreateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy, AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		return err
	}
	f.waiting.Add(1)
	defer f.waiting.Add(-1)
	messages, err := cons.Messages()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, messages.Stop)()
	_, err = messages.Next()
	return err
}
