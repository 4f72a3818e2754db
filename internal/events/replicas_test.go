package events

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// look looks at the replicas of the stream as often as it takes to count a server out.
func look(t testing.TB, w *ReplicaWatch) Replicas {
	t.Helper()
	for range replicasLooks {
		w.runOnce(t.Context())
	}
	return w.Replicas()
}

// Of three servers one is lost, then two, and all come back: what is said of the replicas follows.
func TestReplicas(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster takes its time to elect a leader")
	}
	c := newTrio(t)
	client := c.connect()
	w := NewReplicaWatch(client, slog.New(slog.DiscardHandler))
	if got := look(t, w); got.Want != 0 || got.Trouble() != nil {
		t.Errorf("before there is a stream it is %+v", got)
	}
	waitFor(t, time.Minute, "the stream to be made", func() bool { _, err := client.Tail(t.Context()); return err == nil })
	at := publish(t, client, tail(t, client), changes(1, 50))
	waitFor(t, time.Minute, "three servers to have all of it", func() bool { return look(t, w).Current == 3 })
	if got := w.Replicas(); got.Want != 3 || got.Trouble() != nil {
		t.Errorf("with three servers it is %+v: %v", got, got.Trouble())
	}

	lost := c.follower()
	name := c.all[lost].Name()
	c.kill(lost)
	waitFor(t, time.Minute, "the lost server to be counted out", func() bool { return look(t, w).Current == 2 })
	got := w.Replicas()
	if got.Want != 3 || !slices.Equal(got.Lacking, []string{name}) || !strings.Contains(got.Trouble().Error(), "only 2 of the 3 servers") {
		t.Errorf("with two servers it is %+v: %v", got, got.Trouble())
	}

	other := 3 - lost - max(c.leader(), 0)
	c.kill(other)
	waitFor(t, time.Minute, "the quorum to be known as lost", func() bool { return client.Connected() && look(t, w).Current == 0 })
	if got := w.Replicas(); got.Want != 3 || got.Trouble() == nil || !strings.Contains(got.Trouble().Error(), "no server leads") {
		t.Errorf("with one server it is %+v: %v", got, got.Trouble())
	}

	c.start(other)
	c.start(lost)
	waitFor(t, time.Minute, "three servers to have all of it again", func() bool { return look(t, w).Current == 3 })
	waitFor(t, time.Minute, "the stream to take events", func() bool {
		var err error
		if at, err = client.Tail(t.Context()); err != nil {
			return false
		}
		at, err = client.Publish(t.Context(), at, changes(at.Seq+1, at.Seq+50))
		return err == nil
	})
	c.replicasAgree()
}

// A server that is behind for a moment is not counted out, and one that stays behind is.
func TestReplicasThatAreBehind(t *testing.T) {
	info := &jetstream.StreamInfo{
		Config: jetstream.StreamConfig{Replicas: 3},
		Cluster: &jetstream.ClusterInfo{Leader: "n0", Replicas: []*jetstream.PeerInfo{
			{Name: "n1", Current: true}, {Name: "n2", Lag: 7},
		}},
	}
	w := NewReplicaWatch(nil, nil)
	var got []int
	for range replicasLooks + 1 {
		got = append(got, w.count(info).Current)
	}
	if !slices.Equal(got, []int{3, 3, 2, 2}) {
		t.Errorf("one that stays behind: %v", got)
	}
	info.Cluster.Replicas[1].Current = true
	if got := w.count(info); got.Current != 3 || got.Lacking != nil {
		t.Errorf("one that has caught up: %+v", got)
	}
	info.Cluster.Replicas = info.Cluster.Replicas[:1]
	if got := w.count(info); got.Current != 2 || got.Trouble() == nil {
		t.Errorf("a server that is not there: %+v: %v", got, got.Trouble())
	}
	info.Cluster.Leader = ""
	if got := w.count(info); got.Current != 0 {
		t.Errorf("without a leader: %+v", got)
	}
	if got := w.count(&jetstream.StreamInfo{Config: jetstream.StreamConfig{Replicas: 1}}); got.Current != 1 || got.Trouble() != nil {
		t.Errorf("a stream on one server: %+v", got)
	}
}
