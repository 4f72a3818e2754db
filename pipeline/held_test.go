package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A slowLog takes a second for each page, and counts those that it has.
type slowLog struct {
	takingLog
	writer chan struct{}
	stored *atomic.Int32
}

func (l slowLog) Commit(context.Context, *pipeline.Batch) (*pipeline.Receipt, error) {
	l.writer <- struct{}{}
	time.Sleep(time.Second)
	l.stored.Add(1)
	<-l.writer
	return &pipeline.Receipt{}, nil
}

const heavy = 1 << 20 // bytes of a heavy page

// The laden net answers each request at once with a heavy page.
type laden struct{ asked *atomic.Int32 }

func (s laden) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked.Add(1)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(make([]byte, heavy))), Header: http.Header{}, Request: r}, nil
}

// A heavySource gives four heavy pages: of a host, or as from files if it has none.
type heavySource struct {
	fetcher *harvest.Fetcher
	host    string
	asked   *atomic.Int32
}

func (s heavySource) Page(ctx context.Context, at harvest.Cursor) (*harvest.Page, error) {
	if s.host == "" {
		s.asked.Add(1)
	} else if _, err := s.fetcher.Fetch(ctx, harvest.Request{URL: "http://" + s.host}); err != nil {
		return nil, err
	}
	one := item(s.host+string(at)+"x", "a title")
	one.Deleted, one.Original = true, make([]byte, heavy)
	return &harvest.Page{Items: []harvest.Item{one}, Next: at + "x", Done: len(at) == 3}, nil
}

// TestHeldTogether: many sources that give pages faster than the log takes them hold few of them, and all come to their ends.
func TestHeldTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, stored, ended atomic.Int32
		f := harvest.NewFetcher(harvest.Options{Transport: laden{&asked}, Hosts: harvest.NewHosts(harvest.HostLimits{Rate: -1})})
		s := scheduler(pipeline.Limits{})
		s.Runner = &pipeline.Runner{
			Log: slowLog{writer: make(chan struct{}, 1), stored: &stored}, Namespace: "a.example", Observer: nobody{}, Logger: slog.New(slog.DiscardHandler),
		}
		var runs sync.WaitGroup
		for i := range 40 {
			src := &pipeline.Source{Name: fmt.Sprint("s-", i), Mapper: by(titles{}), Harvest: heavySource{f, "", &asked}}
			if i > 0 {
				src.Host = fmt.Sprintf("h%d.example", i%10)
				src.Harvest = heavySource{f, src.Host, &asked}
			}
			runs.Go(func() {
				if _, err := s.Harvest(t.Context(), src, pipeline.Order{}); err == nil {
					ended.Add(1)
				}
			})
		}
		most := int32(0)
		for range 4 * 40 {
			synctest.Wait()
			most = max(most, asked.Load()-stored.Load())
			time.Sleep(time.Second)
		}
		runs.Wait()
		// Each of the ten hosts may answer one more when there is room.
		if ended.Load() != 40 || stored.Load() != 4*40 || most > 6+10+1 {
			t.Errorf("%d runs have ended, with %d pages; %d pages were held at once; want 40, 160, at most 17", ended.Load(), stored.Load(), most)
		}
	})
}
