package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A takingLog takes every page.
type takingLog struct{ pipeline.Log }

func (takingLog) Begin(_ context.Context, source string, _ func(harvest.Cursor) harvest.Cursor) (*pipeline.Run, error) {
	return &pipeline.Run{Source: source}, nil
}
func (takingLog) Pass(context.Context, string) (pipeline.Pass, error) {
	return pipeline.Pass{Accepted: true}, nil
}
func (takingLog) Known(_ context.Context, asks []pipeline.Ask) ([]pipeline.Known, error) {
	return make([]pipeline.Known, len(asks)), nil
}
func (takingLog) Commit(context.Context, *pipeline.Batch) (*pipeline.Receipt, error) {
	return &pipeline.Receipt{}, nil
}
func (takingLog) Held(context.Context, string) (pipeline.Held, error)        { return pipeline.Held{}, nil }
func (takingLog) End(context.Context, *pipeline.Run, pipeline.Outcome) error { return nil }

// A site is a source of one page on a host.
type site struct {
	fetcher *harvest.Fetcher
	url     string
	parse   func() // what reading the page takes
}

func (s site) Page(ctx context.Context, _ harvest.Cursor) (*harvest.Page, error) {
	if _, err := s.fetcher.Fetch(ctx, harvest.Request{URL: s.url}); err != nil {
		return nil, err
	}
	if s.parse != nil {
		s.parse()
	}
	return &harvest.Page{Done: true}, nil
}

// The net of the tests: hosts that begin with "dead" never answer, others do after a second.
type net struct{}

func (net) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Host, "dead") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	time.Sleep(time.Second)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("x")), Header: http.Header{}, Request: r}, nil
}

func scheduler(l pipeline.Limits) *pipeline.Scheduler {
	quiet := slog.New(slog.DiscardHandler)
	return &pipeline.Scheduler{
		Runner: &pipeline.Runner{Log: takingLog{}, Namespace: "a.example", Observer: nobody{}, Logger: quiet},
		Last:   func(context.Context, string) (time.Time, error) { return time.Time{}, nil },
		Limits: l, Logger: quiet,
	}
}

func sourceAt(f *harvest.Fetcher, name, host string, parse func()) *pipeline.Source {
	return &pipeline.Source{Name: name, Host: host, Mapper: by(titles{}), Harvest: site{f, "http://" + host + "/", parse}}
}

// TestDeadHostsHoldNobodyUp: sources whose hosts do not answer, many on one of them, keep no other from being
// harvested; and it can be seen what each waits for.
func TestDeadHostsHoldNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := harvest.NewFetcher(harvest.Options{Transport: net{}})
		s := scheduler(pipeline.Limits{})
		ctx, stop := context.WithCancel(t.Context())
		var runs sync.WaitGroup
		begin := func(name, host string) {
			src := sourceAt(f, name, host, nil)
			runs.Go(func() { _, _ = s.Harvest(ctx, src, pipeline.Order{}) })
			synctest.Wait()
		}
		for i := range 40 {
			begin(fmt.Sprint("hung-", i), fmt.Sprintf("dead%d.example", i))
		}
		for i := range 300 {
			begin(fmt.Sprint("crowd-", i), "dead.example")
		}
		began := time.Now()
		for i := range 5 {
			if _, err := s.Harvest(ctx, sourceAt(f, "well", fmt.Sprintf("well%d.example", i), nil), pipeline.Order{}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("five sources that answer within a second took %v", took)
		}
		time.Sleep(time.Minute)
		for name, want := range map[string]harvest.Reason{"hung-0": harvest.ForAnswer, "crowd-0": harvest.ForAnswer, "crowd-1": harvest.ForTurn, "crowd-299": pipeline.ForHost, "well": ""} {
			w := s.Waiting(name)
			if w.For != want || want != "" && (time.Since(w.Since) < time.Minute || !strings.HasPrefix(w.Host, "dead")) {
				t.Errorf("%s waits for %q at %q since %v, want %q", name, w.For, w.Host, w.Since, want)
			}
		}
		stop()
		runs.Wait()
	})
}

// TestPlaces: no more runs work, or are under way, than there may be, and all of them come to their turn.
func TestPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := harvest.NewFetcher(harvest.Options{Transport: net{}})
		s := scheduler(pipeline.Limits{Working: 2, UnderWay: 20})
		var working, most, ended atomic.Int32
		var runs sync.WaitGroup
		for i := range 50 {
			src := sourceAt(f, fmt.Sprint("s-", i), fmt.Sprintf("well%d.example", i), func() {
				most.Store(max(most.Load(), working.Add(1)))
				time.Sleep(time.Second)
				working.Add(-1)
			})
			runs.Go(func() {
				if _, err := s.Harvest(t.Context(), src, pipeline.Order{}); err == nil {
					ended.Add(1)
				}
			})
		}
		synctest.Wait()
		waiting := 0
		for i := range 50 {
			if s.Waiting(fmt.Sprint("s-", i)).For == pipeline.ForPlace {
				waiting++
			}
		}
		runs.Wait()
		if ended.Load() != 50 || most.Load() != 2 || waiting != 30 {
			t.Errorf("%d runs have ended, %d worked at once, %d waited for a place; want 50, 2, 30", ended.Load(), most.Load(), waiting)
		}
	})
}

// TestStoppedInTheQueue: a run that is stopped before its turn gives back what it has.
func TestStoppedInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := harvest.NewFetcher(harvest.Options{Transport: net{}})
		s := scheduler(pipeline.Limits{Working: 1, UnderWay: 1, OnHost: 1})
		first, stopFirst := context.WithCancel(t.Context())
		second, stopSecond := context.WithTimeout(t.Context(), time.Second)
		defer stopSecond()
		var runs sync.WaitGroup
		runs.Go(func() { _, _ = s.Harvest(first, sourceAt(f, "hung", "dead.example", nil), pipeline.Order{}) })
		synctest.Wait()
		if _, err := s.Harvest(second, sourceAt(f, "late", "well.example", nil), pipeline.Order{}); err == nil {
			t.Error("a run went on without a place")
		}
		stopFirst()
		runs.Wait()
		if _, err := s.Harvest(t.Context(), sourceAt(f, "well", "well.example", nil), pipeline.Order{}); err != nil {
			t.Error(err)
		}
		if w := s.Waiting("late"); w.For != "" {
			t.Errorf("the run that was stopped waits for %q", w.For)
		}
	})
}
