package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/events"
	"github.com/sheaf-gateway/sheaf/internal/schematest"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestSign: the example that Standard Webhooks gives.
func TestSign(t *testing.T) {
	secret := decoded(t)
	at, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got := sign([][]byte{secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body); got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
	other := bytes.Repeat([]byte("x"), 24)
	if got := sign([][]byte{other, secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body); !strings.HasSuffix(got, " "+want) || strings.Count(got, "v1,") != 2 {
		t.Errorf("by two secrets it is %s", got)
	}
}

// TestDelivery: a new subscription is sent the log from its beginning, or from its head, and then each change, with the bytes
// that go to NATS.
func TestDelivery(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	w.commit("a", live("a", 1, "one"), live("a", 2, "two"))
	whole, late := v.sub("whole"), newReceiver(t, t.Cleanup)
	h := open(t, file(t), w.log, whole)
	defer h.Close()
	h.rest(t, time.Minute)
	fresh := late.sub("fresh")
	fresh.FromBeginning = false
	fromHead := open(t, file(t), w.log, fresh)
	defer fromHead.Close()
	fromHead.rest(t, time.Minute)
	w.commit("a", live("a", 1, "uno"), gone("a", 2))
	h.rest(t, time.Minute)
	fromHead.rest(t, time.Minute)
	sorted := func(ids []string) []string { // those of one round come in any order
		slices.Sort(ids[1:3])
		return ids
	}
	want := []string{passBegan, id("a", 1) + " upserted", id("a", 2) + " upserted", passCompleted}
	if got := sorted(v.ids()); !slices.Equal(got[:4], want) || len(got) != 6 {
		t.Errorf("it was sent %v", got)
	}
	if got := late.ids(); len(got) != 2 {
		t.Errorf("from the head it was sent %v", got)
	}
	enc := changejson.NewEventEncoder("https://gw.example", nil)
	page, err := w.log.Changes(t.Context(), pipeline.Wanted{Limit: 10, Bytes: 1 << 20})
	w.ok(err)
	prev := int64(2) // of what was there before
	for _, rec := range page.Records {
		ev := event(&rec, page.Head.Epoch, prev)
		prev = ev.Seq
		if diff := cmp.Diff(string(enc.AppendEvent(nil, &ev, 1<<20)), v.latest[rec.Identifier].raw); diff != "" {
			t.Errorf("the event differs: %s", diff)
		}
	}
	for i := range v.taken {
		family := "record"
		if v.taken[i].Data.Identifier == "" {
			family = "webhook"
		}
		if faults := conform(t, family, v.taken[i].raw); len(faults) > 0 {
			t.Errorf("%s is not as its schema says: %v", v.taken[i].raw, faults)
		}
	}
	if s := stands(t, h); s.Place != page.Head.Cursor || s.Behind != 0 || s.Trouble() || s.Requests[Delivered] != 6 || strings.Contains(s.URL, "hidden") {
		t.Errorf("it stands so: %+v", s)
	}
}

// conform says how an event differs from the schema of its family, as the gateway serves it.
func conform(t *testing.T, family, raw string) []string {
	t.Helper()
	text := Schema()
	if family == "record" {
		var err error
		if text, err = events.Schema(family); err != nil {
			t.Fatal(err)
		}
	}
	var schema, event map[string]any
	if err := errors.Join(json.Unmarshal(text, &schema), json.Unmarshal([]byte(raw), &event)); err != nil {
		t.Fatal(err)
	}
	return schematest.Conform(schema, event, "")
}

// TestFilters: only what is wanted is sent, and a record that leaves the set is sent as deleted.
func TestFilters(t *testing.T) {
	for name, c := range map[string]struct {
		want   func(*Subscription)
		expect []string
	}{
		"source":    {func(s *Subscription) { s.Sources = []string{"b"} }, []string{id("b", 1) + " upserted"}},
		"set":       {func(s *Subscription) { s.Set = "x" }, []string{id("a", 1) + " upserted", id("a", 1) + " deleted"}},
		"operation": {func(s *Subscription) { s.Operations = []string{changejson.Deleted} }, []string{id("a", 2) + " deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, v := newWorld(t), newReceiver(t, t.Cleanup)
			sub := v.sub("some")
			c.want(&sub)
			h := open(t, file(t), w.log, sub)
			defer h.Close()
			h.rest(t, time.Minute)
			w.commit("a", live("a", 1, "one", "x"), live("a", 2, "two"))
			w.commit("b", live("b", 1, "one"))
			h.rest(t, time.Minute)
			w.commit("a", live("a", 1, "one"), gone("a", 2))
			h.rest(t, time.Minute)
			if got := v.ids()[2:]; !slices.Equal(got, c.expect) { // behind the empty pass
				t.Errorf("it was sent %v, want %v", got, c.expect)
			}
			if s := stands(t, h); s.Behind != 0 {
				t.Errorf("it stands so: %+v", s)
			}
		})
	}
}

// TestFiltersThatChange: a letter whose record has a state that is not wanted is over; one that is behind others which were
// not wanted when it was written is found.
func TestFiltersThatChange(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	at, sub := file(t), v.sub("hook")
	sub.Sources, sub.Operations, sub.Retries = []string{"b"}, []string{changejson.Upserted}, 0
	h := open(t, at, w.log, sub)
	h.rest(t, time.Minute)
	v.does(status(500))
	w.commit("a", live("a", 1, "one"), live("a", 2, "two"))
	w.commit("b", live("b", 1, "one"), live("b", 2, "two"))
	h.rest(t, time.Minute)
	if n := len(letters(t, h)); n != 2 {
		t.Fatalf("there are %d letters", n)
	}
	w.commit("b", gone("b", 1))
	w.ok(h.Close())
	sub.Sources = nil
	h = open(t, at, w.log, sub)
	defer h.Close()
	v.does(nil)
	if n, err := h.Replay(t.Context(), "hook", nil); n != 2 || err != nil {
		t.Fatalf("%d are replayed: %v", n, err)
	}
	h.rest(t, time.Minute)
	if got := v.ids(); len(letters(t, h)) != 0 || !slices.Equal(got[2:], []string{id("b", 2) + " upserted"}) {
		t.Errorf("it was sent %v, and there are %v", got, letters(t, h))
	}
	w.ok(h.Close())
	sub.Set = "x"
	h = open(t, at, w.log, sub)
	v.does(status(500))
	w.commit("a", live("a", 3, "three"), live("a", 4, "four", "x"))
	h.rest(t, time.Minute)
	w.ok(h.Close())
	sub.Set = ""
	h = open(t, at, w.log, sub)
	v.does(nil)
	if n, err := h.Replay(t.Context(), "hook", nil); n != 1 || err != nil {
		t.Fatalf("%d are replayed: %v", n, err)
	}
	h.rest(t, time.Minute)
	if got := v.ids(); got[len(got)-1] != id("a", 4)+" upserted" {
		t.Errorf("it was sent %v", got)
	}
}

// TestRefused: what is refused is tried again, holds up no other record, dies, and can be replayed; a newer state stands in its
// place.
func TestRefused(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	h := open(t, file(t), w.log, v.sub("hook"))
	defer h.Close()
	asked := 0
	poison := func(rw http.ResponseWriter, _ *http.Request, g *got) bool {
		if g.Data.Identifier != id("a", 1) {
			return false
		}
		asked++
		rw.WriteHeader(http.StatusUnprocessableEntity)
		return true
	}
	v.does(poison)
	w.commit("a", live("a", 1, "bad"), live("a", 2, "good"))
	h.rest(t, time.Minute)
	dead := letters(t, h)
	if len(dead) != 1 || !dead[0].Dead || dead[0].Attempts != 3 || asked != 3 || !strings.Contains(dead[0].Why, "422") {
		t.Fatalf("after %d requests there are %+v", asked, dead)
	}
	if _, is := v.latest[id("a", 2)]; !is || !new(stands(t, h)).Trouble() {
		t.Error("the other record was held up, or nobody is told")
	}
	v.does(nil)
	if n, err := h.Replay(t.Context(), "hook", []string{dead[0].Identifier + "@1.1", id("a", 9)}); n != 1 || err != nil {
		t.Fatalf("%d are replayed: %v", n, err)
	}
	h.rest(t, time.Minute)
	if len(letters(t, h)) != 0 || v.latest[id("a", 1)].seq() != dead[0].Seq {
		t.Errorf("after the replay there are %v", letters(t, h))
	}
	if last := v.ids(); last[len(last)-1] != passCompleted {
		t.Errorf("the pass was completed before all was delivered, or never: %v", last)
	}
	v.does(poison)
	w.commit("a", live("a", 1, "bad again"))
	h.rest(t, time.Minute)
	v.does(nil)
	w.commit("a", live("a", 1, "good now"))
	h.rest(t, time.Minute)
	if len(letters(t, h)) != 0 || !strings.Contains(v.latest[id("a", 1)].raw, "good now") {
		t.Errorf("the newer state did not take the place of the dead one: %v", letters(t, h))
	}
	v.does(poison)
	w.commit("a", live("a", 1, "bad still"))
	h.rest(t, time.Minute)
	if n, err := h.Drop(t.Context(), "hook", nil); n != 1 || err != nil || len(letters(t, h)) != 0 {
		t.Errorf("%d are dropped: %v", n, err)
	}
	if _, err := h.Drop(t.Context(), "nothing", nil); !errors.Is(err, ErrUnknown) {
		t.Errorf("a webhook that is not there: %v", err)
	}
}

// TestAway: while a receiver can't be reached the cursor stays, the requests are few, and no letter dies.
func TestAway(t *testing.T) {
	for name, does := range map[string]func(http.ResponseWriter, *http.Request, *got) bool{
		"503": status(503), "502": status(502), "429": status(429),
		"cut": func(w http.ResponseWriter, _ *http.Request, _ *got) bool {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
			return true
		},
		"hang": func(w http.ResponseWriter, r *http.Request, _ *got) bool { <-r.Context().Done(); return true },
		"Retry-After": func(w http.ResponseWriter, _ *http.Request, _ *got) bool {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, v := newWorld(t), newReceiver(t, t.Cleanup)
			h := open(t, file(t), w.log, v.sub("hook"))
			defer h.Close()
			h.rest(t, time.Minute) // the empty pass
			for n := range 200 {
				w.commit("a", live("a", n, "title"))
			}
			v.does(does)
			if name == "hang" { // any other answer may take its time
				h.all[0].sub.Timeout = 50 * time.Millisecond
			}
			const rounds = 10 // fewer than what it takes to try each record once
			for range rounds {
				wait, err := h.all[0].round(t.Context())
				w.ok(err)
				time.Sleep(min(wait, time.Millisecond))
			}
			s := stands(t, h)
			asked := s.Requests[Unreachable] + s.Requests[Busy]
			if s.Dead != 0 || s.Failing.IsZero() || s.Why == "" || s.Requests[Delivered] != 2 || s.Behind == 0 || asked == 0 || asked > rounds*(hopeless+4) {
				t.Errorf("it stands so: %+v", s)
			}
			v.does(nil)
			h.all[0].sub.Timeout = time.Minute
			h.all[0].lookAgain()
			if name == "Retry-After" { // the letters wait as long as the receiver has asked for
				if got := letters(t, h); len(got) == 0 || time.Until(got[0].Next) < time.Minute {
					t.Fatalf("it does not wait: %+v", got)
				}
				w.ok(h.state.Write(t.Context(), func(q store.Queries) error { _, err := q.Exec("UPDATE letter SET next = 1"); return err }))
			}
			h.rest(t, time.Minute)
			if s := stands(t, h); v.records() != 200 || s.Waiting != 0 || !s.Failing.IsZero() {
				t.Errorf("%d records have come, and it stands so: %+v", v.records(), s)
			}
		})
	}
}

// TestPoisonThatIsSilent: a record for which there is never an answer holds up no other.
func TestPoisonThatIsSilent(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	sub := v.sub("hook")
	sub.Parallel = 1
	h := open(t, file(t), w.log, sub)
	defer h.Close()
	h.rest(t, time.Minute)
	var silent []string
	for n := range 4 {
		silent = append(silent, id("a", n))
	}
	v.does(func(_ http.ResponseWriter, r *http.Request, g *got) bool {
		if slices.Contains(silent, g.Data.Identifier) {
			<-r.Context().Done()
			return true
		}
		return false
	})
	send := &h.all[0].sender.client.Transport
	*send = impatient{*send, silent}
	for n := range 10 {
		w.commit("a", live("a", n, "title"))
	}
	for until := time.Now().Add(time.Minute); len(v.ids()) < 8 && time.Now().Before(until); {
		h.rest(t, 50*time.Millisecond)
	}
	if v.records() != 6 {
		t.Errorf("%d records have come", v.records())
	}
}

// impatient gives up soon what is sent of some records, as if their time were over; the others have theirs.
type impatient struct {
	http.RoundTripper
	with []string
}

func (i impatient) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	var g got
	if err := json.NewDecoder(body).Decode(&g); err != nil || !slices.Contains(i.with, g.Data.Identifier) {
		return i.RoundTripper.RoundTrip(r) // a notice is of no record
	}
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Millisecond)
	defer cancel()
	return i.RoundTripper.RoundTrip(r.WithContext(ctx))
}

