package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A relayed log is a log with so many records, of which a relay keeps its mark.
type relayedLog struct {
	pipeline.Relayed
	epoch   int64
	records int64
	mark    pipeline.Mark
	begun   int
}

func (l *relayedLog) head() pipeline.Head {
	return pipeline.Head{Cursor: pipeline.Cursor{Epoch: l.epoch, Seq: l.records}, Datestamp: time.Unix(1000, 0)}
}

func (l *relayedLog) Changed() <-chan struct{}                         { return make(chan struct{}) }
func (l *relayedLog) Head(context.Context) (pipeline.Head, error)      { return l.head(), nil }
func (l *relayedLog) Mark(context.Context) (pipeline.Mark, error)      { return l.mark, nil }
func (l *relayedLog) SetMark(_ context.Context, m pipeline.Mark) error { l.mark = m; return nil }
func (l *relayedLog) Epochs(context.Context) ([]pipeline.Cursor, error) {
	return []pipeline.Cursor{{Epoch: l.epoch}}, nil
}
func (l *relayedLog) Stamped(context.Context, int64) (time.Time, error) {
	return time.Unix(1000, 0), nil
}
func (l *relayedLog) NewEpoch(context.Context, pipeline.Head, string) error { l.begun++; return nil }

func (l *relayedLog) Read(_ context.Context, after int64, limit int) (out []pipeline.Record, _ pipeline.Head, _ error) {
	for seq := after + 1; seq <= l.records && len(out) < limit; seq++ {
		out = append(out, pipeline.Record{Identifier: "oai:a:b", Seq: seq, Datestamp: time.Unix(1000, 0)})
	}
	return out, l.head(), nil
}

// A cutStream is a stream whose messages may be taken away: all, or the newest.
type cutStream struct {
	mu sync.Mutex
	stream
	lost uint64 // how many the stream's number counts that are not there
}

// cut takes all messages away but the oldest so many.
func (s *cutStream) cut(left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost, s.events = uint64(len(s.events)-left), s.events[:left]
}

func (s *cutStream) seqs() (out []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.events {
		out = append(out, s.events[i].Seq)
	}
	return out
}

func (s *cutStream) Tail(ctx context.Context) (pipeline.Tail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.stream.Tail(ctx)
	if t.StreamSeq += s.lost; s.lost > 0 {
		t.MsgID = ""
	}
	return t, err
}

func (s *cutStream) Publish(ctx context.Context, after pipeline.Tail, events []pipeline.Event) (pipeline.Tail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	after.StreamSeq -= s.lost
	_, err := s.stream.Publish(ctx, after, events)
	t, _ := s.stream.Tail(ctx)
	t.StreamSeq += s.lost
	return t, err
}

// heard is an observer that counts the cuts, and stops the relay when it has caught up so often.
type heard struct {
	stop     context.CancelFunc
	caughtUp int
	cuts     atomic.Int32
}

func (h *heard) Published([]pipeline.Event, pipeline.Head) {}
func (h *heard) PublishFailed(err error) {
	if errors.Is(err, pipeline.ErrCut) {
		h.cuts.Add(1)
	}
}
func (h *heard) CaughtUp(pipeline.Cursor) {
	if h.caughtUp--; h.caughtUp == 0 {
		h.stop()
	}
}

// What a relay does about a stream that lost messages between two starts: it goes on from the last that is really
// there. Only what has expired is not published again.
func TestStreamThatLostItsEnd(t *testing.T) {
	hour := time.Now().Add(-time.Hour)
	for name, test := range map[string]struct {
		there int           // messages that are left
		saved time.Time     // of the mark, which says that all ten were published
		keep  time.Duration // of the stream
		want  []int64
		told  int32 // of cuts
	}{
		"nothing is lost":                  {10, hour, 24 * time.Hour, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0},
		"the newest are lost":              {6, hour, 24 * time.Hour, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1},
		"all are lost, before their time":  {0, hour, 24 * time.Hour, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1},
		"all have expired":                 {0, hour, 30 * time.Minute, nil, 0},
		"all have expired, by an old mark": {0, time.Time{}, 24 * time.Hour, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			log := &relayedLog{epoch: 1, records: 10}
			s := &cutStream{}
			run := func() int32 {
				ctx, stop := context.WithCancel(t.Context())
				h := &heard{stop: stop, caughtUp: 1}
				_ = (&pipeline.Relay{Log: log, Publisher: s, Observer: h, Logger: slog.New(slog.DiscardHandler), Keep: test.keep}).Run(ctx)
				return h.cuts.Load()
			}
			run()
			if log.mark.Seq != 10 || time.Since(log.mark.Saved) > time.Minute {
				t.Fatalf("the mark is %+v", log.mark)
			}
			log.mark.Saved = test.saved
			s.cut(test.there)
			if told := run(); told != test.told {
				t.Errorf("%d cuts were told of, want %d", told, test.told)
			}
			if got := s.seqs(); !slices.Equal(got, test.want) || log.begun != 0 {
				t.Errorf("the stream holds %v, want %v; %d epochs were begun", got, test.want, log.begun)
			}
		})
	}
}

