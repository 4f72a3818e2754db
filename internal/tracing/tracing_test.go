package tracing

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A collector decodes what it is sent by OpenTelemetry's own definition of it.
type collector struct {
	*httptest.Server

	mu      sync.Mutex
	spans   []*otlp.Span
	service map[string]string
	headers http.Header
	answer  func(w http.ResponseWriter) bool // true if it has answered instead
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{service: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s %s %v: %v", r.Method, r.URL, r.Header, err)
		}
		c.headers = r.Header
		if c.answer != nil && c.answer(w) {
			return
		}
		var request otlp.TracesData // an ExportTraceServiceRequest has the same fields
		if err := proto.Unmarshal(body, &request); err != nil {
			t.Error(err)
		}
		if len(request.ProtoReflect().GetUnknown()) > 0 {
			t.Error("the request has fields that nobody knows")
		}
		for _, of := range request.ResourceSpans {
			for _, a := range of.Resource.Attributes {
				c.service[a.Key] = a.Value.GetStringValue()
			}
			for _, scope := range of.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) answerWith(f func(w http.ResponseWriter) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = f
}

func (c *collector) got() []*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// tracer runs one until stop is called.
func tracer(t *testing.T, o Options) (_ *Tracer, stop func()) {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	tr := New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = tr.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return tr, stop
}

// A stream acknowledges what it likes.
type stream struct {
	Stream
	upTo int64
	err  error
}

func (s *stream) Publish(_ context.Context, _ pipeline.Tail, events []pipeline.Event) (pipeline.Tail, error) {
	return pipeline.Tail{Cursor: pipeline.Cursor{Epoch: events[0].Epoch, Seq: s.upTo}}, s.err
}

func events(first, last int64) (out []pipeline.Event) {
	for seq := first; seq <= last; seq++ {
		out = append(out, pipeline.Event{Record: pipeline.Record{Seq: seq}, Epoch: 1})
	}
	return out
}

// story is what a trace tells: each span with its parent, its links and its facts.
func story(spans []*otlp.Span) (out []string) {
	names := map[string]string{}
	for _, s := range spans {
		names[string(s.SpanId)] = s.Name
	}
	for _, s := range spans {
		line := s.Name
		if p := names[string(s.ParentSpanId)]; p != "" {
			line += " in " + p
		}
		for _, l := range s.Links {
			line += " -> " + names[string(l.SpanId)]
		}
		line += " " + time.Duration(s.EndTimeUnixNano-s.StartTimeUnixNano).Round(time.Millisecond).String()
		if s.Status.GetCode() == otlp.Status_STATUS_CODE_ERROR {
			line += " failed"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func facts(s *otlp.Span) map[string]string {
	out := map[string]string{}
	for _, a := range s.Attributes {
		switch v := a.Value.GetValue().(type) {
		case nil:
			out[a.Key] = "nothing"
		default:
			out[a.Key] = strings.TrimPrefix(fmt.Sprint(v), "&")
		}
	}
	return out
}

var day = time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)

func stage(from, to time.Duration) pipeline.Stage {
	return pipeline.Stage{Began: day.Add(from), Ended: day.Add(to)}
}

func committedPage(last, added int64) *pipeline.Receipt {
	return &pipeline.Receipt{Head: pipeline.Head{Cursor: pipeline.Cursor{Epoch: 1, Seq: last}}, Counts: pipeline.Counts{Items: added + 1, Added: added, Unchanged: 1},
		Stages: pipeline.Stages{Fetch: stage(0, time.Second), Prepare: stage(time.Second, 1500*time.Millisecond), Commit: stage(1500*time.Millisecond, 1600*time.Millisecond)}}
}

// A page is traced from its fetch until the stream has all of its events, which may come in several batches, and each batch
// may have events of several pages.
func TestWayOfAPage(t *testing.T) {
	c := newCollector(t)
	tr, stop := tracer(t, Options{URL: c.URL + "/", Version: "1.2", Instance: "https://gateway.example.org", Header: http.Header{"Authorization": {"Bearer secret"}}})
	run := &pipeline.Run{ID: 7, Source: "letters"}
	tr.RunBegan(run)
	tr.PageCommitted(run, committedPage(10, 10), pipeline.Counts{}, 0)
	tr.PageCommitted(run, committedPage(13, 3), pipeline.Counts{}, 0)
	s := &stream{upTo: 8}
	publisher := tr.Publisher(s)
	_, _ = publisher.Publish(t.Context(), pipeline.Tail{}, events(1, 8))
	s.upTo = 13
	_, _ = publisher.Publish(t.Context(), pipeline.Tail{}, events(9, 13))
	// The relay was faster than the word of the commit.
	tr.PageCommitted(run, committedPage(12, 1), pipeline.Counts{}, 0)
	tr.RunEnded(run, &pipeline.Report{Source: "letters", Result: pipeline.Failed, Started: day, Took: time.Minute, Counts: pipeline.Counts{Items: 17},
		Err: &harvest.Error{Kind: harvest.Unreachable, Err: fmt.Errorf("https://user:password@provider.example.org")}})
	stop()
	spans := c.got()
	var got []string
	for _, line := range story(spans) {
		if strings.HasPrefix(line, "publish") { // their times are of now
			line = line[:strings.LastIndexByte(line, ' ')]
		}
		got = append(got, line)
	}
	slices.Sort(got)
	want := []string{
		"commit in page 100ms", "commit in page 100ms", "commit in page 100ms", "fetch in page 1s", "fetch in page 1s", "fetch in page 1s",
		"harvest 1m0s failed", "page -> harvest 1.6s", "page -> harvest 1.6s", "page -> harvest 1.6s",
		"prepare in page 500ms", "prepare in page 500ms", "prepare in page 500ms",
		"publish batch -> page", "publish batch -> page -> page", "publish in page -> publish batch", "publish in page -> publish batch", "publish in page -> publish batch",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	traces, seqs := map[string]int{}, []string(nil)
	for _, s := range spans {
		traces[hex.EncodeToString(s.TraceId)]++
		switch s.Name {
		case "harvest":
			if f := facts(s); f["sheaf.result"] == "" || !strings.Contains(f["error.type"], string(harvest.Unreachable)) || len(s.TraceId) != 16 || len(s.SpanId) != 8 {
				t.Error(f, s)
			}
		case "page":
			if s.StartTimeUnixNano != uint64(day.UnixNano()) {
				t.Error(s.StartTimeUnixNano)
			}
			f := facts(s)
			seqs = append(seqs, strings.Join([]string{f["sheaf.epoch"], f["sheaf.seq.first"], f["sheaf.seq"]}, " "))
		}
		if strings.Contains(s.String(), "password") {
			t.Error("a text of an error is sent:", s)
		}
	}
	if slices.Sort(seqs); !slices.Equal(seqs, []string{"{1} {11} {13}", "{1} {12} {12}", "{1} {1} {10}"}) { // by which an event finds its page
		t.Error("the seqs of the pages: ", seqs)
	}
	if len(traces) != 6 { // a run, three pages, two batches
		t.Error(traces)
	}
	if d := cmp.Diff(map[string]string{"service.name": "sheaf", "service.version": "1.2", "service.instance.id": "https://gateway.example.org"}, c.service); d != "" {
		t.Error(d)
	}
	if c.headers.Get("Authorization") != "Bearer secret" {
		t.Error(c.headers)
	}
	if sent, dropped := tr.Counts(); sent != int64(len(spans)) || dropped != 0 {
		t.Error(sent, dropped)
	}
}

func TestRequest(t *testing.T) {
	c := newCollector(t)
	tr, stop := tracer(t, Options{URL: c.URL})
	tr.Answered("abc", &oaipmh.Observation{Verb: "ListRecords", Prefix: "oai_dc", Status: 200, Records: 100, Bytes: 5000, Cached: true, Duration: time.Second})
	tr.Answered("def", &oaipmh.Observation{Status: 500, Duration: time.Millisecond, Err: fmt.Errorf("secret")})
	stop()
	if d := cmp.Diff([]string{"OAI-PMH ListRecords 1s", "OAI-PMH request 1ms failed"}, story(c.got())); d != "" {
		t.Error(d)
	}
	f := c.got()[0]
	if f.Kind != otlp.Span_SPAN_KIND_SERVER {
		t.Error(f.Kind)
	}
	for _, a := range f.Attributes {
		if a.Key == "sheaf.oai.records" && a.Value.GetIntValue() != 100 || a.Key == "sheaf.request" && a.Value.GetStringValue() != "abc" {
			t.Error(a)
		}
	}
}

// Of many pages some are traced, and of those every part; a batch is traced if one of its pages is.
func TestOneIn(t *testing.T) {
	c := newCollector(t)
	tr, stop := tracer(t, Options{URL: c.URL, OneIn: 10})
	run := &pipeline.Run{ID: 1, Source: "letters"}
	taken := &stream{}
	publisher := tr.Publisher(taken)
	const n = 2000
	for seq := int64(1); seq <= n; seq++ {
		tr.PageCommitted(run, committedPage(seq, 1), pipeline.Counts{}, 0)
		taken.upTo = seq
		_, _ = publisher.Publish(t.Context(), pipeline.Tail{}, events(seq, seq))
	}
	stop()
	count := map[string]int{}
	for _, s := range c.got() {
		count[s.Name]++
	}
	if p := count["page"]; p < n/20 || p > n/5 || count["fetch"] != p || count["publish"] != p || count["publish batch"] < p {
		t.Error(count)
	}
}

// While the collector is away nothing waits for it: what does not find room is dropped, and counted.
func TestCollectorAway(t *testing.T) {
	c := newCollector(t)
	asked := make(chan struct{}, 1000)
	away := func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		asked <- struct{}{}
		return true
	}
	c.answerWith(away)
	var log bytes.Buffer
	tr, stop := tracer(t, Options{URL: c.URL, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	const more = 100
	for range maxBatch {
		tr.Answered("", &oaipmh.Observation{})
	}
	<-asked // that batch is being sent
	for range maxQueue + more {
		tr.Answered("", &oaipmh.Observation{})
	}
	if sent, dropped := tr.Counts(); sent != 0 || dropped < more || dropped > more+maxBatch {
		t.Error(sent, dropped)
	}
	<-asked // it is tried again
	c.answerWith(nil)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) { // at the end of Run all of it would have two seconds
		if sent, dropped := tr.Counts(); sent+dropped == maxBatch+maxQueue+more {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(tr.Counts())
		}
	}
	stop()
	sent, dropped := tr.Counts()
	if sent+dropped != maxBatch+maxQueue+more || sent < maxQueue || int(sent) != len(c.got()) {
		t.Error(sent, dropped, len(c.got()))
	}
	if n := strings.Count(log.String(), "traces wait for the collector"); n != 1 {
		t.Error(log.String())
	}
}

func TestCollectorRefuses(t *testing.T) {
	for _, test := range []struct {
		name          string
		answer        func(w http.ResponseWriter) bool
		sent, dropped int64
	}{
		{"refused", func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusUnauthorized); return true }, 0, 3},
		{"sent elsewhere", func(w http.ResponseWriter) bool {
			w.Header().Set("Location", "http://elsewhere.example.org/")
			w.WriteHeader(http.StatusTemporaryRedirect)
			return true
		}, 0, 3},
		{"a part", func(w http.ResponseWriter) bool { // partial_success: {rejected_spans: 2, error_message: "no"}
			_, _ = w.Write([]byte{0x0a, 0x06, 0x08, 0x02, 0x12, 0x02, 'n', 'o'})
			return true
		}, 1, 2},
		{"more than there are", func(w http.ResponseWriter) bool { _, _ = w.Write([]byte{0x0a, 0x02, 0x08, 0x09}); return true }, 0, 3},
		{"answered with JSON", func(w http.ResponseWriter) bool { _, _ = io.WriteString(w, `{"partialSuccess":{}}`); return true }, 3, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCollector(t)
			c.answerWith(test.answer)
			tr, stop := tracer(t, Options{URL: c.URL})
			for range 3 {
				tr.Answered("", &oaipmh.Observation{})
			}
			stop()
			if sent, dropped := tr.Counts(); sent != test.sent || dropped != test.dropped {
				t.Errorf("sent %d, dropped %d", sent, dropped)
			}
		})
	}
}
