package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// denied is what the user of a leaf node may not publish at the hub: events, and what changes streams.
var denied = []string{
	"sheaf.v1.>", "$JS.*.API.STREAM.CREATE.>", "$JS.*.API.STREAM.UPDATE.>", "$JS.*.API.STREAM.DELETE.>", "$JS.*.API.STREAM.PURGE.>", "$JS.*.API.STREAM.MSG.DELETE.>",
}

// startSite starts a NATS server with a JetStream domain of its own: the hub, which listens on a port for leaf nodes, or a
// leaf node of it.
func startSite(t testing.TB, dir, domain string, port int) cluster {
	t.Helper()
	o := &server.Options{
		ServerName: domain, Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, JetStreamDomain: domain, StoreDir: dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 30,
	}
	if domain == "hub" {
		o.LeafNode = server.LeafNodeOpts{Host: "127.0.0.1", Port: port}
		o.NoAuthUser = "gateway"
		// What the guide says that an institution must not do at the hub.
		o.Users = []*server.User{{Username: "gateway", Password: "g"}, {Username: "library", Password: "l", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Deny: denied},
		}}}
	} else {
		o.LeafNode = server.LeafNodeOpts{
			ReconnectInterval: 50 * time.Millisecond,
			Remotes:           []*server.RemoteLeafOpts{{URLs: []*url.URL{{Scheme: "nats", User: url.UserPassword("library", "l"), Host: fmt.Sprintf("127.0.0.1:%d", port)}}}},
		}
	}
	return started(t, o)
}

// mirrorOfTheGuide is the mirror as docs/subscribers.md has it.
func mirrorOfTheGuide(t testing.TB) (c jetstream.StreamConfig) {
	t.Helper()
	guide, err := os.ReadFile("../../docs/subscribers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(guide), "where `mirror.json` is\n\n```json\n")
	text, _, _ = strings.Cut(text, "```")
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("the mirror of the guide, %q: %v", text, err)
	}
	return c
}

// An institution keeps a mirror of the stream on a leaf node of its own (docs/subscribers.md). While its server is away
// the gateway goes on; afterwards the mirror catches up, with the same numbers, headers and bytes, and a watcher goes on
// there from a place that it has from the hub.
func TestMirrorOnALeafNode(t *testing.T) {
	port := freeport.Port(t)
	hub := startSite(t, t.TempDir(), "hub", port)
	gateway := connect(t, hub.URL(), func(o *Options) { o.Key = make([]byte, 32) })
	dir := t.TempDir()
	leaf := startSite(t, dir, "library", port)
	last := publish(t, gateway, tail(t, gateway), changes(1, 200))

	mirror := func() (jetstream.Stream, error) { return jet(t, leaf).Stream(t.Context(), "SHEAF_RECORDS") }
	caughtUp := func() {
		t.Helper()
		waitFor(t, time.Minute, "the mirror to catch up", func() bool {
			s, err := mirror()
			return err == nil && s.CachedInfo().State.LastSeq == last.StreamSeq
		})
	}
	if _, err := jet(t, leaf).CreateStream(t.Context(), mirrorOfTheGuide(t)); err != nil {
		t.Fatal(err)
	}
	caughtUp()

	stop(t, leaf)
	last = publish(t, gateway, last, changes(201, 3000))
	leaf = startSite(t, dir, "library", port)
	last = publish(t, gateway, last, changes(3001, 3100))
	caughtUp()

	here, there := messages(t, hub, "SHEAF_RECORDS"), messages(t, leaf, "SHEAF_RECORDS")
	if len(here) != 3100 || len(there) != len(here) {
		t.Fatalf("the hub has %d messages, the mirror %d", len(here), len(there))
	}
	for i, m := range there {
		want := here[i]
		if m.Sequence != want.Sequence || m.Subject != want.Subject || string(m.Data) != string(want.Data) {
			t.Fatalf("message %d of the mirror is %d on %s, want that of the hub on %s", want.Sequence, m.Sequence, m.Subject, want.Subject)
		}
		for name, value := range want.Header {
			// What the message was to follow in the hub's stream counts only there.
			if !strings.HasPrefix(name, "Nats-Expected-") && m.Header.Get(name) != value[0] {
				t.Fatalf("message %d: %s is %q in the mirror, %q at the hub", m.Sequence, name, m.Header.Get(name), value[0])
			}
		}
	}

	client := connect(t, leaf.URL(), nil) // only for its connection
	if err := client.Conn().Publish("sheaf.v1.records.cold-war.p00.upserted", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Conn().Request("$JS.hub.API.STREAM.DELETE.SHEAF_RECORDS", nil, unheard); err == nil {
		t.Error("the institution's server may remove the stream of the hub")
	}
	if got := tail(t, gateway); got != last {
		t.Errorf("the institution's server may publish at the hub: the stream ends with %v, want %v", got, last)
	}
	done := errors.New("that is all")
	next := int64(2500)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := Watch(ctx, client.Conn(), Filter{After: pipeline.Cursor{Epoch: 1, Seq: next}}, func(m Message) error {
		if next++; m.Seq != next || m.Prev != next-1 {
			t.Errorf("the watcher at the mirror got %d behind %d, want %d", m.Seq, m.Prev, next)
		}
		if m.Seq == 3100 {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Errorf("the watcher at the mirror: %v", err)
	}
}
