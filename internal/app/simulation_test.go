package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// How long TestEveryConsumer goes on, and by which history: the short form runs everywhere, a person gives it an hour.
//
//	go test ./internal/app -run '^TestEveryConsumer$' -v -consumers 1h -timeout 2h
var (
	simulationTime = flag.Duration("consumers", 15*time.Second, "how long TestEveryConsumer goes on")
	simulationSeed = flag.Uint64("seed", 0, "the history of TestEveryConsumer; 0 for another one each time")
)

// simulated is how many items the source has. Few, so that each changes many times.
const simulated = 300

// A gateway in a process of its own has consumers of every kind. The gateway is killed, its log is put back to a backup, a
// new epoch is begun, its mapping is changed and all is mapped again, records are taken down, withdrawn and brought back,
// lines are cut, and the stream of events keeps only the last few hundred; consumers are killed, are slow, and sleep until
// the stream has forgotten what they have not read. When it is quiet again, each of them holds exactly what the log holds,
// none has met a record's states in the wrong order, and of what was taken down there is no byte in any file.
func TestEveryConsumer(t *testing.T) {
	seed := *simulationSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	newSimulation(t, seed).run(t)
}

// A simulation is a gateway with all that is around it.
type simulation struct {
	random *rand.Rand // of the goroutine of the test
	source *provider
	// Lines that can be cut: of the gateway to its source, of the consumers to the gateway and to its broker.
	toSource, toGateway, toBroker *line

	dir, file   string // of the configuration
	public, ops string
	text        string // of the configuration, with a place for what a mapping adds
	mapping     int
	cfg         *config.Config
	gateway     *child
	hook        *hookReceiver
	backup      string // the newest backup; empty if there is none

	consumers []*simulatedConsumer
	secrets   []string // words of what was taken down, which stand nowhere else
	down      map[int]bool
	hidden    []string // records that are withdrawn
	happened  map[string]int
	sourceMu  sync.Mutex // of source and down, while the items change
}

// An anyConsumer goes on from what it has kept, until ctx ends. It may return at any time, and is then begun again.
type anyConsumer interface {
	run(ctx context.Context) error
	// equal says what the consumer lacks of the log, or has beyond it; empty if it is equal.
	equal(t *testing.T, log *truth) string
	// wrong is the first thing that was against the order of the states of a record; empty if nothing was.
	wrong() string
}

type simulatedConsumer struct {
	name string
	anyConsumer
	stop   context.CancelFunc
	ended  chan struct{}
	killed int
}

func (c *simulatedConsumer) start(ctx context.Context) {
	ctx, c.stop = context.WithCancel(ctx)
	c.ended = make(chan struct{})
	go func() {
		defer close(c.ended)
		for ; ctx.Err() == nil; pause(ctx, 100*time.Millisecond) {
			_ = c.run(ctx) // what failed is tried again
		}
	}()
}