// TestGone: 410 ends a subscription, over a restart too, until somebody has it go on.
func TestGone(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	at := file(t)
	h := open(t, at, w.log, v.sub("hook"))
	h.rest(t, time.Minute)
	v.does(status(http.StatusGone))
	w.commit("a", live("a", 1, "one"))
	h.rest(t, time.Minute)
	w.ok(h.Close())
	v.does(nil)
	h = open(t, at, w.log, v.sub("hook"))
	defer h.Close()
	w.commit("a", live("a", 2, "two"))
	h.rest(t, time.Minute)
	if s := stands(t, h); s.Ended.IsZero() || !s.Trouble() || v.records() != 0 {
		t.Fatalf("it stands so: %+v, and %d records have come", s, v.records())
	}
	if _, err := h.Replay(t.Context(), "hook", nil); err != nil {
		t.Fatal(err)
	}
	h.rest(t, time.Minute)
	if v.records() != 2 {
		t.Errorf("%d records have come", v.records())
	}
}

// TestNoWayInside: no address that is not public is asked unless it was named, no redirect is followed, and a name counts for
// nothing.
func TestNoWayInside(t *testing.T) {
	var asked atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer inside.Close()
	port := inside.URL[strings.LastIndexByte(inside.URL, ':'):]
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	v.does(func(rw http.ResponseWriter, r *http.Request, _ *got) bool {
		http.Redirect(rw, r, inside.URL, http.StatusTemporaryRedirect)
		return true
	})
	for name, c := range map[string]struct{ url, why string }{
		"an address": {"http://127.0.0.1" + port + "/?token=hidden", "not a public address"}, "IPv6": {"http://[::1]" + port, "not a public address"},
		"mapped": {"http://[::ffff:127.0.0.1]" + port, "not a public address"}, "a name": {"http://localhost" + port, "not a public address"},
		"metadata": {"http://169.254.169.254/latest", "not a public address"}, "a redirect": {v.url, "redirects are not followed"},
	} {
		t.Run(name, func(t *testing.T) {
			sub := v.sub("hook")
			if sub.URL = c.url; name != "a redirect" {
				sub.Private = nil
			}
			h := open(t, file(t), w.log, sub)
			defer h.Close()
			h.rest(t, 20*time.Millisecond)
			if _, err := h.Test(t.Context(), "hook"); err == nil || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("the test says %v", err)
			}
		})
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the server inside was asked %d times", n)
	}
}

