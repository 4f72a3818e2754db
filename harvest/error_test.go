package harvest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
)

func TestErrorIsOneBoundedLine(t *testing.T) {
	e := &harvest.Error{Kind: harvest.Truncated, URL: "http://example.org/oai", Status: 200, Detail: "a\nb", Err: io.ErrUnexpectedEOF}
	if want := "truncated from http://example.org/oai (HTTP 200): a b: unexpected EOF"; e.Error() != want {
		t.Errorf("%q, want %q", e, want)
	}
	wrapped := fmt.Errorf("harvest x: %w", e)
	if !errors.Is(wrapped, io.ErrUnexpectedEOF) || harvest.KindOf(wrapped) != harvest.Truncated || harvest.KindOf(io.EOF) != "" || harvest.KindOf(nil) != "" {
		t.Error("the cause or the kind is lost")
	}
	e.Detail = strings.Repeat("long\n", 10000)
	if s := e.Error(); len(s) > 1100 || strings.Contains(s, "\n") {
		t.Errorf("%d bytes", len(s))
	}
}

func TestContentType(t *testing.T) {
	for header, want := range map[string]string{"": "", "text/XML; charset=utf-8": "text/xml", " text/html ": "text/html"} {
		r := harvest.Response{Header: http.Header{"Content-Type": {header}}}
		if got := r.ContentType(); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

// Waiting ends when it is no longer wanted: between attempts, and for the host's turn.
func TestWaitingCanBeEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hosts := harvest.NewHosts(harvest.HostLimits{})
	busy := make(chan struct{})
	var once sync.Once
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		once.Do(func() { close(busy) })
		return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"200"}}, Body: http.NoBody}, nil
	})
	f := harvest.NewFetcher(harvest.Options{Transport: transport, Hosts: hosts})
	ended := make(chan error, 1)
	go func() {
		_, err := f.Fetch(ctx, harvest.Request{URL: "http://example.org/"})
		ended <- err
	}()
	<-busy
	other, cancelOther := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancelOther()
	if _, err := f.Fetch(other, harvest.Request{URL: "http://example.org/"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for the turn: %v", err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for another attempt: %v", err)
	}
}
