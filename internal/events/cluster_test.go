package events

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

var clusterFaults = flag.Int("cluster-faults", 3, "how many faults befall the cluster of three servers")

// trio is a cluster of three servers, in which the line from each server to each other one can be cut.
type trio struct {
	t     testing.TB
	dirs  [3]string
	ports [3]int // for clients
	peers [3]int // for the other servers
	lines [3][3]*line

	mu  sync.Mutex
	all [3]*server.Server // nil while one is down
}

func newTrio(t testing.TB) *trio {
	t.Helper()
	c := &trio{t: t}
	for i := range 3 {
		c.dirs[i], c.ports[i], c.peers[i] = t.TempDir(), freeport.Port(t), freeport.Port(t)
	}
	for i := range 3 {
		for j := range 3 {
			if i != j {
				c.lines[i][j] = newLine(t, fmt.Sprintf("127.0.0.1:%d", c.peers[j]))
			}
		}
	}
	for i := range 3 {
		c.start(i)
	}
	t.Cleanup(func() {
		for i := range 3 {
			c.kill(i)
		}
	})
	wait(t, "the cluster to have a leader", func() bool {
		return slices.ContainsFunc(c.all[:], (*server.Server).JetStreamIsLeader)
	})
	return c
}

func (c *trio) start(i int) {
	c.t.Helper()
	var routes []*url.URL
	for j := range 3 {
		if i != j {
			routes = append(routes, &url.URL{Scheme: "nats", Host: c.lines[i][j].l.Addr().String()})
		}
	}
	ns, err := server.NewServer(&server.Options{
		ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: c.ports[i], NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: c.dirs[i], JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 30,
		// What servers tell each other of their addresses leads nowhere, so that all go over the lines.
		Cluster: server.ClusterOpts{Name: "trio", Host: "127.0.0.1", Port: c.peers[i], Advertise: "127.0.0.1:1", NoAdvertise: true, PoolSize: -1},
		Routes:  routes,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	ns.Start()
	if !ns.ReadyForConnections(time.Minute) {
		c.t.Fatalf("server %d did not start", i)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[i] = ns
}

func (c *trio) kill(i int) {
	c.mu.Lock()
	ns := c.all[i]
	c.all[i] = nil
	c.mu.Unlock()
	if ns != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
	}
}

// isolate cuts a server off from the two others, or joins it to them again.
func (c *trio) isolate(i int, cut bool) {
	for j := range 3 {
		if j == i {
			continue
		}
		for _, l := range []*line{c.lines[i][j], c.lines[j][i]} {
			l.set(func(l *line) { l.refuse = cut })
			if cut {
				l.cut()
			}
		}
	}
}

func (c *trio) urls() (all []string) {
	for i := range 3 {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", c.ports[i]))
	}
	return all
}

// leader is the server that leads the stream of records; -1 if none does.
func (c *trio) leader() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, ns := range c.all {
		if ns != nil && ns.JetStreamIsStreamLeader("$G", "SHEAF_RECORDS") {
			return i
		}
	}
	return -1
}

func (c *trio) follower() int {
	leader := c.leader()
	return (max(leader, 0) + 1) % 3
}

// connect connects a gateway to the cluster.
func (c *trio) connect() *Client {
	c.t.Helper()
	// Room for all that is published, however fast the machine is.
	return connect(c.t, "", func(o *Options) { o.URLs, o.Replicas, o.Timeout, o.MaxBytes = c.urls(), 3, 3*time.Second, 768<<20 })
}

// stream is the server that leads the stream, so that checks read what it has.
func (c *trio) stream() nats.InProcessConnProvider {
	c.t.Helper()
	leader := -1
	waitFor(c.t, 60*time.Second, "a leader of the stream", func() bool { leader = c.leader(); return leader >= 0 })
	return c.all[leader]
}

// stepDown makes the leader of the stream give way.
func (c *trio) stepDown() {
	if i := c.leader(); i >= 0 {
		nc, err := nats.Connect("", nats.InProcessServer(c.all[i]))
		if err != nil {
			return
		}
		defer nc.Close()
		_, _ = nc.Request("$JS.API.STREAM.LEADER.STEPDOWN.SHEAF_RECORDS", nil, time.Second)
	}
}

// Whatever befalls a cluster of three servers while a relay publishes, each event comes to be in the stream once, in
// log order, and the final state of each record is there; on each replica the same.
func TestExactlyOnceOnACluster(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster takes its time to elect a leader")
	}
	c := newTrio(t)
	client := c.connect()
	l := &smallLog{rows: map[string]pipeline.Event{}, busy: 1 << 40}
	for i := range 400 {
		l.touch(i)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Duration(*clusterFaults)*time.Minute)
	defer cancel()
	var relaying sync.WaitGroup
	failures := 0
	relaying.Go(func() { failures = relay(ctx, t, client, l, rand.New(rand.NewPCG(1, 2))) })
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	first := r.IntN(len(faults))
	for n := range *clusterFaults {
		published(t, client)
		f := faults[(first+n)%len(faults)]
		t.Logf("%s", f.name)
		f.befall(c, r)
	}
	published(t, client)
	l.mu.Lock()
	l.busy = 0
	l.mu.Unlock()
	relaying.Wait()
	t.Logf("%d changes, %d failures", l.head, failures)
	checkStream(t, c.stream(), l)
	c.replicasAgree()
}

// A fault that comes and goes.
type fault struct {
	name   string
	befall func(*trio, *rand.Rand)
}

