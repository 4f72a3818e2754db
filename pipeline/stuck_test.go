package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A deaf source gives a page and then, until free is closed, nothing, whatever becomes of ctx.
type deaf struct{ free atomic.Pointer[chan struct{}] }

func newDeaf() *deaf {
	d := &deaf{}
	d.close()
	return d
}

// open frees the source, and close makes it deaf again.
func (d *deaf) open() { close(*d.free.Load()) }

func (d *deaf) close() {
	free := make(chan struct{})
	d.free.Store(&free)
}

func (d *deaf) Page(_ context.Context, at harvest.Cursor) (*harvest.Page, error) {
	if at == "" {
		return &harvest.Page{Items: []harvest.Item{item("1", "one")}, Full: true, Next: "2"}, nil
	}
	<-*d.free.Load()
	return &harvest.Page{Items: []harvest.Item{item("2", "two")}, Full: true, Done: true}, nil
}

// A slow source waits for its host, as long as it says.
type slow struct{ takes time.Duration }

func (s *slow) Page(ctx context.Context, _ harvest.Cursor) (*harvest.Page, error) {
	waiter := harvest.WaiterOf(ctx)
	waiter.Wait(harvest.Wait{For: harvest.ForRetry, Host: "a.example", Until: time.Now().Add(s.takes)})
	time.Sleep(s.takes)
	waiter.Resume(ctx)
	return &harvest.Page{Items: []harvest.Item{item("1", "one")}, Full: true, Done: true}, nil
}

func newRunner(t *testing.T) (*pipeline.Runner, *memory.Log) {
	t.Helper()
	log := memory.New(memory.Options{Namespace: "a.example", Clock: &setClock{}})
	return &pipeline.Runner{Log: log, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler)}, log
}

// A run that does nothing any more is ended, also where its source does not heed that; what it had stays, and the next run
// goes on from there, once the source has come back.
func TestStuckRunIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := newRunner(t)
		source := newDeaf()
		src := &pipeline.Source{Name: "a", Mapper: by(titles{}), Harvest: source}
		began := time.Now()
		report, err := r.Run(t.Context(), src, pipeline.Order{})
		if report.Result != pipeline.Stuck || !errors.Is(err, pipeline.ErrStuck) || report.Counts.Added != 1 || pipeline.Advice(err) == "" {
			t.Errorf("it ends as %+v", report)
		}
		if took := time.Since(began); took < 30*time.Minute || took > 31*time.Minute {
			t.Errorf("it ends after %v", took)
		}
		if all, err := log.Status(t.Context()); err != nil || all[0].LastRun.Result != pipeline.Stuck || !strings.Contains(all[0].LastRun.Err, "30m") {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := r.Run(t.Context(), src, pipeline.Order{}); !errors.Is(err, pipeline.ErrHangs) {
			t.Errorf("asked again while it hangs: %v", err)
		}
		source.open()
		synctest.Wait()
		report, err = r.Run(t.Context(), src, pipeline.Order{})
		if err != nil || report.Result != pipeline.Complete || report.Counts.Added != 1 || report.Counts.Items != 1 {
			t.Errorf("the next run ends as %+v, %v", report, err)
		}
	})
}

// A run that is known to wait is not stuck.
func TestPatienceIsNotStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := newRunner(t)
		src := &pipeline.Source{Name: "a", Mapper: by(titles{}), Harvest: &slow{3 * time.Hour}}
		report, err := r.Run(t.Context(), src, pipeline.Order{})
		if err != nil || report.Result != pipeline.Complete {
			t.Errorf("it ends as %+v, %v", report, err)
		}
	})
}

