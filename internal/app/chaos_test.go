package app_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// chaosTime is how long TestEverythingAtOnce goes on. The short form runs everywhere; continuous
// integration gives it minutes, a person an hour.
var chaosTime = flag.Duration("chaos", 20*time.Second, "how long TestEverythingAtOnce goes on")

// chaosItems is how many items the source has. Few, so that each changes many times.
const chaosItems = 600

// A real gateway in a process of its own is killed, cut off from its source and its broker, starved of
// disk and of open files, given a clock that jumps, put back to an older state of its folder and
// restored from a backup, beside neighbours on the broker who wish it ill; while its source changes,
// harvesters follow it by OAI-PMH, a consumer follows its events, and programs in processes of their own that
// are killed and stopped, too, keep copies of it. When all is over nothing is lost, nothing is in the stream twice, nobody
// missed a change, each copy has the digest of the log, and the gateway is ready again by itself.
func TestEverythingAtOnce(t *testing.T) {
	for name, broker := range map[string]func(*testing.T) *chaosBroker{"embedded broker": nil, "broker beside": newChaosBroker} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newChaosWorld(t, broker).run(t)
		})
	}
}

// A chaosWorld is a gateway with everything around it.
type chaosWorld struct {
	source *provider
	// The gateway reaches its source, and a broker beside it, through lines that can be cut.
	sourceLine, brokerLine *line
	broker                 *chaosBroker // nil: the gateway has one of its own
	cfg                    *config.Config
	file                   string // of the configuration
	disk                   *smallDisk
	offset                 string // the file with the offset of the gateway's clock
	gateway                *child
	public, ops, nats      string
	random                 *rand.Rand

	consumer  *chaosConsumer
	followers []*follower
	processes []*chaosProcess
	// Where the receiver of the webhook listens, the file with its secret, and what it has received.
	receiver, secret, journal string

	lost   atomic.Int64 // how often the log went back to an older state
	unseen atomic.Int64 // how often it did so without its knowing
	log    chaosLog
}