func (c *simulatedConsumer) kill() {
	c.stop()
	<-c.ended
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	t.Helper()
	s := &simulation{
		random: rand.New(rand.NewPCG(seed, 1)), source: newProvider(t, 60), dir: t.TempDir(), down: map[int]bool{}, happened: map[string]int{},
	}
	for i := range simulated {
		s.source.put(i, fmt.Sprintf("title %d", i), fmt.Sprint("set", i%3))
	}
	s.toSource = newLine(t, hostOf(t, s.source.url))
	s.public, s.ops = freeport.Address(t), freeport.Address(t)
	broker := freeport.Address(t)
	s.toGateway, s.toBroker = newLine(t, s.public), newLine(t, broker)
	s.hook = newHookReceiver(t)
	s.file = filepath.Join(s.dir, "sheaf.yaml")
	s.text = fmt.Sprintf("gateway: {name: Simulation, namespace: test.example.org, contact: test@example.org}\n"+
		"data: '%s'\nlisten: {public: '%s', ops: '%s'}\noai: {page_size: 50}\n"+
		"events: {listen: '%s', keep: {bytes: 1MB}}\n"+
		"webhooks: {hook: {url: '%s', secret_file: '%s', from: beginning, allow_private: [127.0.0.0/8], timeout: 2s}}\n"+
		"sources:\n  src: {kind: oai, from: 'http://%s/oai', overlap: 2s, hold: {deleted: never}, context: {publisher: ['Publisher %%d']}}\n",
		filepath.Join(s.dir, "data"), s.public, s.ops, broker, s.hook.url, s.hook.secret, s.toSource.address())
	s.configure(t)
	root, nats := "http://"+s.toGateway.address()+"/", "nats://"+s.toBroker.address()
	for name, c := range map[string]anyConsumer{
		"follow, over NATS":                 newFollowing(t, root, nats, 0),
		"follow, over /changes":             newFollowing(t, root, "", 0),
		"follow, slowly":                    newFollowing(t, root, nats, 30*time.Millisecond),
		"a durable consumer of the stream":  newDurable(root, nats),
		"server-sent events":                newEventSource(root),
		"a mirror in a folder":              newMirrored(t, root, "", "json"),
		"a mirror in a file":                newMirrored(t, root, nats, "sqlite"),
		"a harvester of OAI-PMH":            newHarvesting(root),
		"a second gateway, by its feed":     newSecondGateway(t, s.public, "kind: sheaf, from: '"+root+"'"),
		"a second gateway, by ResourceSync": newSecondGateway(t, s.public, "kind: resourcesync, from: '"+root+".well-known/resourcesync', hosts: ['"+s.public+"'], full_every: 1d"),
		"a webhook":                         s.hook,
	} {
		s.consumers = append(s.consumers, &simulatedConsumer{name: name, anyConsumer: c})
	}
	slices.SortFunc(s.consumers, func(a, b *simulatedConsumer) int { return strings.Compare(a.name, b.name) })
	return s
}

// configure writes the configuration, with what its mapping adds now.
func (s *simulation) configure(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(s.file, fmt.Appendf(nil, s.text, s.mapping), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.cfg, err = config.Load(s.file, app.ConfigOptions()); err != nil {
		t.Fatal(err)
	}
}

func (s *simulation) run(t *testing.T) {
	s.up(t)
	defer func() { s.gateway.kill(t) }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writing sync.WaitGroup
	quiet, silence := context.WithCancel(ctx)
	seed := s.random.Uint64()
	writing.Go(func() { s.write(quiet, seed) })
	for _, c := range s.consumers {
		c.start(ctx)
	}
	for until := time.Now().Add(*simulationTime); time.Now().Before(until); {
		for _, i := range s.random.Perm(len(simulationEvents)) {
			time.Sleep(s.some(700))
			e := simulationEvents[i]
			e.do(s, t)
			s.happened[e.name]++
		}
	}
	silence()
	writing.Wait()
	s.check(t)
	for _, c := range s.consumers {
		c.kill()
	}
	t.Logf("%v; consumers were killed %d times", s.happened, s.kills())
}

func (s *simulation) kills() (n int) {
	for _, c := range s.consumers {
		n += c.killed
	}
	return n
}

// write changes the source for as long as ctx lives.
func (s *simulation) write(ctx context.Context, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 2))
	for round := 0; ctx.Err() == nil; round++ {
		s.sourceMu.Lock()
		for range random.IntN(12) {
			n := random.IntN(simulated)
			switch {
			case s.down[n]: // it is to stay as it was taken down
			case random.IntN(5) == 0:
				s.source.Delete(identifier(n))
			default:
				s.source.put(n, fmt.Sprintf("title %d, round %d", n, round), fmt.Sprint("set", random.IntN(3)))
			}
		}
		s.sourceMu.Unlock()
		pause(ctx, time.Duration(random.IntN(150))*time.Millisecond)
	}
}

