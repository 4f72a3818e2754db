package harvest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

// A logbook notes what a fetch waits for.
type logbook struct {
	mu  sync.Mutex
	got []string
}

func (l *logbook) note(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, s)
}

func (l *logbook) Wait(w harvest.Wait) {
	s := string(w.For) + " " + w.Host
	if !w.Until.IsZero() {
		s += " " + time.Until(w.Until).Round(time.Second).String()
	}
	l.note(s)
}

func (l *logbook) Resume(context.Context) { l.note("resume") }

type answers func(*http.Request) *http.Response

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// TestWaits: whoever asked to be told knows what a fetch waits for, and when it has ended.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		f := harvest.NewFetcher(harvest.Options{
			Hosts: harvest.NewHosts(harvest.HostLimits{Delay: 3 * time.Second}),
			Transport: answers(func(*http.Request) *http.Response {
				time.Sleep(time.Second)
				rec := httptest.NewRecorder()
				if n++; n == 1 {
					rec.Header().Set("Retry-After", "60")
					rec.WriteHeader(http.StatusServiceUnavailable)
				}
				return rec.Result()
			}),
		})
		fetch := func(l *logbook) {
			if _, err := f.Fetch(harvest.WithWaiter(t.Context(), l), harvest.Request{URL: "http://user:secret@a.example/?key=secret"}); err != nil {
				t.Error(err)
			}
		}
		var first, second logbook
		var done sync.WaitGroup
		done.Go(func() { fetch(&first) })
		synctest.Wait()
		done.Go(func() { fetch(&second) })
		done.Wait()
		want := []string{"answer a.example", "retry a.example 1m0s"}
		if got := first.got[:2]; !slices.Equal(got, want) {
			t.Errorf("the first fetch waits for %q, want %q", got, want)
		}
		if got := second.got[:2]; !slices.Equal(got, []string{"turn a.example", "pause a.example 1m0s"}) {
			t.Errorf("the second fetch waits for %q", got)
		}
		for _, l := range []*logbook{&first, &second} {
			if i := slices.Index(l.got, "resume"); i != len(l.got)-1 || strings.Contains(strings.Join(l.got, " "), "secret") {
				t.Errorf("the fetch waits for %q; one resume must be the end", l.got)
			}
		}
	})
}
