package harvest_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
)

// fakeClock sleeps by moving on.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	sleeps []time.Duration
}

func newClock() *fakeClock { return &fakeClock{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.now = c.now.Add(d)
		c.sleeps = append(c.sleeps, d)
	}
	return ctx.Err()
}

// here is where the servers of tests are.
var here = harvest.Reach{From: []string{"http://127.0.0.1"}}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func wantKind(t *testing.T, err error, kind harvest.Kind) *harvest.Error {
	t.Helper()
	var e *harvest.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Fatalf("got %v, want an error of kind %s", err, kind)
	}
	if e.Sentence() == "" {
		t.Errorf("%s has no sentence for people", kind)
	}
	return e
}

func TestAnswersByStatus(t *testing.T) {
	page := "<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>"
	for name, c := range map[string]struct {
		status  int
		header  map[string]string
		body    string
		kind    harvest.Kind
		tries   int
		reached bool
	}{
		"200":                   {200, nil, "x", "", 1, true},
		"304":                   {304, nil, "", "", 1, true},
		"202 with content":      {202, nil, "x", "", 1, true},
		"202 without":           {202, nil, "", harvest.HTTP5xx, 4, true},
		"400":                   {400, nil, "x", harvest.HTTP4xx, 1, true},
		"404":                   {404, nil, "x", harvest.HTTP4xx, 1, true},
		"409":                   {409, nil, "x", harvest.HTTP4xx, 4, true},
		"432":                   {432, nil, "x", harvest.HTTP4xx, 1, true},
		"401":                   {401, nil, "x", harvest.Forbidden, 1, true},
		"403":                   {403, nil, fmt.Sprintf(page, "Forbidden", "no"), harvest.Forbidden, 1, true},
		"429":                   {429, nil, "x", harvest.RateLimited, 4, true},
		"500":                   {500, nil, "x", harvest.HTTP5xx, 4, true},
		"501":                   {501, nil, "x", harvest.HTTP5xx, 1, true},
		"503":                   {503, nil, "x", harvest.HTTP5xx, 4, true},
		"521":                   {521, nil, "x", harvest.HTTP5xx, 4, true},
		"503 with Retry-After":  {503, map[string]string{"Retry-After": "7"}, "x", harvest.RateLimited, 4, true},
		"too long Retry-After":  {503, map[string]string{"Retry-After": "86400"}, "x", harvest.RateLimited, 1, true},
		"Cloudflare by header":  {403, map[string]string{"Cf-Mitigated": "challenge"}, "x", harvest.Challenged, 1, true},
		"Cloudflare 503":        {503, nil, fmt.Sprintf(page, "Just a moment...", ""), harvest.Challenged, 1, true},
		"Anubis with 200":       {200, nil, fmt.Sprintf(page, "Making sure you&#39;re not a bot!", ""), harvest.Challenged, 1, true},
		"AWS WAF with 202":      {202, map[string]string{"X-Amzn-Waf-Action": "challenge"}, "", harvest.Challenged, 1, true},
		"a page about Anubis":   {200, nil, "<OAI-PMH>making sure you're not a bot</OAI-PMH>", "", 1, true},
		"let through, script":   {200, nil, fmt.Sprintf(page, "Results", `<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>`+strings.Repeat("<p>row</p>", 2000)), "", 1, true},
		"Imperva, tiny":         {200, nil, fmt.Sprintf(page, "", `<iframe src="/_Incapsula_Resource?x"></iframe>`), harvest.Challenged, 1, true},
		"redirected to nowhere": {302, nil, "", harvest.Protocol, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int32
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				if c.status != 304 {
					io.WriteString(w, c.body)
				}
			})
			f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: newClock()})
			resp, err := f.Fetch(t.Context(), harvest.Request{URL: base})
			if c.kind == "" && err != nil {
				t.Fatal(err)
			}
			if c.kind != "" {
				wantKind(t, err, c.kind)
			}
			if c.reached && (resp == nil || resp.Status != c.status || string(resp.Body) != c.body && c.status != 304) {
				t.Errorf("the answer is %+v, want status %d and body %q", resp, c.status, c.body)
			}
			if int(tries.Load()) != c.tries {
				t.Errorf("%d requests, want %d", tries.Load(), c.tries)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	clock := newClock()
	answers := []string{"7", clock.Now().Add(7 * time.Second).Add(90 * time.Second).Format(http.TimeFormat), ""}
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if answers[0] != "" {
			w.Header().Set("Retry-After", answers[0])
			w.WriteHeader(503)
		}
		answers = answers[1:]
	})
	f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: clock})
	resp, err := f.Fetch(t.Context(), harvest.Request{URL: base})
	if err != nil || resp.Attempts != 3 {
		t.Fatal(resp, err)
	}
	if diff := cmp.Diff([]time.Duration{7 * time.Second, 90 * time.Second}, clock.sleeps); diff != "" {
		t.Error("waits:", diff)
	}
}

