package harvest_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sheaf-gateway/sheaf/harvest"
)

func TestOneAtATimePerHost(t *testing.T) {
	var now, most atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		io.WriteString(w, strings.Repeat("x", 1<<16))
		now.Add(-1)
	})
	hosts := harvest.NewHosts(harvest.HostLimits{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			f := harvest.NewFetcher(harvest.Options{Reach: here, Hosts: hosts})
			for range 5 {
				if _, err := f.Fetch(t.Context(), harvest.Request{URL: base}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d requests at once", most.Load())
	}
}

func TestDelayAndRate(t *testing.T) {
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
	})
	for name, c := range map[string]struct {
		limits harvest.HostLimits
		url    string
		want   time.Duration // for three requests
	}{
		"default":      {harvest.HostLimits{}, "http://example.org/", 400 * time.Millisecond},
		"this machine": {harvest.HostLimits{}, "http://127.0.0.1:9/", 0},
		"delay":        {harvest.HostLimits{Delay: 3 * time.Second}, "http://example.org/", 6 * time.Second},
		"rate":         {harvest.HostLimits{Rate: 0.5}, "http://example.org/", 4 * time.Second},
		"no rate":      {harvest.HostLimits{Rate: -1}, "http://example.org/", 0},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			began := clock.Now()
			f := harvest.NewFetcher(harvest.Options{Clock: clock, Transport: transport, Hosts: harvest.NewHosts(c.limits)})
			for range 3 {
				if _, err := f.Fetch(t.Context(), harvest.Request{URL: c.url}); err != nil {
					t.Fatal(err)
				}
			}
			if took := clock.Now().Sub(began); took.Round(time.Millisecond) != c.want {
				t.Errorf("took %v, want %v", took, c.want)
			}
		})
	}
}

func TestOwnLimitOfAHost(t *testing.T) {
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
	})
	clock := newClock()
	hosts := harvest.NewHosts(harvest.HostLimits{Rate: -1})
	hosts.Limit("Slow.example.org", harvest.HostLimits{Rate: -1, Delay: time.Minute})
	f := harvest.NewFetcher(harvest.Options{Clock: clock, Transport: transport, Hosts: hosts})
	for _, u := range []string{"http://slow.example.org/", "http://example.org/", "http://example.org/", "http://SLOW.example.org/"} {
		if _, err := f.Fetch(t.Context(), harvest.Request{URL: u}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]time.Duration{time.Minute}, clock.sleeps); diff != "" {
		t.Error(diff)
	}
}
