package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A stream is a stream in memory, which fails as long as broken is set. If room is not 0, that is how many events it takes.
type stream struct {
	events []pipeline.Event
	broken error
	room   int
}

func (s *stream) Tail(context.Context) (pipeline.Tail, error) {
	n := len(s.events)
	if n == 0 {
		return pipeline.Tail{}, nil
	}
	e := s.events[n-1]
	return pipeline.Tail{StreamSeq: uint64(n), MsgID: fmt.Sprint(e.Identifier, e.Epoch, e.Seq), Cursor: pipeline.Cursor{Epoch: e.Epoch, Seq: e.Seq}, Datestamp: e.Datestamp, Seen: e.HeadSeen}, nil
}

func (s *stream) Publish(ctx context.Context, after pipeline.Tail, events []pipeline.Event) (pipeline.Tail, error) {
	if s.broken != nil {
		return after, s.broken
	}
	if after.StreamSeq != uint64(len(s.events)) {
		return after, pipeline.ErrLostPlace
	}
	if s.room > 0 && len(s.events)+len(events) > s.room {
		s.events = append(s.events, events[:s.room-len(s.events)]...)
		tail, _ := s.Tail(ctx) // it has none
		return tail, errFull
	}
	s.events = append(s.events, events...)
	return s.Tail(ctx)
}

var errFull = errors.New("there is no room")

func (s *stream) Notify(context.Context, pipeline.Notice) error { return nil }

// untilIdle ends a relay when it has caught up, or has failed a number of times.
type untilIdle struct {
	stop     context.CancelFunc
	failures int
}

func (u *untilIdle) Published([]pipeline.Event, pipeline.Head) {}
func (u *untilIdle) CaughtUp(pipeline.Cursor)                  { u.stop() }
func (u *untilIdle) PublishFailed(error) {
	if u.failures--; u.failures <= 0 {
		u.stop()
	}
}

func relayOnce(t *testing.T, log pipeline.Relayed, s *stream, failures int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &pipeline.Relay{Log: log, Publisher: s, Observer: &untilIdle{stop, failures}, Logger: slog.New(slog.DiscardHandler)}
	_ = r.Run(ctx) // the cancellation, by stop
}

// A setClock stands still.
type setClock struct{ at time.Duration }

func (c *setClock) Wall() time.Time        { return time.Unix(1_800_000_000, 0).Add(c.at) }
func (c *setClock) Elapsed() time.Duration { return c.at }