func newChaosWorld(t *testing.T, broker func(*testing.T) *chaosBroker) *chaosWorld {
	t.Helper()
	w := &chaosWorld{source: newProvider(t, 60), random: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))}
	for i := range chaosItems {
		w.source.put(i, fmt.Sprintf("title %d", i), fmt.Sprint("set", i%3))
	}
	w.sourceLine = newLine(t, hostOf(t, w.source.url))
	w.disk = newSmallDisk(t)
	dir := t.TempDir()
	w.offset = filepath.Join(dir, "clock")
	w.file = filepath.Join(dir, "sheaf.yaml")
	w.public = freeport.Address(t)
	ops := freeport.Address(t)
	w.ops = "http://" + ops + "/"
	address := freeport.Address(t)
	events := fmt.Sprintf("events: {listen: '%s', keep: {bytes: 600MB}}\n", address)
	if broker != nil {
		w.broker = broker(t)
		w.brokerLine = newLine(t, w.broker.address)
		address = w.broker.address
		events = fmt.Sprintf("events: {kind: nats, urls: ['nats://%s'], replicas: 1, keep: {bytes: 600MB}}\n", w.brokerLine.address())
	}
	w.nats = "nats://" + address
	w.receiver = freeport.Address(t)
	w.secret = filepath.Join(dir, "secret")
	if err := os.WriteFile(w.secret, []byte("whsec_"+webhookKey), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("gateway: {name: Chaos, namespace: test.example.org, contact: test@example.org}\n"+
		"data: '%s'\nlisten: {public: '%s', ops: '%s'}\noai: {page_size: 50}\n%s"+
		"webhooks: {receiver: {url: 'http://%s/', secret_file: '%s', from: beginning, timeout: 2s, allow_private: 127.0.0.0/8}}\n"+
		"sources:\n  src: {kind: oai, from: 'http://%s/oai', overlap: 2s}\n",
		filepath.Join(w.disk.dir, "data"), w.public, ops, events, w.receiver, w.secret, w.sourceLine.address())
	if err := os.WriteFile(w.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.cfg, err = config.Load(w.file, app.ConfigOptions()); err != nil {
		t.Fatal(err)
	}
	return w
}

// run lets everything happen at once, then looks at what became of it.
func (w *chaosWorld) run(t *testing.T) {
	w.up(t)
	defer func() { w.gateway.kill(t) }()
	waitFor(t, "the first records", func() bool { // an empty log believes any clock
		first := &follower{copy: map[string]string{}}
		return first.walk(t.Context(), "http://"+w.public+"/") == nil && len(first.copy) > 0
	})
	ctx, cancel := context.WithCancel(t.Context())
	var background sync.WaitGroup
	background.Go(func() { w.write(ctx) })
	background.Go(func() { w.annoy(ctx) })
	w.consumer = newChaosConsumer(w.nats)
	background.Go(func() { w.consumer.run(ctx) })
	w.followers = []*follower{{}, {last: true}, {set: "src:set1"}, {set: "src:set2", last: true}}
	for _, f := range w.followers {
		f.copy = map[string]string{}
		background.Go(func() {
			for ; ctx.Err() == nil; pause(ctx, 20*time.Millisecond) {
				_ = w.follow(ctx, f) // what failed is asked again
			}
		})
	}
	w.processes = newChaosProcesses(t, w)
	for _, p := range w.processes {
		background.Go(func() {
			if err := p.run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	w.suffer(t, time.Now().Add(*chaosTime))
	cancel()
	background.Wait()
	w.check(t)
	t.Log(w.log.String())
}

// write changes the source for as long as ctx lives, some forty times a second.
func (w *chaosWorld) write(ctx context.Context) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 4))
	for round := 0; ctx.Err() == nil; round++ {
		for range random.IntN(8) {
			switch n := random.IntN(chaosItems + 50); random.IntN(5) {
			case 0:
				w.source.Delete(identifier(n))
			case 1:
				w.source.put(n, fmt.Sprintf("title %d, round %d", n, round), "set1", "set2")
			default:
				w.source.put(n, fmt.Sprintf("title %d, round %d", n, round), fmt.Sprint("set", random.IntN(3)))
			}
		}
		w.log.changes.Add(1)
		pause(ctx, time.Duration(random.IntN(200))*time.Millisecond)
	}
}

// check waits until all is quiet, then holds each door to the source.
func (w *chaosWorld) check(t *testing.T) {
	w.recover(t, "the end")
	client, err := app.Connect(t.Context(), w.cfg, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if !client.Gateway() {
		t.Fatal("the gateway does not answer commands")
	}
	for _, full := range []bool{false, true} {
		waitFor(t, "a harvest after everything", func() bool { _, err := harvest(t.Context(), client, "src", full); return err == nil })
	}
	log := records(t, client)

	// A gateway that nothing happened to, on a folder of its own.
	calm := start(t, configure(t, t.TempDir(), "events: {kind: none}\n"+fmt.Sprintf("sources: {src: {kind: oai, from: '%s'}}\n", w.source.url)), app.Options{})
	calm.harvest(t, "src", true)
	want := states(records(t, calm.Client))
	got := states(log)
	for id, s := range got { // of what came and went between two harvests only one of them can know
		if s.Deleted != "" && want[id].Deleted == "" && want[id].DC == "" || want[id].Deleted != "" {
			delete(got, id)
			delete(want, id)
		}
	}
	for id, s := range want {
		if _, has := got[id]; s.Deleted != "" && !has {
			delete(want, id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lost or invented: -a calm gateway +this one\n%s", diff)
	}

	info, err := client.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); w.consumer.lacks(log, info.Head.Epoch, false) != "" && time.Now().Before(deadline); {
		w.consumer.catchUp(t)
	}
	if lack := w.consumer.lacks(log, info.Head.Epoch, true); lack != "" {
		t.Errorf("the consumer of events: %s", lack)
	}
	checkStream(t, readStream(t, w.nats), log, info.Head.Epoch)

	full := &follower{copy: map[string]string{}}
	w.walk(t, full)
	for _, f := range w.followers {
		w.walk(t, f)
		if diff := cmp.Diff(served(log, f.set, f.copy), liveness(f.copy)); diff != "" {
			t.Errorf("follower of %q (last page's responseDate: %v) missed something: -log +copy\n%s", f.set, f.last, diff)
		}
		for id, have := range f.copy {
			if have != "deleted" && have != full.copy[id] {
				t.Errorf("follower of %q: %s is %s, should be %s", f.set, id, have, full.copy[id])
			}
		}
	}
	w.log.records, w.log.events = len(log), w.consumer.seen()
	w.checkProcesses(t, client, log)
}

// follow lets a follower walk once. A log that went back can't know what had been in a set meanwhile, so
// those who harvest a set are told by its operator to begin again; and so are all where the log can't even
// know that it went back.
func (w *chaosWorld) follow(ctx context.Context, f *follower) error {
	lost := w.unseen.Load()
	if f.set != "" {
		lost += w.lost.Load()
	}
	if f.lost != lost {
		f.lost, f.from, f.copy = lost, time.Time{}, map[string]string{}
	}
	return f.walk(ctx, "http://"+w.public+"/")
}

// walk brings a follower up to date; one that is told to start again does so.
func (w *chaosWorld) walk(t *testing.T, f *follower) {
	t.Helper()
	var err error
	for range 3 {
		if err = w.follow(t.Context(), f); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// median is the middle one.
func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