// A source that hangs holds up neither the other sources nor the end of the gateway, and is tried again by itself.
func TestHangingSourceHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := newRunner(t)
		source := newDeaf()
		well := pages{{Items: []harvest.Item{item("1", "x")}}}
		jobs := []*pipeline.Job{
			{Source: &pipeline.Source{Name: "a", Mapper: by(titles{}), Harvest: source, StuckAfter: time.Minute}, Every: 24 * time.Hour},
			{Source: &pipeline.Source{Name: "b", Mapper: by(titles{}), Harvest: well}, Every: time.Hour},
		}
		s := &pipeline.Scheduler{
			Runner: r, Limits: pipeline.Limits{Working: 1, UnderWay: 1}, Logger: r.Logger,
			Last: func(context.Context, string) (time.Time, error) { return time.Time{}, nil },
		}
		s.Assign(jobs)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Run(ctx)
		}()
		time.Sleep(10 * time.Minute)
		all, err := log.Status(t.Context())
		if err != nil || len(all) != 2 || all[0].LastRun.Result != pipeline.Stuck || all[1].LastRun.Result != pipeline.Complete {
			t.Errorf("%+v, %v", all, err)
		}
		source.open()
		time.Sleep(time.Hour)
		if all, _ := log.Status(t.Context()); all[0].LastRun.Result != pipeline.Complete || all[0].Live != 2 {
			t.Errorf("it was not tried again: %+v", all[0])
		}
		source.close()
		time.Sleep(24 * time.Hour)
		time.Sleep(30 * time.Second) // the run of the next day hangs again
		cancel()
		at := time.Now()
		<-ended
		if took := time.Since(at); took > 10*time.Second {
			t.Errorf("the end took %v", took)
		}
		source.open()
	})
}

// A run that came to its deadline goes on soon, and not only when its source is due again.
func TestDeadlineGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := newRunner(t)
		src := &pipeline.Source{Name: "a", Mapper: by(titles{}), Harvest: &crawl{}, Deadline: time.Hour}
		s := &pipeline.Scheduler{
			Runner: r, Logger: r.Logger,
			Last: func(context.Context, string) (time.Time, error) { return time.Time{}, nil },
		}
		s.Assign([]*pipeline.Job{{Source: src, Every: 24 * time.Hour}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Run(ctx)
		}()
		time.Sleep(4 * time.Hour)
		if all, err := log.Status(t.Context()); err != nil || all[0].LastRun.Result != pipeline.Complete || all[0].Live != 10 {
			t.Errorf("%+v, %v", all, err)
		}
		cancel()
		<-ended
	})
}

// A crawl gives ten pages, one in twenty minutes.
type crawl struct{}

func (crawl) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	select {
	case <-time.After(20 * time.Minute):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	next := at + "x"
	return &harvest.Page{Items: []harvest.Item{item(string(next), "a title")}, Full: true, Next: next, Done: len(next) == 10}, nil
}

// A run that a person cancels ends with who did it, keeps what it had, and is not tried again before its source is due.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := newRunner(t)
		src := &pipeline.Source{Name: "a", Mapper: by(titles{}), Harvest: &crawl{}}
		s := &pipeline.Scheduler{
			Runner: r, Logger: r.Logger,
			Last: func(context.Context, string) (time.Time, error) { return time.Time{}, nil },
		}
		s.Assign([]*pipeline.Job{{Source: src, Every: 24 * time.Hour}})
		if report, err := s.Cancel(t.Context(), "a", pipeline.ErrCancelled); report != nil || err != nil {
			t.Errorf("without a run: %+v, %v", report, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Run(ctx)
		}()
		time.Sleep(50 * time.Minute)
		report, err := s.Cancel(t.Context(), "a", pipeline.ErrCancelled)
		if err != nil || report.Result != pipeline.Cancelled || !errors.Is(report.Err, pipeline.ErrCancelled) || report.Counts.Added != 2 {
			t.Errorf("%+v, %v", report, err)
		}
		lives := func() int64 {
			all, err := log.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return all[0].Live
		}
		time.Sleep(23 * time.Hour)
		if n := lives(); n != 2 {
			t.Errorf("%d records before the source is due", n)
		}
		time.Sleep(5 * time.Hour)
		if n := lives(); n != 10 {
			t.Errorf("%d records after it was due", n)
		}
		cancel()
		<-ended
	})
}
