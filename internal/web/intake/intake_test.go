package intake

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/push"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A never runs nothing, because nothing should be run.
type never struct{ *testing.T }

func (n never) Harvest(context.Context, *pipeline.Source, pipeline.Order) (*pipeline.Report, error) {
	n.Error("a run was begun")
	return nil, io.ErrUnexpectedEOF
}

func (n never) Join(context.Context, string) (*pipeline.Report, bool, error) { return nil, false, nil }

func (n never) Known(context.Context, []pipeline.Ask) ([]pipeline.Known, error) {
	return make([]pipeline.Known, 1), nil
}

func (n never) Head(context.Context) (pipeline.Head, error) { return pipeline.Head{}, nil }

// door is one to which nothing comes that is whole.
func door(t *testing.T, most int64) (*Door, *httptest.Server) {
	t.Helper()
	d, err := New(Options{
		Namespace: "test.example.org", Dir: t.TempDir(), Scheduler: never{t}, Log: never{t}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Assign([]Source{{
		Source: &pipeline.Source{Name: "rows"}, Tokens: []string{"a token"}, MaxSize: most,
		Pages: func(*push.Document) (iter.Seq2[*harvest.Page, error], error) { return nil, io.ErrUnexpectedEOF },
	}})
	t.Cleanup(d.Close)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return d, server
}

func (d *Door) empty(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(d.Dir, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestSlowSender: whoever sends a byte now and then is cut off, and told.
func TestSlowSender(t *testing.T) {
	d, server := door(t, 1e6)
	d.freeTime = 50 * time.Millisecond
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT /push/rows HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a token\r\nContent-Length: 100000\r\n\r\nid")
	said, err := io.ReadAll(conn) // it ends, because the gateway ends it
	if err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 408 ") || !strings.Contains(string(said), "Nothing was stored") {
		t.Errorf("%v: %s", err, said)
	}
	d.empty(t)
}

// deadlines takes down until when a sender has time.
type deadlines struct {
	http.ResponseWriter
	all []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.all = append(d.all, t)
	return nil
}

// TestPace: the more has come, the more time there is; so a large body over a slow line comes through.
func TestPace(t *testing.T) {
	began, d := time.Now(), &deadlines{}
	p := &paced{in: strings.NewReader(strings.Repeat("x", 64<<10)), control: http.NewResponseController(d), began: began, free: freeTime}
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{p}, make([]byte, 16<<10)); err != nil {
		t.Fatal(err)
	}
	for i, at := range d.all {
		if want := began.Add(freeTime + time.Duration(min(i, 4))*time.Second); !at.Equal(want) {
			t.Errorf("after %d: until %v, want %v", i, at, want)
		}
	}
}

// nothing gives zeros without an end.
type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestGigabyte: a body that is too large is refused as soon as that is known, and nothing of it is kept.
func TestGigabyte(t *testing.T) {
	d, server := door(t, 3<<20)
	server.Client().Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
	for what, size := range map[string]int64{"announced": 1 << 30, "not announced": -1} {
		r, err := http.NewRequestWithContext(t.Context(), "PUT", server.URL+"/push/rows", io.LimitReader(nothing{}, 1<<30))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = size
		r.Header.Set("Authorization", "Bearer a token")
		r.Header.Set("Expect", "100-continue")
		resp, err := server.Client().Do(r)
		if err != nil { // the gateway hangs up on those who go on sending
			if size > 0 {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %s", what, resp.Status)
		}
	}
	d.empty(t)
}

// TestSweep: what a process that was killed has left is removed.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".push-123", "sheaf.db"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweep(dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if hidden, _ := filepath.Glob(filepath.Join(dir, ".push-*")); err != nil || len(left) != 1 || len(hidden) != 0 {
		t.Errorf("left: %v %v, %v", left, hidden, err)
	}
}

// TestAnswerIsBounded: an answer shows so many items, and of those that need a look some more; its totals count all.
func TestAnswerIsBounded(t *testing.T) {
	a := newAnswer("rows")
	for i := range 25_000 {
		f := pipeline.Fate{Identifier: fmt.Sprint(i), Key: fmt.Sprint(i), Became: pipeline.BecameCreated}
		c := pipeline.Counts{Items: 1, Added: 1}
		if i%2 == 1 {
			f.Became, f.Reason, c = pipeline.BecameQuarantined, "malformed", pipeline.Counts{Items: 1, Rejected: 1}
		}
		a.hear(&pipeline.Receipt{Counts: c, Fates: []pipeline.Fate{f}})
	}
	if len(a.Items) != maxShown+maxTroubles || a.NotShown != 25_000-maxShown-maxTroubles || a.Totals.Created != 12_500 || a.Totals.Quarantined != 12_500 {
		t.Errorf("%d items, %d not shown, totals %+v", len(a.Items), a.NotShown, a.Totals)
	}
	a.conclude(&pipeline.Report{Result: pipeline.Complete}, nil)
	if a.status != http.StatusOK {
		t.Errorf("status %d", a.status)
	}
}

// TestEndedByAPerson: a push that somebody ended, or whose source was paused under it, says what is stored, and is the
// sender's to repeat.
func TestEndedByAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		stored bool
	}{
		"paused before":    {fmt.Errorf("rows was paused by ann; %w rows", pipeline.ErrStopped), false},
		"paused meanwhile": {fmt.Errorf("rows was paused by ann; %w rows", pipeline.ErrStopped), true},
		"cancelled":        {fmt.Errorf("the harvest of rows was cancelled by ann; %w", pipeline.ErrCancelled), true},
	} {
		a := newAnswer("rows")
		if c.stored {
			a.hear(&pipeline.Receipt{Counts: pipeline.Counts{Items: 1, Added: 1}})
		}
		a.conclude(&pipeline.Report{Result: pipeline.Cancelled}, c.err)
		if a.status != http.StatusConflict || !strings.Contains(a.Why, "by ann") || strings.Contains(a.Why, "goes on from here") ||
			strings.Contains(a.Advice, "Nothing was stored") == c.stored || !strings.Contains(a.Advice, "Send") {
			t.Errorf("%s: %d, %q, %q", name, a.status, a.Why, a.Advice)
		}
	}
}