// simulationEvents are what happens, each once before any happens again.
var simulationEvents = []struct {
	name string
	do   func(*simulation, *testing.T)
}{
	{"the gateway killed", func(s *simulation, t *testing.T) { s.gateway.kill(t); s.up(t) }},
	{"the line to the source cut", func(s *simulation, _ *testing.T) { s.toSource.cut(s.some(500)) }},
	{"the line to the gateway cut", func(s *simulation, _ *testing.T) { s.toGateway.cut(s.some(500)) }},
	{"the line to the broker cut", func(s *simulation, _ *testing.T) { s.toBroker.cut(s.some(500)) }},
	{"consumers killed", (*simulation).killConsumers},
	{"consumers asleep", (*simulation).sleepers},
	{"a takedown", (*simulation).takedown},
	{"a withdrawal, or its end", (*simulation).withdraw},
	{"a remap", (*simulation).remap},
	{"a new epoch", func(s *simulation, t *testing.T) {
		s.command(t, func(c *control.Client) error { _, err := c.Epoch(t.Context(), false); return err })
	}},
	{"a backup, or its restoring", (*simulation).restore},
}

func (s *simulation) up(t *testing.T) {
	t.Helper()
	s.gateway = spawn(t, s.file)
}

// some is a time drawn by chance, in milliseconds up to most.
func (s *simulation) some(most int) time.Duration {
	return time.Duration(s.random.IntN(most)+1) * time.Millisecond
}

// command gives the gateway a command until it is done: a gateway that was just started may not hear yet, and what is asked for
// may have to be harvested first, over a line that was cut.
func (s *simulation) command(t *testing.T, do func(*control.Client) error) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, err := app.Connect(t.Context(), s.cfg, app.Options{})
		if err == nil {
			err = do(c)
			_ = c.Close()
		}
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func (s *simulation) killConsumers(t *testing.T) {
	for _, c := range s.consumers {
		if s.random.IntN(2) == 0 {
			c.kill()
			c.killed++
			c.start(t.Context())
		}
	}
}

// sleepers are away until the stream has forgotten what came meanwhile.
func (s *simulation) sleepers(t *testing.T) {
	var away []*simulatedConsumer
	for _, c := range s.consumers {
		if s.random.IntN(2) == 0 {
			c.kill()
			c.killed++
			away = append(away, c)
		}
	}
	s.sourceMu.Lock()
	for n := range simulated {
		if !s.down[n] {
			s.source.put(n, fmt.Sprintf("title %d, while others sleep: %s", n, strings.Repeat("z", 2000)), "set0")
		}
	}
	s.sourceMu.Unlock()
	time.Sleep(2*time.Second + s.some(1000))
	for _, c := range away {
		c.start(t.Context())
	}
}

// takedown takes a record down with words that stand nowhere else, once everybody may have them.
func (s *simulation) takedown(t *testing.T) {
	n := s.random.IntN(simulated)
	word := fmt.Sprintf("Geheimnis%dx%d", n, s.random.IntN(1e9))
	s.sourceMu.Lock()
	if s.down[n] {
		s.sourceMu.Unlock()
		return
	}
	s.down[n] = true
	s.source.put(n, "EINST "+word, "set1")
	s.sourceMu.Unlock()
	id := "oai:test.example.org:src/" + identifier(n)
	s.command(t, func(c *control.Client) error {
		rec, err := c.Record(t.Context(), id)
		if err == nil && !bytes.Contains(rec.DC, []byte(word)) && rec.Deleted != pipeline.Withdrawn {
			err = fmt.Errorf("%s has not come yet", id)
		}
		return err
	})
	time.Sleep(s.some(300))
	s.command(t, func(c *control.Client) error {
		_, err := c.Remove(t.Context(), pipeline.Removal{Identifier: id, Final: true, Reason: "asked for"})
		return err
	})
	s.secrets = append(s.secrets, word)
	s.sourceMu.Lock() // nothing new comes meanwhile, for which the stream would forget it anyway
	defer s.sourceMu.Unlock()
	s.gone(t, word)
	s.hidden = slices.DeleteFunc(s.hidden, func(other string) bool { return other == id })
}

// gone waits until no file of the gateway has a word, nor as the search has it.
func (s *simulation) gone(t *testing.T, word string) {
	t.Helper()
	waitFor(t, "what was taken down to be gone from every file", func() bool {
		return below(t, s.cfg.Data, word) == "" && below(t, s.cfg.Data, strings.ToLower(word)) == ""
	})
}