// What one source is told to wait, all sources on the host wait.
func TestRetryAfterHoldsTheHost(t *testing.T) {
	clock := newClock()
	busy := true
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if busy {
			w.Header().Set("Retry-After", "100")
			w.WriteHeader(429)
			busy = false
		}
	})
	hosts := harvest.NewHosts(harvest.HostLimits{})
	var told []string
	hosts.Tell(func(_ context.Context, host string, until time.Time) {
		told = append(told, fmt.Sprint("http://", host, " ", until.Sub(clock.Now())))
	})
	one := harvest.NewFetcher(harvest.Options{Reach: here, Clock: clock, Hosts: hosts, Attempts: 1, MaxWait: time.Minute * 2})
	_, err := one.Fetch(t.Context(), harvest.Request{URL: base + "/a"})
	if e := wantKind(t, err, harvest.RateLimited); e.RetryAfter != 100*time.Second || !e.Resumable() {
		t.Errorf("%+v", e)
	}
	other := harvest.NewFetcher(harvest.Options{Reach: here, Clock: clock, Hosts: hosts})
	if _, err := other.Fetch(t.Context(), harvest.Request{URL: base + "/b"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Duration{100 * time.Second}, clock.sleeps); diff != "" {
		t.Error("waits:", diff)
	}
	if diff := cmp.Diff([]string{base + " 1m40s"}, told); diff != "" {
		t.Error("told:", diff)
	}
}

// A process that takes a host over from another one begins with the pause, and with what is left of what the host has asked for;
// what it hears from the host that is longer than it waits itself it tells in full.
func TestHostIsTakenOver(t *testing.T) {
	clock := newClock()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(503)
	})
	host := strings.TrimPrefix(base, "http://")
	hosts := harvest.NewHosts(harvest.HostLimits{Delay: 20 * time.Second})
	var told time.Duration
	hosts.Tell(func(_ context.Context, _ string, until time.Time) { told = until.Sub(clock.Now()) })
	hosts.Follow(host, clock.Now(), clock.Now().Add(-time.Hour))
	f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: clock, Hosts: hosts})
	for range 2 {
		_, err := f.Fetch(t.Context(), harvest.Request{URL: base})
		wantKind(t, err, harvest.RateLimited)
		hosts.Follow(host, clock.Now(), clock.Now().Add(10*time.Minute))
	}
	if diff := cmp.Diff([]time.Duration{20 * time.Second, 10 * time.Minute}, clock.sleeps); diff != "" {
		t.Error("waits:", diff)
	}
	if told != 2*time.Hour || !hosts.NotBefore(host).Equal(clock.Now().Add(10*time.Minute)) {
		t.Errorf("the host asks for %v, and is not asked before %v", told, hosts.NotBefore(host))
	}
}

func TestBackoffGrows(t *testing.T) {
	clock := newClock()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) })
	f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: clock, Backoff: 8 * time.Second, MaxWait: 20 * time.Second, Attempts: 5})
	_, err := f.Fetch(t.Context(), harvest.Request{URL: base})
	wantKind(t, err, harvest.HTTP5xx)
	if len(clock.sleeps) != 4 {
		t.Fatal(clock.sleeps)
	}
	for i, most := range []time.Duration{8, 16, 20, 20} {
		if d := clock.sleeps[i]; d > most*time.Second || d < most*time.Second/2 && d < 16*time.Second {
			t.Errorf("wait %d is %v, want up to %v s and at least half", i, d, most)
		}
	}
}