// TestLongAnswer: of an answer little is read, and little is kept.
func TestLongAnswer(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	var wrote atomic.Int64
	v.does(func(rw http.ResponseWriter, _ *http.Request, _ *got) bool {
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for range 1600 { // 100 MiB
			n, err := rw.Write(chunk)
			if wrote.Add(int64(n)); err != nil {
				return true
			}
		}
		return true
	})
	h := open(t, file(t), w.log, v.sub("hook"))
	defer h.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	took, err := h.Test(t.Context(), "hook")
	runtime.ReadMemStats(&after)
	if grew := after.TotalAlloc - before.TotalAlloc; err != nil || grew > 8<<20 {
		t.Errorf("after %s: %v; %d bytes were allocated", took, err, grew)
	}
	h.sendersIdle()
	if n := wrote.Load(); n > 32<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

func (h *Hooks) sendersIdle() { h.all[0].sender.client.CloseIdleConnections() }

// departures shows the body of each request before it is sent.
type departures struct {
	http.RoundTripper
	see func(body string)
}

func (d departures) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	d.see(string(b))
	return d.RoundTripper.RoundTrip(r)
}

// TestTakedown: what was taken down is not sent any more, also while it is on its way, and stands in no file; its tombstone is
// delivered.
func TestTakedown(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	at := file(t)
	h := open(t, at, w.log, v.sub("hook"))
	defer h.Close()
	h.rest(t, time.Minute)
	on := make(chan struct{}, 100)
	v.does(func(_ http.ResponseWriter, r *http.Request, g *got) bool {
		if !strings.Contains(g.raw, "unspeakable") {
			return false
		}
		on <- struct{}{}
		<-r.Context().Done()
		return true
	})
	// What is called back on its way may lie in the receiver's socket already, and be read at any time; so requests are seen
	// where they depart.
	v.ghosts = true
	var removed sync.Map
	var late atomic.Int32
	send := &h.all[0].sender.client.Transport
	*send = departures{*send, func(body string) {
		if !strings.Contains(body, "unspeakable") {
			return
		}
		removed.Range(func(id, _ any) bool {
			if strings.Contains(body, `"identifier":"`+id.(string)+`"`) {
				late.Add(1)
			}
			return true
		})
	}}
	for n := range 20 {
		w.commit("a", live("a", n, "unspeakable"))
	}
	var run sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	run.Go(func() { _ = h.Run(ctx) })
	<-on
	for n := range 20 {
		_, err := w.log.Remove(t.Context(), pipeline.Removal{Identifier: id("a", n), Final: true, Who: "anna"})
		w.ok(err)
		h.Removed(id("a", n))
		removed.Store(id("a", n), true)
	}
	v.does(func(_ http.ResponseWriter, _ *http.Request, g *got) bool {
		return strings.Contains(g.raw, "unspeakable")
	})
	for until := time.Now().Add(time.Minute); len(v.ids()) < 22 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	stop()
	run.Wait()
	if late.Load() != 0 || v.records() != 20 || v.latest[id("a", 3)].Data.Reason != "takedown" {
		t.Errorf("%d came too late; %d tombstones, such as %s", late.Load(), v.records(), v.latest[id("a", 3)].raw)
	}
	for _, end := range []string{"", "-wal"} {
		if b, err := os.ReadFile(at + end); err == nil && bytes.Contains(b, []byte("unspeakable")) {
			t.Errorf("webhooks.db%s still has it", end)
		}
	}
}