func (s *simulation) withdraw(t *testing.T) {
	s.command(t, func(c *control.Client) error {
		if len(s.hidden) > 2 {
			id := s.hidden[0]
			if s.hidden = s.hidden[1:]; c.Readmit(t.Context(), id, "") != nil {
				return nil // a backup of before has it back already
			}
			return nil
		}
		n := s.random.IntN(simulated)
		id := "oai:test.example.org:src/" + identifier(n)
		if _, err := c.Remove(t.Context(), pipeline.Removal{Identifier: id, Reason: "for a while"}); err == nil {
			s.hidden = append(s.hidden, id)
		}
		return nil // it may be down, or was never there
	})
}

// remap changes what the mapping adds to each record, and maps all again.
func (s *simulation) remap(t *testing.T) {
	s.gateway.kill(t)
	s.mapping++
	s.configure(t)
	s.up(t)
	s.command(t, func(c *control.Client) error {
		return c.Remap(t.Context(), control.RemapOrder{Source: "src", Apply: true}, func(l *control.RemapLine) error {
			if l.Error != "" {
				return fmt.Errorf("remap: %s", l.Error)
			}
			return nil
		})
	})
}

// restore makes a backup, or puts the one of before in the place of the log.
func (s *simulation) restore(t *testing.T) {
	if s.backup == "" {
		file := filepath.Join(t.TempDir(), "backup.db")
		s.command(t, func(c *control.Client) error { return c.Backup(t.Context(), file) })
		s.backup = file
		return
	}
	s.gateway.kill(t)
	if err := sqlite.Restore(t.Context(), s.cfg.Data, s.backup); err != nil {
		t.Fatal(err)
	}
	for _, old := range mustGlob(t, filepath.Join(s.cfg.Data, "*.before-restore*")) {
		if err := os.Remove(old); err != nil {
			t.Fatal(err)
		}
	}
	s.backup = ""
	s.up(t)
}

// A truth is what the log holds.
type truth struct {
	records map[string]truthRecord // with tombstones
	head    pipeline.Cursor
	digest  string
}

type truthRecord struct {
	Identifier, Operation, Hash, OAI_DC, Datestamp string
	Sets                                           []string
	Epoch, Seq                                     int64 `json:",string"`
}

func (r *truthRecord) live() bool { return r.Operation == "upserted" }

// truth reads the log at its own door, without a line that could be cut.
func (s *simulation) truth(t *testing.T) *truth {
	t.Helper()
	resp, err := http.Get("http://" + s.public + "/changes?limit=100000&with=oai_dc&after=0")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := &truth{records: map[string]truthRecord{}}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l struct {
			truthRecord
			Head *struct {
				Epoch, Seq int64 `json:",string"`
				Digest     string
			}
			More bool
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Head == nil {
			out.records[l.Identifier] = l.truthRecord
			continue
		}
		if out.digest = l.Head.Digest; l.More {
			t.Fatal("the log is longer than one answer")
		}
		out.head = pipeline.Cursor{Epoch: l.Head.Epoch, Seq: l.Head.Seq}
	}
	if err := lines.Err(); err != nil || out.head.Epoch == 0 {
		t.Fatalf("%v: the answer was cut", err)
	}
	return out
}

// check waits until all is quiet, then looks at everybody.
func (s *simulation) check(t *testing.T) {
	for _, full := range []bool{false, true} {
		s.command(t, func(c *control.Client) error {
			_, err := harvest(t.Context(), c, "src", full)
			return err
		})
	}
	var log *truth
	waitFor(t, "the log to be quiet, and its digest known", func() bool {
		before := log
		log = s.truth(t)
		pause(t.Context(), 300*time.Millisecond)
		return before != nil && before.head == log.head && log.digest != ""
	})
	live := 0
	for _, r := range log.records {
		if r.live() {
			live++
		}
	}
	if live < simulated/4 {
		t.Fatalf("only %d records are left", live)
	}
	for _, c := range s.consumers {
		what := "it was not asked"
		for deadline := time.Now().Add(3 * time.Minute); what != "" && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
			if what = c.equal(t, log); what != "" && c.anyConsumer == s.hook { // what was refused is tried again after minutes
				s.command(t, func(c *control.Client) error {
					letters, err := c.Letters(t.Context(), "hook")
					var ids []string
					for _, l := range letters {
						ids = append(ids, l.Identifier)
					}
					if err == nil && len(ids) > 0 {
						_, err = c.Replay(t.Context(), "hook", ids)
					}
					return err
				})
			}
		}
		if what != "" {
			t.Errorf("%s: %.3000s", c.name, what)
		}
		if what := c.wrong(); what != "" {
			t.Errorf("%s: out of order: %s", c.name, what)
		}
	}
	for _, word := range s.secrets {
		for _, r := range log.records {
			if strings.Contains(r.OAI_DC, word) {
				t.Errorf("%s has what was taken down", r.Identifier)
			}
		}
		s.gone(t, word)
	}
	if len(s.secrets) == 0 {
		t.Error("nothing was taken down")
	}
}

