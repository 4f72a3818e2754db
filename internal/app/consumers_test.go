package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A consumer is a service elsewhere that keeps a copy with package follow. It crashes now and then, before its
// transaction is committed.
type consumer struct {
	name string
	follow.Follower

	mu      sync.Mutex
	rows    map[string]consumed
	place   follow.Place
	crashes atomic.Bool
	crashed int
	at      map[string]pipeline.Cursor // of each record's last change in this pass
	passes  int
	wrong   error
}

type consumed struct {
	pass int64
	follow.Change
}

var errConsumerCrashed = errors.New("crashed")

// run follows until ctx ends. After a crash it goes on with what it had committed.
func (c *consumer) run(ctx context.Context) {
	for ctx.Err() == nil {
		c.mu.Lock()
		place := c.place
		c.mu.Unlock()
		err := c.Follow(ctx, place, c.write)
		c.mu.Lock()
		if err != nil && ctx.Err() == nil && !errors.Is(err, errConsumerCrashed) {
			c.wrong = err
		}
		c.mu.Unlock()
		pause(ctx, 10*time.Millisecond)
	}
}

func (c *consumer) write(_ context.Context, b *follow.Batch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	rows, at := maps.Clone(c.rows), maps.Clone(c.at)
	if rows == nil || c.place.Pass != b.Pass() {
		at = map[string]pipeline.Cursor{}
		c.passes++
	}
	if rows == nil {
		rows = map[string]consumed{}
	}
	for _, ch := range b.Changes {
		place := pipeline.Cursor{Epoch: ch.Epoch, Seq: ch.Seq}
		if !at[ch.Identifier].Before(place) {
			c.wrong = fmt.Errorf("%s came with %s behind %s", ch.Identifier, place, at[ch.Identifier])
		}
		at[ch.Identifier] = place
		if c.With.Line { // the same from an event and from /changes
			var same follow.Change
			if err := json.Unmarshal(ch.Line, &same); err != nil || same.Identifier != ch.Identifier || same.Seq != ch.Seq || same.Hash != ch.Hash {
				c.wrong = fmt.Errorf("the line of %s at %s is %s, %w", ch.Identifier, place, ch.Line, err)
			}
		}
		if delete(rows, ch.Identifier); !ch.Deleted() {
			rows[ch.Identifier] = consumed{b.Pass(), ch}
		}
	}
	if b.Sweep() {
		maps.DeleteFunc(rows, func(_ string, r consumed) bool { return r.pass != b.Pass() })
	}
	if c.crashes.Load() && rand.IntN(8) == 0 {
		c.crashed++
		return errConsumerCrashed
	}
	c.rows, c.at, c.place = rows, at, b.Place
	return nil
}

// titles are those of its records; its digest is that of what OAI-PMH serves, if it has that.
func (c *consumer) state() (titles map[string]string, digest string, wrong error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	titles = map[string]string{}
	var d pipeline.Digest
	for id, r := range c.rows {
		titles[id] = r.Record.First("title")
		d.Add(id, r.Datestamp, []byte(r.OAIDC))
	}
	return titles, fmt.Sprintf("%x", d), c.wrong
}

