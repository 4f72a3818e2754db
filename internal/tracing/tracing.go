// Package tracing tells a collector, by OpenTelemetry's protocol (OTLP over HTTP), which way records took and how long each
// part of it was.
//
// It listens to what the parts of the gateway tell their observers, and writes spans of that afterwards:
//
//	harvest.go   a run, and the pages that it fetched, prepared and committed   [pipeline.RunObserver]
//	publish.go   batches of events, until the stream has acknowledged them      [pipeline.Publisher]
//	oai.go       requests of OAI-PMH                                            [oaipmh.Observation]
//	sender.go    sends spans; whatever the collector does, nothing waits for it
//	otlp.go      the bytes that are sent
//
// Each page is a trace of its own, because a run may have ten thousand of them, and collectors refuse traces of that size.
// Its spans are page, fetch, prepare, commit and, once the stream has acknowledged what the page changed, publish: so one
// trace shows the whole way of a record. The page is linked to the span of its run, and a batch of events to the pages
// whose changes are in it.
//
// Spans have names of sources, numbers, and results. No record, identifier, address or text of an error is in them.
//
// OpenTelemetry's own SDK is not used: all that it could take over here is drawing numbers and choosing a share of them,
// and it makes the program one megabyte larger.
package tracing

import (
	"crypto/x509"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what is traced, and where it is sent.
type Options struct {
	URL    string         // of the collector, to which /v1/traces is added
	Header http.Header    // of each request to it
	Roots  *x509.CertPool // who vouches for its certificate; nil for those of the system
	OneIn  int            // of how many pages, batches and requests one is traced; runs always are

	Version  string // of the program
	Instance string // the URL of this gateway
	Logger   *slog.Logger
}

// A Tracer makes spans of what it observes and sends them. Its methods may be called by several goroutines at once.
type Tracer struct {
	options Options
	client  *http.Client
	queue   chan *span

	sent, dropped atomic.Int64

	runs  sync.Map // *pipeline.Run to the place of its span
	pages pages
}

// maxQueue bounds the spans that wait for the collector, which are a few hundred bytes each.
const maxQueue = 8192

// New makes a tracer. It sends nothing before Run.
func New(o Options) *Tracer {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.Roots != nil {
		transport.TLSClientConfig.RootCAs = o.Roots
	}
	return &Tracer{options: o, queue: make(chan *span, maxQueue), client: &http.Client{
		Transport: transport, Timeout: sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the header is for one host
	}}
}

// Counts are how many spans the collector has taken, and how many were lost because it did not.
func (t *Tracer) Counts() (sent, dropped int64) { return t.sent.Load(), t.dropped.Load() }

// A place is where a span is: which trace, and which of its spans.
type place struct {
	trace [16]byte
	span  [8]byte
}

// begin is the place of a span that begins a trace.
func begin() (p place) {
	binary.BigEndian.PutUint64(p.trace[:8], rand.Uint64())
	binary.BigEndian.PutUint64(p.trace[8:], rand.Uint64())
	binary.BigEndian.PutUint64(p.span[:], rand.Uint64()|1) // a number of zeros is none
	return p
}

// within is the place of another span in the trace.
func (p place) within() place {
	binary.BigEndian.PutUint64(p.span[:], rand.Uint64()|1)
	return p
}

// chosen draws whether something is traced.
func (t *Tracer) chosen() bool { return rand.IntN(max(1, t.options.OneIn)) == 0 }

// The kinds of a span, by their numbers in OTLP.
const (
	internal = 1
	server   = 2
	producer = 4
)

// A span is a part of the work.
type span struct {
	place
	parent       [8]byte // zeros for none
	name         string
	kind         uint64
	began, ended time.Time
	attributes   []attribute
	links        []place
	failed       bool
}

// An attribute is a fact about a span: a text, or a number.
type attribute struct {
	key     string
	text    string
	number  int64
	numeric bool
}

func text(key, value string) attribute { return attribute{key: key, text: value} }
func number(key string, value int64) attribute {
	return attribute{key: key, number: value, numeric: true}
}

// send hands a span over to be sent. When too many wait already it is dropped.
func (t *Tracer) send(s *span) {
	select {
	case t.queue <- s:
	default:
		t.dropped.Add(1)
	}
}