// TestEpoch: a new history is told of, and sent from its beginning; what is of the old one is forgotten.
func TestEpoch(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	h := open(t, file(t), w.log, v.sub("hook"))
	defer h.Close()
	v.does(func(rw http.ResponseWriter, _ *http.Request, g *got) bool {
		if g.Data.Identifier == id("a", 2) {
			rw.WriteHeader(500)
			return true
		}
		return false
	})
	w.commit("a", live("a", 1, "one"), live("a", 2, "two"))
	h.rest(t, time.Minute)
	v.does(nil)
	w.ok(w.log.BeginEpoch(t.Context(), "a test"))
	v.taken = nil
	h.rest(t, time.Minute)
	got := v.ids()
	slices.Sort(got[1:3])
	if want := []string{passBegan, id("a", 1) + " upserted", id("a", 2) + " upserted", passCompleted}; !slices.Equal(got, want) {
		t.Errorf("it was sent %v", got)
	}
	head, err := w.log.Head(t.Context())
	w.ok(err)
	if s := stands(t, h); s.Place != head.Cursor || s.Dead != 0 {
		t.Errorf("it stands so: %+v", s)
	}
}

// TestSlowReceiver: one that hangs slows neither commits nor another one.
func TestSlowReceiver(t *testing.T) {
	w, v, slow := newWorld(t), newReceiver(t, t.Cleanup), newReceiver(t, t.Cleanup)
	slow.does(func(_ http.ResponseWriter, r *http.Request, _ *got) bool { <-r.Context().Done(); return true })
	h := open(t, file(t), w.log, slow.sub("slow"), v.sub("quick"))
	defer h.Close()
	var run sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	run.Go(func() { _ = h.Run(ctx) })
	for n := range 300 {
		w.commit("a", live("a", n, "title"))
	}
	for until := time.Now().Add(time.Minute); len(v.ids()) < 302 && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	slow.mu.Lock()
	waits := len(slow.taken)
	slow.mu.Unlock()
	stop()
	run.Wait()
	if got := v.ids(); len(got) < 302 || waits != 0 {
		t.Errorf("the quick receiver has %d, the slow one %d", len(got), waits)
	}
}