func TestWhoWeAre(t *testing.T) {
	var got http.Header
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.Header })
	f := harvest.NewFetcher(harvest.Options{Reach: here, UserAgent: "Sheaf/1.2", Contact: "metadata@example.org"})
	req := harvest.Request{URL: base, Accept: "text/xml", IfNoneMatch: `"x"`}
	if _, err := f.Fetch(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"User-Agent": "Sheaf/1.2 (+mailto:metadata@example.org)", "From": "metadata@example.org",
		"Accept": "text/xml", "Accept-Encoding": "gzip, zstd, deflate", "If-None-Match": `"x"`,
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	req.Access = harvest.Access{Header: http.Header{"User-Agent": {"Mozilla/5.0"}, "X-Key": {"k"}}, Username: "u", Password: "p"}
	if _, err := f.Fetch(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if got.Get("User-Agent") != "Mozilla/5.0" || got.Get("X-Key") != "k" || got.Get("Authorization") != "Basic dTpw" {
		t.Errorf("with access: %v", got)
	}
	req.Access = harvest.Access{}
	req.URL = strings.Replace(base, "http://", "http://u:p@", 1)
	if resp, err := f.Fetch(t.Context(), req); err != nil || got.Get("Authorization") != "Basic dTpw" || strings.Contains(resp.URL, "u:p") {
		t.Errorf("credentials in the URL: %v %v %v", got, resp, err)
	}
	req.Access, req.URL = harvest.Access{Token: "t"}, base
	if _, err := f.Fetch(t.Context(), req); err != nil || got.Get("Authorization") != "Bearer t" {
		t.Errorf("with token: %v %v", got, err)
	}
}

func TestCompression(t *testing.T) {
	text := []byte("<a>" + strings.Repeat("text ", 1000) + "</a>")
	pack := func(w io.WriteCloser, b *bytes.Buffer) string {
		w.Write(text)
		w.Close()
		return b.String()
	}
	var g, z, d, s bytes.Buffer
	gz := pack(gzip.NewWriter(&g), &g)
	zl := pack(zlib.NewWriter(&z), &z)
	fw, _ := flate.NewWriter(&d, 6)
	raw := pack(fw, &d)
	zw, _ := zstd.NewWriter(&s)
	zs := pack(zw, &s)
	for name, c := range map[string]struct{ encoding, body string }{
		"plain":                     {"", string(text)},
		"gzip":                      {"gzip", gz},
		"x-gzip":                    {"x-gzip", gz},
		"gzip, not announced":       {"", gz},
		"zstd":                      {"zstd", zs},
		"zstd, not announced":       {"", zs},
		"deflate":                   {"deflate", zl},
		"deflate, raw":              {"deflate", raw},
		"gzip announced, but plain": {"gzip", string(text)},
		"deflate announced, plain":  {"deflate", string(text)},
		"wrongly announced":         {"deflate", gz},
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.encoding != "" {
					w.Header().Set("Content-Encoding", c.encoding)
				}
				io.WriteString(w, c.body)
			})
			resp, err := harvest.NewFetcher(harvest.Options{Reach: here}).Fetch(t.Context(), harvest.Request{URL: base})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(resp.Body, text) {
				t.Errorf("%d bytes, %q…", len(resp.Body), resp.Body[:min(20, len(resp.Body))])
			}
		})
	}
	t.Run("cut short", func(t *testing.T) {
		for _, packed := range []string{gz, zs} {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, packed[:len(packed)-9]) })
			_, err := harvest.NewFetcher(harvest.Options{Reach: here, Clock: newClock()}).Fetch(t.Context(), harvest.Request{URL: base})
			wantKind(t, err, harvest.Truncated)
		}
	})
	t.Run("bomb", func(t *testing.T) {
		for _, packed := range []string{gz, zs} {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, packed) })
			f := harvest.NewFetcher(harvest.Options{Reach: here, MaxBody: 4000})
			_, err := f.Fetch(t.Context(), harvest.Request{URL: base})
			wantKind(t, err, harvest.TooLarge)
		}
	})
}

// The bound of the operator is the last word, whatever a request asks for.
func TestBoundOfOptions(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat("x", 5000)) })
	for _, c := range []struct {
		options, request int64
		ok               bool
	}{{0, 0, true}, {0, 4000, false}, {6000, 4000, true}, {4000, 6000, false}} {
		_, err := harvest.NewFetcher(harvest.Options{Reach: here, MaxBody: c.options}).Fetch(t.Context(), harvest.Request{URL: base, MaxBody: c.request})
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// An answer that is far larger when it is decompressed is not held, however large a body may be.
func TestOutOfProportion(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(make([]byte, 80<<20))
	z.Close()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Write(packed.Bytes()) })
	_, err := harvest.NewFetcher(harvest.Options{Reach: here, MaxBody: 1 << 30}).Fetch(t.Context(), harvest.Request{URL: base})
	wantKind(t, err, harvest.TooLarge)
}

func TestBodyIsBounded(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	f := harvest.NewFetcher(harvest.Options{Reach: here, MaxBody: 1 << 20})
	_, err := f.Fetch(t.Context(), harvest.Request{URL: base})
	if e := wantKind(t, err, harvest.TooLarge); e.Resumable() {
		t.Error("asking again does not make it smaller")
	}
}