// A stream that is purged while nothing changes is noticed within a minute, told, and filled again.
func TestPurgeIsNoticedWhenNothingChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &relayedLog{epoch: 1, records: 10}
		s := &cutStream{}
		ctx, stop := context.WithCancel(t.Context())
		h := &heard{stop: stop, caughtUp: -1}
		done := make(chan error)
		go func() {
			done <- (&pipeline.Relay{Log: log, Publisher: s, Observer: h, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
		}()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n, got := h.cuts.Load(), s.seqs(); n != 0 || len(got) != 10 {
			t.Fatalf("nothing happened, and it told of %d cuts; the stream holds %v", n, got)
		}
		s.cut(0)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n, got := h.cuts.Load(), s.seqs(); n != 1 || len(got) != 10 {
			t.Errorf("a minute after a purge: told %d times, the stream holds %v", n, got)
		}
		stop()
		<-done
	})
}

// A growing log has a record more from time to time, until it has the most.
type growingLog struct {
	relayedLog
	since time.Time
	every time.Duration
	most  int64
}

func (l *growingLog) Changed() <-chan struct{} {
	grown := make(chan struct{})
	time.AfterFunc(l.every, func() { close(grown) })
	return grown
}

func (l *growingLog) Read(ctx context.Context, after int64, limit int) ([]pipeline.Record, pipeline.Head, error) {
	l.records = min(int64(time.Since(l.since)/l.every), l.most)
	return l.relayedLog.Read(ctx, after, limit)
}

// A marked log keeps the seqs of all marks.
type markedLog struct {
	growingLog
	marks []int64
}

func (l *markedLog) SetMark(_ context.Context, m pipeline.Mark) error {
	l.marks = append(l.marks, m.Seq)
	return nil
}

// A relay that keeps up with a log that grows without pause does not write its place down behind each record: from time to
// time, once nothing comes any more, and when it is stopped.
func TestPlaceIsSavedFromTimeToTime(t *testing.T) {
	for name, test := range map[string]struct {
		most   int64
		lasts  time.Duration
		fewest int // marks
	}{
		"it has nothing more to do": {300, time.Minute, 3},
		"it is stopped":             {1000, 59 * time.Second, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &markedLog{growingLog: growingLog{relayedLog: relayedLog{epoch: 1}, since: time.Now(), every: 100 * time.Millisecond, most: test.most}}
				s := &cutStream{}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error)
				go func() {
					done <- (&pipeline.Relay{Log: log, Publisher: s, Observer: &heard{caughtUp: -1}, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
				}()
				time.Sleep(test.lasts)
				synctest.Wait()
				before := slices.Clone(log.marks)
				stop()
				<-done
				if n := len(before); n < test.fewest || n > 9 {
					t.Errorf("in %v the place was saved %d times: %v", test.lasts, n, before)
				}
				if there := int64(len(s.seqs())); log.marks[len(log.marks)-1] != there || there == test.most && !slices.Equal(log.marks, before) {
					t.Errorf("the stream has %d events; the places that were saved are %v, and %v before it was stopped", there, log.marks, before)
				}
			})
		})
	}
}

// A watched stream counts how often its end is looked at.
type watchedStream struct {
	cutStream
	looks atomic.Int32
}

func (s *watchedStream) Tail(ctx context.Context) (pipeline.Tail, error) {
	s.looks.Add(1)
	return s.cutStream.Tail(ctx)
}

// A stream to which something is published each second is looked at as often as one that is idle: its bounds, its
// owner and what it has lost don't show in the answers to what is published.
func TestBusyStreamIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &growingLog{relayedLog: relayedLog{epoch: 1}, since: time.Now(), every: time.Second, most: 1000}
		s := &watchedStream{}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- (&pipeline.Relay{Log: log, Publisher: s, Observer: &heard{caughtUp: -1}, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
		}()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n, got := s.looks.Load(), len(s.seqs()); n < 10 || n > 30 || got < 500 {
			t.Errorf("in 10 minutes it was looked at %d times, and %d events were published", n, got)
		}
		stop()
		<-done
	})
}

// A sizedStream notes how many events come at once, and refuses the first of them.
type sizedStream struct {
	stream
	sizes []int
}

func (s *sizedStream) Publish(ctx context.Context, after pipeline.Tail, events []pipeline.Event) (pipeline.Tail, error) {
	s.sizes = append(s.sizes, len(events))
	if len(s.sizes) == 1 {
		return after, pipeline.ErrLostPlace
	}
	return s.stream.Publish(ctx, after, events)
}

// After a failure a relay begins with one event, and takes twice as many each time.
func TestRelayBeginsSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sizedStream{}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		log := &relayedLog{epoch: 1, records: 20}
		_ = (&pipeline.Relay{Log: log, Publisher: s, Observer: &heard{stop: stop, caughtUp: 1}, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
		if want := []int{20, 1, 2, 4, 8, 5}; !slices.Equal(s.sizes, want) || len(s.events) != 20 {
			t.Errorf("it published %v at once, want %v; the stream has %d events", s.sizes, want, len(s.events))
		}
	})
}