func openFolder(t *testing.T, dir string, clock store.Clock) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Namespace: "a.example", Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// put commits records, each with some content.
func put(t *testing.T, s pipeline.Log, content byte, locals ...string) {
	t.Helper()
	run, err := s.Begin(t.Context(), "a", pipeline.FromTheStart)
	if err != nil {
		t.Fatal(err)
	}
	b := &pipeline.Batch{Run: run, Next: "1"}
	for _, local := range locals {
		b.Changes = append(b.Changes, pipeline.Change{
			Identifier: "oai:a.example:a/" + local, Sets: []string{"a"}, Input: pipeline.Hash{1, content}, Fingerprint: pipeline.Hash{2, content},
			DC: fmt.Appendf(nil, `{"title":[{"value":"%d"}]}`, content), OAIDC: fmt.Appendf(nil, "<dc>%d</dc>", content),
		})
	}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// published are the final states in the stream, by identifier.
func (s *stream) final() map[string]pipeline.Hash {
	out := map[string]pipeline.Hash{}
	for _, e := range s.events {
		out[e.Identifier] = e.Fingerprint
	}
	return out
}

// TestStreamOfALostHistory puts an older state of the whole folder back, as a snapshot of a machine
// does: with the high-water mark, so that the log itself can't know. It then grows beyond what it lost
// while the broker is away. The stream ends with a seq that the log has given out, for something else.
func TestStreamOfALostHistory(t *testing.T) {
	for _, moved := range []bool{false, true} {
		t.Run(fmt.Sprint("the record at the end has moved on: ", moved), func(t *testing.T) {
			clock := &setClock{}
			dir, older := t.TempDir(), t.TempDir()
			s := openFolder(t, dir, clock)
			put(t, s, 1, "1", "2")
			events := &stream{}
			relayOnce(t, s, events, 9)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(older, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			clock.at += time.Minute
			s = openFolder(t, dir, clock)
			put(t, s, 1, "lost 1", "lost 2", "lost 3")
			relayOnce(t, s, events, 9)

			clock.at += time.Minute
			s = openFolder(t, older, clock)
			put(t, s, 1, "3", "4", "5", "6")
			if moved {
				clock.at += time.Minute
				put(t, s, 2, "5")
			}
			relayOnce(t, s, events, 9)
			final := events.final()
			records, _, err := s.Read(t.Context(), 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				if final[r.Identifier] != r.Fingerprint {
					t.Errorf("the last state of %s was not published", r.Identifier)
				}
			}
		})
	}
}

// TestStreamBehindWhatIsLost puts an older state of the whole folder back while the stream, beside it, has not come to
// what is lost. Its last event is one that the log knows, but a record that had moved on before the relay came by is back
// at a place that the relay has passed.
func TestStreamBehindWhatIsLost(t *testing.T) {
	for _, grown := range []bool{false, true} {
		t.Run(fmt.Sprint("the log has grown since: ", grown), func(t *testing.T) {
			clock := &setClock{}
			dir, older := t.TempDir(), t.TempDir()
			s := openFolder(t, dir, clock)
			put(t, s, 1, "1", "2", "3")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(older, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			clock.at += time.Minute
			s = openFolder(t, dir, clock)
			put(t, s, 2, "1")
			events := &stream{room: 1}
			relayOnce(t, s, events, 1)
			if len(events.events) != 1 || events.events[0].Identifier != "oai:a.example:a/2" {
				t.Fatalf("the stream has %+v", events.events)
			}

			clock.at += time.Minute
			s, events.room = openFolder(t, older, clock), 0
			if grown {
				put(t, s, 1, "4")
			}
			relayOnce(t, s, events, 9)
			final := events.final()
			records, _, err := s.Read(t.Context(), 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				if final[r.Identifier] != r.Fingerprint {
					t.Errorf("the last state of %s was not published", r.Identifier)
				}
			}
		})
	}
}

// TestFolderPutBack puts the whole folder back as it was, with the stream in it or beside it. A consumer
// that keeps the documented rule, to apply what has a larger cursor than it holds, ends with what the log has
// when the source has been harvested again.
func TestFolderPutBack(t *testing.T) {
	for _, inside := range []bool{true, false} {
		t.Run(fmt.Sprint("the stream is in the folder: ", inside), func(t *testing.T) {
			clock := &setClock{}
			dir, older := t.TempDir(), t.TempDir()
			s := openFolder(t, dir, clock)
			put(t, s, 1, "1", "2", "3", "4", "5")
			events, consumer := &stream{}, consumer{}
			relayOnce(t, s, events, 9)
			consumer.read(events)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(older, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			saved := len(events.events)
			clock.at += time.Minute
			s = openFolder(t, dir, clock)
			for content := byte(2); content < 9; content++ { // what is lost
				put(t, s, content, "1", "2", "3", "4", "new")
			}
			relayOnce(t, s, events, 9)
			consumer.read(events)

			clock.at += time.Minute
			s = openFolder(t, older, clock)
			if inside {
				events.events = events.events[:saved]
			}
			put(t, s, 9, "1", "2", "3", "4", "new") // the source goes on
			relayOnce(t, s, events, 9)
			consumer.read(events)
			records, _, err := s.Read(t.Context(), 0, 100)
			if err != nil || len(records) != 6 {
				t.Fatalf("%d records, %v", len(records), err)
			}
			for _, r := range records {
				if consumer[r.Identifier].Fingerprint != r.Fingerprint {
					t.Errorf("a consumer has not the last state of %s", r.Identifier)
				}
			}
		})
	}
}

// A consumer holds the last event of each record, by the documented rule.
type consumer map[string]pipeline.Event

func (c consumer) read(s *stream) {
	for _, e := range s.events {
		have := c[e.Identifier]
		if (pipeline.Cursor{Epoch: have.Epoch, Seq: have.Seq}).Before(pipeline.Cursor{Epoch: e.Epoch, Seq: e.Seq}) {
			c[e.Identifier] = e
		}
	}
}

// TestStreamThatCannotBeWritten: a stream that ends with something unknown and takes nothing more
// brings one new epoch, not one at each attempt.
func TestStreamThatCannotBeWritten(t *testing.T) {
	clock := &setClock{}
	s := openFolder(t, filepath.Join(t.TempDir(), "log"), clock)
	put(t, s, 1, "1", "2")
	events := &stream{broken: context.DeadlineExceeded, events: []pipeline.Event{
		{Epoch: 17, Record: pipeline.Record{Identifier: "oai:a.example:a/0", Seq: 1000, Datestamp: clock.Wall()}},
	}}
	relayOnce(t, s, events, 4)
	epochs, err := s.Epochs(t.Context())
	if err != nil || len(epochs) != 3 {
		t.Errorf("epochs %v, %v; want the first, that of the stream, and the present one", epochs, err)
	}
	events.broken = nil
	relayOnce(t, s, events, 9)
	if n := len(events.events); n != 3 {
		t.Errorf("%d events in the stream, want the foreign one and two", n)
	}
}
