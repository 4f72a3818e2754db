package events

import (
	"strings"
	"testing"
	"time"
)

// A stream that may become larger than what the servers have is refused when it is made, and the reader is told which
// key is meant.
func TestTooLittleRoom(t *testing.T) {
	one := startServer(t, t.TempDir())
	c := connect(t, one.URL(), func(o *Options) { o.MaxBytes = 2 << 30 })
	_, err := c.Tail(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the stream SHEAF_RECORDS may take 2.0 GiB on each of 1 servers; make events.keep.bytes smaller") {
		t.Errorf("on one server: %v", err)
	}
	if testing.Short() {
		return // a cluster takes its time to elect a leader
	}
	trio := newTrio(t)
	c = connect(t, "", func(o *Options) { o.URLs, o.Replicas, o.MaxBytes = trio.urls(), 3, 2<<30 })
	// While the servers find each other they give other reasons.
	waitFor(t, time.Minute, "the servers to say that they have too little room", func() bool {
		_, err = c.Tail(t.Context())
		return err != nil && strings.Contains(err.Error(), "the stream SHEAF_RECORDS may take 2.0 GiB on each of 3 servers; make events.keep.bytes smaller")
	})
	// Nothing was made, so less room is enough.
	c = connect(t, "", func(o *Options) { o.URLs, o.Replicas, o.MaxBytes = trio.urls(), 3, 512<<20 })
	waitFor(t, time.Minute, "a smaller stream to be made", func() bool { _, err = c.Tail(t.Context()); return err == nil })
}