func TestStandingStill(t *testing.T) {
	for name, c := range map[string]struct {
		o     harvest.Options
		first bool // send something first
		says  string
	}{
		"no answer":    {harvest.Options{Answer: 20 * time.Millisecond}, false, "no answer"},
		"in the body":  {harvest.Options{Idle: 20 * time.Millisecond}, true, "stood still"},
		"all together": {harvest.Options{Whole: 20 * time.Millisecond}, true, "took longer"},
	} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			defer close(over)
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.first {
					io.WriteString(w, "<a>")
					http.NewResponseController(w).Flush()
				}
				select {
				case <-r.Context().Done():
				case <-over:
				}
			})
			c.o.Reach, c.o.Clock, c.o.Attempts = here, newClock(), 2
			_, err := harvest.NewFetcher(c.o).Fetch(t.Context(), harvest.Request{URL: base})
			if e := wantKind(t, err, harvest.Timeout); !strings.Contains(e.Error(), c.says) || !e.Resumable() {
				t.Errorf("%v", e)
			}
		})
	}
}

func TestCutConnection(t *testing.T) {
	var tries atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) < 3 {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "<a>")
			return
		}
		io.WriteString(w, "<a/>")
	})
	f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: newClock()})
	resp, err := f.Fetch(t.Context(), harvest.Request{URL: base})
	if err != nil || string(resp.Body) != "<a/>" {
		t.Fatal(resp, err)
	}
	tries.Store(-10)
	_, err = f.Fetch(t.Context(), harvest.Request{URL: base})
	wantKind(t, err, harvest.Truncated)
}

func TestUnreachable(t *testing.T) {
	f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: newClock()})
	_, err := f.Fetch(t.Context(), harvest.Request{URL: "http://" + freeport.Address(t) + "/oai?key=secret"})
	if e := wantKind(t, err, harvest.Unreachable); strings.Contains(e.URL, "secret") || !e.Resumable() {
		t.Errorf("%+v", e)
	}
	for _, bad := range []string{"", "example.org/oai", "ftp://example.org/", "http://", ":", "file:///etc/passwd"} {
		_, err := f.Fetch(t.Context(), harvest.Request{URL: bad})
		wantKind(t, err, harvest.Config)
	}
}

func TestBadCertificateIsNotRetried(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	clock := newClock()
	_, err := harvest.NewFetcher(harvest.Options{Reach: here, Clock: clock}).Fetch(t.Context(), harvest.Request{URL: s.URL})
	wantKind(t, err, harvest.Unreachable)
	if len(clock.sleeps) > 0 {
		t.Error("asked again")
	}
}

func TestCheck(t *testing.T) {
	status, body := 500, "<answer/>"
	var tries atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tries.Add(1)
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
	f := harvest.NewFetcher(harvest.Options{Reach: here, Clock: newClock()})
	check := func(r *harvest.Response) harvest.Verdict {
		switch string(r.Body) {
		case "<answer/>":
			return harvest.Good
		case "":
			return harvest.Broken
		}
		return harvest.ByStatus
	}
	if resp, err := f.Fetch(t.Context(), harvest.Request{URL: base, Check: check}); err != nil || resp.Status != 500 || tries.Load() != 1 {
		t.Errorf("an answer with 500: %v %v", resp, err)
	}
	status, body = 200, ""
	_, err := f.Fetch(t.Context(), harvest.Request{URL: base, Check: check})
	wantKind(t, err, harvest.Truncated)
	if tries.Load() != 5 {
		t.Errorf("%d requests, want 1 and 4", tries.Load())
	}
	status = 404
	_, err = f.Fetch(t.Context(), harvest.Request{URL: base, Check: check})
	wantKind(t, err, harvest.HTTP4xx)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := harvest.NewFetcher(harvest.Options{Reach: here}).Fetch(ctx, harvest.Request{URL: base})
	if !errors.Is(err, context.Canceled) || harvest.KindOf(err) != "" {
		t.Errorf("got %v; an end that we wanted is no fault of the remote", err)
	}
}

func TestEveryKindSpeaks(t *testing.T) {
	seen := map[string]harvest.Kind{}
	for _, k := range harvest.Kinds {
		s := (&harvest.Error{Kind: k}).Sentence()
		if s == "" || seen[s] != "" {
			t.Errorf("the sentence of %s is %q, that of %q too", k, s, seen[s])
		}
		seen[s] = k
	}
}

func FuzzLooksLikeHTML(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbf <?xml version='1.0'?><!-- x --> <!DOCTYPE HTML>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if harvest.LooksLikeHTML(body) && !bytes.Contains(body, []byte("<")) {
			t.Errorf("%q", body)
		}
	})
}
