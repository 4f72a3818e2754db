package events

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

func seqs(n, m int64) []int64 {
	var s []int64
	for ; n <= m; n++ {
		s = append(s, n)
	}
	return s
}

func TestPublish(t *testing.T) {
	s, own := startServer(t, t.TempDir()), embedded(t, t.TempDir(), nil)
	for name, way := range map[string]struct {
		client *Client
		server nats.InProcessConnProvider
	}{"in process": {inside(t, own), own}, "over TCP": {connect(t, s.URL(), nil), s}} {
		t.Run(name, func(t *testing.T) {
			for n := int64(0); n < 4000; n += 2000 {
				got := publish(t, way.client, tail(t, way.client), changes(n+1, n+2000))
				want := pipeline.Tail{
					StreamSeq: uint64(n) + 2000, MsgID: string(changejson.AppendEventID(nil, new(change(n+2000)))),
					Cursor: pipeline.Cursor{Epoch: 1, Seq: n + 2000}, Datestamp: change(n + 2000).Datestamp,
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("after Publish (-want +got):\n%s", d)
				}
				if d := cmp.Diff(want, tail(t, way.client)); d != "" {
					t.Errorf("Tail (-want +got):\n%s", d)
				}
			}
			if d := cmp.Diff(seqs(1, 4000), stored(t, way.server)); d != "" {
				t.Errorf("the stream (-want +got):\n%s", d)
			}
		})
	}
}

func TestPublishElsewhereIsRefused(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	empty := tail(t, c)
	five := publish(t, c, empty, changes(1, 5))

	wrongID := five
	wrongID.MsgID = "oai:gateway.example.org:cold-war/5@1.4"
	ahead := five
	ahead.StreamSeq++
	for name, after := range map[string]pipeline.Tail{"empty": empty, "another id": wrongID, "a higher number": ahead} {
		got, err := c.Publish(t.Context(), after, changes(6, 1500))
		if !errors.Is(err, pipeline.ErrLostPlace) {
			t.Errorf("after %s: %v, want ErrLostPlace", name, err)
		}
		if d := cmp.Diff(after, got); d != "" {
			t.Errorf("after %s: the tail moved (-want +got):\n%s", name, d)
		}
	}
	if d := cmp.Diff(five, tail(t, c)); d != "" {
		t.Errorf("something got in (-want +got):\n%s", d)
	}
	if _, err := c.Publish(t.Context(), five, []pipeline.Event{change(7), change(6)}); !errors.Is(err, errOrder) {
		t.Errorf("events out of order: %v", err)
	}
	if got := publish(t, c, five, changes(6, 9)); got.Seq != 9 {
		t.Errorf("from the right place it came to %v", got)
	}
	if got := stored(t, s); !slices.Equal(got, seqs(1, 9)) {
		t.Errorf("the stream holds %v", got)
	}
}

// A message that asks for no acknowledgement is refused: only what stands before it is published, and the next try, which
// begins with it, says why.
func TestPublishSaysWhatWasRefused(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := connect(t, s.URL(), nil)
	at, es := tail(t, c), changes(1, 200)
	stream, err := c.js.Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	bounded := stream.CachedInfo().Config
	bounded.MaxMsgSize = 16 << 10
	if _, err := c.js.UpdateStream(t.Context(), bounded); err != nil {
		t.Fatal(err)
	}
	es[99].DC = fmt.Appendf(nil, `{"title":[{"value":%q}]}`, strings.Repeat("long ", 8<<10)) // neither first, last, nor the 64th
	got, err := c.Publish(t.Context(), at, es)
	if !errors.Is(err, pipeline.ErrLostPlace) || got.Seq > 99 {
		t.Errorf("the first try came to %v: %v", got, err)
	}
	if in := stored(t, s); !slices.Equal(in, seqs(1, 99)) {
		t.Errorf("the stream holds %v", in)
	}
	if at = tail(t, c); at.Seq != 99 { // sets the bound back too
		t.Fatalf("the stream ends with %v", at)
	}
	if _, err := c.js.UpdateStream(t.Context(), bounded); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Publish(t.Context(), at, es[99:]); !errors.Is(err, errRefused) {
		t.Errorf("the try that begins with it: %v", err)
	}
	at = tail(t, c)
	if got := publish(t, c, at, es[99:]); got.Seq != 200 {
		t.Errorf("without the bound it came to %v", got)
	}
}