// Whatever happens to the line, to NATS, to the gateway and to the consumers themselves, through new epochs, restored
// backups, folders that are put back, and takedowns: every consumer ends with what is in the log, and its digest.
func TestConsumersEndEqual(t *testing.T) {
	rounds := 16
	if testing.Short() {
		rounds = 6
	}
	src, b, dir := newProvider(t, 20), newBroker(t), t.TempDir()
	b.up(t)
	cfg := configure(t, dir, b.config()+"sources: {src: {kind: oai, from: '"+src.url+"'}}\n")
	cfg.Listen.Public = freeport.Address(t)
	g := start(t, cfg, app.Options{})
	l := newLine(t, cfg.Listen.Public)
	gateway := "http://" + l.address() + "/"
	oaiDC := follow.With{OAIDC: true}
	consumers := []*consumer{
		{name: "of /changes", Follower: follow.Follower{Gateway: gateway, With: oaiDC, BatchRecords: 7}},
		{name: "of events", Follower: follow.Follower{Gateway: gateway, NATS: b.url(), With: follow.With{Line: true}}},
		{name: "of events, with oai_dc", Follower: follow.Follower{Gateway: gateway, NATS: b.url(), With: oaiDC}},
		{name: "of a source", Follower: follow.Follower{Gateway: gateway, NATS: b.url(), Source: "src", With: oaiDC}},
		{name: "of a set", Follower: follow.Follower{Gateway: gateway, Set: "src:odd"}},
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for _, c := range consumers {
		c.crashes.Store(true)
		running.Go(func() { c.run(ctx) })
	}
	next := 0
	harvest := func() {
		t.Helper()
		for range 10 + rand.IntN(40) {
			n := rand.IntN(150)
			if rand.IntN(5) == 0 && n < next {
				src.Delete(identifier(n))
				continue
			}
			sets := [][]string{nil, {"odd"}}[rand.IntN(2)]
			src.put(n, fmt.Sprintf("title %d", rand.IntN(1000)), sets...)
			next = max(next, n+1)
		}
		g.harvest(t, "src", true)
	}
	restart := func(meanwhile func()) {
		t.Helper()
		g.stop()
		meanwhile()
		g = start(t, cfg, app.Options{})
	}
	data, snapshot := cfg.Data, filepath.Join(t.TempDir(), "snapshot")
	faults := []func(){
		func() { l.cut(50 * time.Millisecond) },
		func() { b.down(t); harvest(); time.Sleep(200 * time.Millisecond); b.up(t) },
		func() {
			if _, err := g.Epoch(t.Context(), false); err != nil {
				t.Fatal(err)
			}
		},
		func() {
			for id := range records(t, g.Client) {
				if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: id, Final: true, Reason: "asked for"}); err != nil {
					t.Fatal(err)
				}
				return
			}
		},
		func() { restart(func() {}) },
		func() { // the folder is put back as it was
			restart(func() {
				if err := os.CopyFS(snapshot, withoutSockets{os.DirFS(data), data}); err != nil {
					t.Fatal(err)
				}
			})
			harvest()
			restart(func() {
				if err := errors.Join(os.RemoveAll(data), os.CopyFS(data, os.DirFS(snapshot)), os.RemoveAll(snapshot), os.Chmod(data, 0o700)); err != nil {
					t.Fatal(err)
				}
			})
		},
		func() { // a backup is restored
			file := filepath.Join(t.TempDir(), "backup.db")
			if err := g.Backup(t.Context(), file); err != nil {
				t.Fatal(err)
			}
			harvest()
			restart(func() {
				if err := sqlite.Restore(t.Context(), data, file); err != nil {
					t.Fatal(err)
				}
			})
		},
	}
	order := rand.Perm(len(faults))
	for round := range rounds {
		harvest()
		faults[order[round%len(order)]]()
		pause(t.Context(), time.Duration(rand.IntN(100))*time.Millisecond)
	}
	harvest()
	if b.server == nil {
		b.up(t)
	}
	for _, c := range consumers {
		c.crashes.Store(false)
	}
	root := g.Addresses().Public
	of := map[string]string{"of a set": "&set=src:odd", "of a source": "&source=src"}
	for _, c := range consumers {
		why := ""
		deadline := time.Now().Add(90 * time.Second)
		for equal := false; !equal; pause(t.Context(), 20*time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the consumer %s does not become equal: %s", c.name, why)
			}
			want, wantDigest, last := changed(t, root+"changes?with=oai_dc&limit=10000"+of[c.name])
			titles, digest, wrong := c.state()
			if wrong != nil {
				t.Fatalf("the consumer %s: %v", c.name, wrong)
			}
			head := last["head"].(map[string]any)["digest"]
			switch {
			case !maps.Equal(titles, want):
				why = fmt.Sprintf("it has %d records, the log %d", len(titles), len(want))
			case c.With.OAIDC && digest != wantDigest, c.With.OAIDC && of[c.name] == "" && digest != head:
				why = fmt.Sprintf("its digest is %s, that of the log %v", digest, head)
			default:
				equal = true
			}
		}
		c.mu.Lock() // it goes on following
		t.Logf("%s: %d records, %d passes, %d crashes", c.name, len(c.rows), c.passes, c.crashed)
		c.mu.Unlock()
	}
}