// A copied is what a consumer holds: what it would keep in its database, which outlives it.
type copied struct {
	mu    sync.Mutex
	held  map[string]heldState
	fault string
}

type heldState struct {
	at      pipeline.Cursor
	deleted bool
	hash    string
	oaiDC   string
	stamp   time.Time
	pass    int64
}

func (c *copied) wrong() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// equal compares live records by what the consumer has of each.
func (c *copied) equal(_ *testing.T, log *truth) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	want, got := map[string]string{}, map[string]string{}
	var digest pipeline.Digest
	whole := true
	for id, r := range log.records {
		if r.live() {
			want[id] = r.Hash
		}
	}
	for id, h := range c.held {
		if h.deleted {
			continue
		}
		got[id] = h.hash
		if whole = whole && h.oaiDC != ""; whole {
			digest.Add(id, h.stamp, []byte(h.oaiDC))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "-log +copy\n" + diff
	}
	if d := hex.EncodeToString(digest[:]); whole && d != log.digest {
		return fmt.Sprintf("the digest is %s, and that of the log %s", d, log.digest)
	}
	return ""
}

// An order holds the states of each record, as they come in one session, to their order.
type order map[string]pipeline.Cursor

func (o order) check(id string, at pipeline.Cursor) string {
	if before := o[id]; at.Before(before) {
		return fmt.Sprintf("%s came at %s after %s", id, at, before)
	}
	o[id] = at
	return ""
}

// A hookReceiver is a service that is called. It is unwell now and then.
type hookReceiver struct {
	copied
	url, secret string
	pass        int64
	filling     bool
	calls       atomic.Int64
	well        atomic.Bool
}

func newHookReceiver(t *testing.T) *hookReceiver {
	t.Helper()
	h := &hookReceiver{copied: copied{held: map[string]heldState{}}, secret: filepath.Join(t.TempDir(), "secret")}
	if err := os.WriteFile(h.secret, []byte("whsec_"+webhookKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeport.Address(t)
	h.url = "http://" + address + "/"
	srv := &http.Server{Addr: address, Handler: h}
	go func() { _ = srv.ListenAndServe() }()
	t.Cleanup(func() { _ = srv.Close() })
	return h
}

// run is well as long as ctx lives; else everything is answered 503.
func (h *hookReceiver) run(ctx context.Context) error {
	h.well.Store(true)
	<-ctx.Done()
	h.well.Store(false)
	return nil
}

func (h *hookReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var e struct {
		Type string
		Data struct {
			truthRecord
			Webhook string
		}
	}
	if n := h.calls.Add(1); err != nil || !h.well.Load() || n%50 == 0 || json.Unmarshal(body, &e) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch e.Type {
	case "sheaf.webhook.pass-began.v1":
		h.pass++
		h.filling = true
	case "sheaf.webhook.pass-completed.v1":
		for id, one := range h.held {
			if h.filling && one.pass != h.pass {
				delete(h.held, id)
			}
		}
		h.filling = false
	default:
		at := pipeline.Cursor{Epoch: e.Data.Epoch, Seq: e.Data.Seq}
		have := h.held[e.Data.Identifier]
		if have.at.Before(at) {
			have = heldState{at: at, deleted: e.Data.Operation == "deleted", hash: e.Data.Hash}
		}
		have.pass = h.pass
		h.held[e.Data.Identifier] = have
	}
	if n := h.calls.Load(); n%37 == 0 { // it has written it down, and dies before it answers
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusNoContent)
}
