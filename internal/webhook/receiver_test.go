package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var (
	silent   = slog.New(slog.DiscardHandler)
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	// hurry is a pace at which tests don't wait.
	hurry = &pace{schedule: []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}, shortest: time.Millisecond, longest: time.Millisecond, repair: time.Millisecond, look: time.Millisecond}
)

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Context() context.Context
}

// A world is a log that tests change.
type world struct {
	tester
	log  *memory.Log
	runs map[string]*pipeline.Run
}

func newWorld(t tester) *world {
	return &world{t, memory.New(memory.Options{Namespace: "gw.example"}), map[string]*pipeline.Run{}}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v", err)
	}
}

// commit stores changes of a source.
func (w *world) commit(source string, changes ...pipeline.Change) {
	w.Helper()
	if w.runs[source] == nil {
		run, err := w.log.Begin(w.Context(), source, nil)
		w.ok(err)
		w.runs[source] = run
	}
	run := w.runs[source]
	next := harvest.Cursor(string(run.Cursor) + "x")
	_, err := w.log.Commit(w.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: next, Changes: changes})
	w.ok(err)
	run.Cursor = next
}

func id(source string, n int) string { return fmt.Sprintf("oai:gw.example:%s/%d", source, n) }

// live is a record with a title, in the set of its source and others.
func live(source string, n int, title string, sets ...string) pipeline.Change {
	var dc dublincore.Record
	dc.AddText(dublincore.Title, title)
	c := pipeline.Change{
		Identifier: id(source, n), Sets: append([]string{source}, sets...), DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil),
		Original: []byte(title), Origin: pipeline.Origin{Identifier: strconv.Itoa(n)},
	}
	c.Fingerprint = sha256.Sum256([]byte(fmt.Sprint(title, sets)))
	c.Input = c.Fingerprint
	return c
}

func gone(source string, n int) pipeline.Change {
	c := pipeline.Change{Identifier: id(source, n), Deleted: pipeline.SourceDeleted, Origin: pipeline.Origin{Identifier: strconv.Itoa(n)}}
	c.Fingerprint = sha256.Sum256([]byte("gone"))
	c.Input = c.Fingerprint
	return c
}

// all are the records of the log, by their identifiers.
func (w *world) all() map[string]pipeline.Record {
	w.Helper()
	page, err := w.log.Changes(w.Context(), pipeline.Wanted{Limit: 1 << 20, Bytes: 1 << 30})
	w.ok(err)
	out := map[string]pipeline.Record{}
	for _, rec := range page.Records {
		out[rec.Identifier] = rec
	}
	return out
}

// A got is a request that a receiver took in.
type got struct {
	ID, Type, Subject string
	Data              struct {
		Identifier, Operation, Reason, Epoch, Seq, Webhook string
		Record                                             json.RawMessage
	}
	raw string
}

func (g got) seq() int64 { n, _ := strconv.ParseInt(g.Data.Seq, 10, 64); return n }

// A receiver takes webhooks. It holds each request to its signature, and each record to its order.
type receiver struct {
	t      tester
	verify *standardwebhooks.Webhook
	url    string
	ghosts bool // requests that were called back may come in late: the order in which they are read says nothing

	mu sync.Mutex
	// answer answers in place of the receiver, if it returns true.
	answer func(w http.ResponseWriter, r *http.Request, g *got) bool
	taken  []got               // what was answered with 204
	latest map[string]got      // by record: what was taken last
	met    map[string][2]int64 // by record: epoch and seq of what came last
}

func newReceiver(t tester, cleanup func(func())) *receiver {
	t.Helper()
	verify, err := standardwebhooks.NewWebhook(testSecret)
	if err != nil {
		t.Fatalf("%v", err)
	}
	v := &receiver{t: t, verify: verify, latest: map[string]got{}, met: map[string][2]int64{}}
	s := httptest.NewServer(v)
	cleanup(s.Close)
	v.url = s.URL + "/hooks?token=hidden"
	return v
}

func (v *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has gone
	}
	var g got
	if err := v.verify.Verify(body, r.Header); err != nil {
		v.t.Errorf("the signature is wrong: %v", err)
	}
	if err := json.Unmarshal(body, &g); err != nil || g.ID != r.Header.Get("webhook-id") || r.Header.Get("Content-Type") != "application/cloudevents+json" {
		v.t.Errorf("%v: %s with %v", err, body, r.Header)
	}
	g.raw = string(body)
	v.mu.Lock()
	answer := v.answer
	if g.Data.Identifier != "" && !v.ghosts {
		epoch, _ := strconv.ParseInt(g.Data.Epoch, 10, 64)
		if had := v.met[g.Data.Identifier]; epoch < had[0] || epoch == had[0] && g.seq() < had[1] {
			v.t.Errorf("%s comes with %d.%d behind %v", g.Data.Identifier, epoch, g.seq(), had)
		}
		v.met[g.Data.Identifier] = [2]int64{epoch, g.seq()}
	}
	v.mu.Unlock()
	if answer != nil && answer(w, r, &g) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.taken = append(v.taken, g)
	if g.Data.Identifier != "" {
		v.latest[g.Data.Identifier] = g
	}
	w.WriteHeader(http.StatusNoContent)
}

// records is how many records were taken.
func (v *receiver) records() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.latest)
}

func (v *receiver) does(f func(w http.ResponseWriter, r *http.Request, g *got) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = f
}

// status answers with a status.
func status(code int) func(http.ResponseWriter, *http.Request, *got) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ *got) bool { w.WriteHeader(code); return true }
}

// ids are the records that were taken, in order; of notices the type.
func (v *receiver) ids() (out []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.taken {
		if g := &v.taken[i]; g.Data.Identifier != "" {
			out = append(out, g.Data.Identifier+" "+g.Data.Operation)
		} else {
			out = append(out, g.Type)
		}
	}
	return out
}

func (v *receiver) sub(name string) Subscription {
	return Subscription{Name: name, URL: v.url, Secrets: [][]byte{decoded(v.t)}, FromBeginning: true, Private: loopback, Timeout: time.Minute, Parallel: 4, Retries: 2}
}

// decoded is the secret of the tests.
func decoded(t tester) []byte {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(testSecret, "whsec_"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return secret
}

func open(t tester, file string, log *memory.Log, subs ...Subscription) *Hooks {
	t.Helper()
	return openAt(t, file, nil, log, subs...)
}

// openAt is open with the tables, if there are any, that gateways share.
func openAt(t tester, file string, tables store.Tables, log *memory.Log, subs ...Subscription) *Hooks {
	t.Helper()
	h, err := Open(t.Context(), Options{File: file, Tables: tables, Log: log, URL: "https://gw.example", Subscriptions: subs, Logger: silent, pace: hurry})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return h
}

// rest runs rounds of the first hook until nothing is to be done soon, or until a time.
func (h *Hooks) rest(t tester, most time.Duration) {
	t.Helper()
	for until := time.Now().Add(most); time.Now().Before(until); {
		wait, err := h.all[0].round(t.Context())
		if err != nil {
			t.Fatalf("%v", err)
		}
		if wait > time.Minute {
			return
		}
		time.Sleep(min(wait, time.Millisecond))
	}
}

func file(t *testing.T) string { return filepath.Join(t.TempDir(), "webhooks.db") }

func stands(t tester, h *Hooks) Standing {
	t.Helper()
	all, err := h.Standings(t.Context())
	if err != nil {
		t.Fatalf("%v", err)
	}
	return all[0]
}

func letters(t tester, h *Hooks) []Letter {
	t.Helper()
	all, err := h.Letters(t.Context(), h.all[0].sub.Name)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return all
}