// TestFullOfLetters: a receiver that refuses everything fills the letters up to their bound; then the cursor stops, and nothing
// is passed over.
func TestFullOfLetters(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	sub := v.sub("hook")
	h := open(t, file(t), w.log, sub)
	defer h.Close()
	h.rest(t, time.Minute)
	slowly := *hurry
	slowly.schedule = []time.Duration{time.Hour}
	h.pace = &slowly
	v.does(status(500))
	var all []pipeline.Change
	for n := range 1500 {
		all = append(all, live("a", n, "title"))
	}
	w.commit("a", all...)
	h.rest(t, time.Minute)
	s := stands(t, h)
	if s.Waiting < maxWaiting || s.Waiting > maxWaiting+roundRecords || s.Behind == 0 {
		t.Errorf("it stands so: %+v", s)
	}
	v.does(nil)
	w.ok(h.state.Write(t.Context(), func(q store.Queries) error { _, err := q.Exec("UPDATE letter SET next = 1"); return err }))
	h.rest(t, time.Minute)
	if v.records() != 1500 {
		t.Errorf("%d records have come", v.records())
	}
}

// TestForgotten: a subscription that was taken out of the configuration keeps its place until it is dropped.
func TestForgotten(t *testing.T) {
	w, v := newWorld(t), newReceiver(t, t.Cleanup)
	at := file(t)
	h := open(t, at, w.log, v.sub("hook"))
	h.rest(t, time.Minute)
	w.ok(h.Close())
	w.commit("a", live("a", 1, "one"))
	h = open(t, at, w.log)
	if s := stands(t, h); s.Name != "hook" || s.URL != "" {
		t.Errorf("it stands so: %+v", s)
	}
	if _, err := h.Replay(t.Context(), "hook", nil); err == nil || !strings.Contains(err.Error(), "not in the configuration") {
		t.Errorf("the replay says %v", err)
	}
	w.ok(h.Close())
	h = open(t, at, w.log, v.sub("hook"))
	h.rest(t, time.Minute)
	if got := fmt.Sprint(v.ids()); got != fmt.Sprint([]string{passBegan, passCompleted, id("a", 1) + " upserted"}) {
		t.Errorf("it was sent %s", got)
	}
	w.ok(h.Close())
	h = open(t, at, w.log)
	defer h.Close()
	if _, err := h.Drop(t.Context(), "hook", nil); err != nil {
		t.Fatal(err)
	}
	if all, err := h.Standings(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("there are %v: %v", all, err)
	}
}