var faults = []fault{
	{"the leader steps down, several times", func(c *trio, r *rand.Rand) {
		for range 4 {
			time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
			c.stepDown()
		}
	}},
	{"the leader is cut off", func(c *trio, r *rand.Rand) {
		i := max(c.leader(), 0)
		c.isolate(i, true)
		waitFor(c.t, 60*time.Second, "another leader", func() bool { j := c.leader(); return j >= 0 && j != i })
		time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
		c.isolate(i, false)
	}},
	{"two servers are lost, and come back", func(c *trio, r *rand.Rand) {
		i := max(c.leader(), 0)
		c.kill(i)
		c.kill((i + 1) % 3)
		time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
		c.start((i + 1) % 3)
		c.start(i)
	}},
	{"each server is started anew", func(c *trio, r *rand.Rand) {
		for i := range 3 {
			c.kill(i)
			c.start(i)
			waitFor(c.t, 60*time.Second, "a leader", func() bool { return c.leader() >= 0 })
		}
	}},
	{"a follower is cut off", func(c *trio, r *rand.Rand) {
		i := c.follower()
		c.isolate(i, true)
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
		c.isolate(i, false)
	}},
}

// published waits until the stream grows.
func published(t testing.TB, c *Client) {
	t.Helper()
	size := func() uint64 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		s, err := c.js.Stream(ctx, c.names.records)
		if err != nil {
			return 0
		}
		return s.CachedInfo().State.LastSeq
	}
	from := uint64(0)
	waitFor(t, 60*time.Second, "the stream to answer", func() bool { from = size(); return from > 0 })
	waitFor(t, 60*time.Second, "the stream to grow", func() bool { return size() > from+500 })
}

// replicasAgree waits until all three servers have the stream up to its end: none has stopped being a replica.
func (c *trio) replicasAgree() {
	c.t.Helper()
	js := jet(c.t, c.stream())
	why := ""
	waitFor(c.t, 60*time.Second, "all replicas to have the whole stream", func() bool {
		ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
		defer cancel()
		s, err := js.Stream(ctx, "SHEAF_RECORDS")
		if err != nil {
			why = err.Error()
			return false
		}
		why = fmt.Sprintf("%+v", s.CachedInfo().Cluster)
		for _, r := range s.CachedInfo().Cluster.Replicas {
			if !r.Current || r.Offline {
				return false
			}
		}
		return len(s.CachedInfo().Cluster.Replicas) == 2
	})
	// A server that counts as current may still be writing what it has been sent.
	var last []uint64
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		last = last[:0]
		for _, ns := range c.all {
			z, err := ns.Jsz(&server.JSzOptions{Streams: true, Accounts: true})
			if err != nil {
				c.t.Fatal(err)
			}
			for _, a := range z.AccountDetails {
				for _, s := range a.Streams {
					if s.Name == "SHEAF_RECORDS" {
						last = append(last, s.State.LastSeq)
					}
				}
			}
		}
		if len(last) == len(c.all) && slices.Min(last) == slices.Max(last) {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the servers' streams end with the numbers %v (%s)", last, why)
		}
	}
}

// endOf is the end of a stream of a cluster, which may be choosing a leader.
func endOf(t testing.TB, c *Client) (end pipeline.Tail) {
	t.Helper()
	wait(t, "the end of the stream", func() bool {
		var err error
		end, err = c.Tail(t.Context())
		return err == nil
	})
	return end
}

// publishInTheEnd publishes events on a cluster as a relay does: again, behind what is there, if there was no answer.
func publishInTheEnd(t testing.TB, c *Client, es []pipeline.Event) (end pipeline.Tail) {
	t.Helper()
	wait(t, "the events to be in the stream", func() bool {
		end = endOf(t, c)
		rest := slices.DeleteFunc(slices.Clone(es), func(e pipeline.Event) bool { return e.Seq <= end.Seq })
		if len(rest) == 0 {
			return true
		}
		var err error
		end, err = c.Publish(t.Context(), end, rest)
		return err == nil
	})
	return end
}

// On a cluster too, what a relay has left on its line when another took over lands nowhere.
func TestLateMessagesOnACluster(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster takes its time to elect a leader")
	}
	c := newTrio(t)
	next := c.connect()
	endOf(t, next)
	p := newLine(t, fmt.Sprintf("127.0.0.1:%d", c.ports[0]))
	stale := connect(t, p.url(), func(o *Options) { o.Replicas, o.Timeout = 3, 3*time.Second })

	five := publishInTheEnd(t, stale, changes(1, 5))
	p.hold()
	if got, err := stale.Publish(t.Context(), five, changes(6, 20)); err == nil || got != five {
		t.Fatalf("with the line held up Publish came to %v: %v", got, err)
	}
	newest := change(21)
	newest.Prev = 5
	after := publishInTheEnd(t, next, []pipeline.Event{newest})
	p.open()
	endOf(t, stale)
	if got := endOf(t, next); got.StreamSeq != after.StreamSeq || got.Cursor != after.Cursor {
		t.Errorf("the stream ends with %v, want %v", got, after)
	}
	publishInTheEnd(t, next, changes(22, 24))
	publishInTheEnd(t, stale, changes(25, 26))
	if got, want := stored(t, c.stream()), append(seqs(1, 5), seqs(21, 26)...); !slices.Equal(got, want) {
		t.Errorf("the stream holds %v, want %v", got, want)
	}
	for _, m := range messages(t, c.stream(), "SHEAF_RECORDS") {
		if m.Header.Get(headerLastMsgID) != "" {
			t.Errorf("message %d names the id that it follows, which a replica that catches up doesn't know", m.Sequence)
		}
	}
}
