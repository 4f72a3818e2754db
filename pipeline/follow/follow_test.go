package follow_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

var errCrash = errors.New("the consumer has crashed")

// A shelf is a consumer in memory, whose transactions are whole.
type shelf struct {
	rows  map[string]row
	place string
	head  *follow.Head
	crash func() bool
	order map[string]pipeline.Cursor // of the last change of each record in this pass
	pass  int64
}

type row struct {
	pass int64
	follow.Change
}

func newShelf() *shelf { return &shelf{rows: map[string]row{}, crash: func() bool { return false }} }

func (s *shelf) write(_ context.Context, b *follow.Batch) error {
	rows := maps.Clone(s.rows)
	for _, c := range b.Changes {
		if c.Deleted() {
			delete(rows, c.Identifier)
		} else {
			rows[c.Identifier] = row{b.Pass(), c}
		}
	}
	if b.Sweep() {
		maps.DeleteFunc(rows, func(_ string, r row) bool { return r.pass != b.Pass() })
	}
	if s.crash() {
		return errCrash
	}
	if s.pass != b.Pass() {
		s.pass, s.order = b.Pass(), map[string]pipeline.Cursor{}
	}
	for _, c := range b.Changes {
		at := pipeline.Cursor{Epoch: c.Epoch, Seq: c.Seq}
		if !s.order[c.Identifier].Before(at) {
			return fmt.Errorf("%s came with %s behind %s", c.Identifier, at, s.order[c.Identifier])
		}
		s.order[c.Identifier] = at
	}
	s.rows, s.place, s.head = rows, b.Place.String(), b.Head
	return nil
}

func (s *shelf) from() follow.Place {
	p, err := follow.ParsePlace(s.place)
	if err != nil {
		panic(err)
	}
	return p
}

func (s *shelf) digest() string {
	var d pipeline.Digest
	for _, r := range s.rows {
		d.Add(r.Identifier, r.Datestamp, []byte(r.OAIDC))
	}
	return fmt.Sprintf("%x", d)
}

// Whatever happens to the log, the line and the consumer, the copy is equal in the end, and no record goes back within
// a pass.
func TestCopiesAreEqual(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := newFake(t)
		defer g.Close()
		s := newShelf()
		f := follow.Follower{Gateway: g.URL, With: follow.With{OAIDC: true}, BatchRecords: rapid.IntRange(1, 5).Draw(rt, "batch"), Patience: time.Minute}
		backup := g.log.clone()
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			id := fmt.Sprintf("oai:gw.example:src/%d", rapid.IntRange(1, 9).Draw(rt, "record"))
			switch rapid.IntRange(0, 14).Draw(rt, "what") {
			default:
				g.change(func(l *fakeLog) { l.put(id, rapid.StringMatching("[a-z]{1,9}").Draw(rt, "title")) })
			case 0, 1:
				g.change(func(l *fakeLog) { l.delete(id) })
			case 2:
				backup = g.log.clone()
			case 3:
				g.change(func(l *fakeLog) { l.restored(backup) })
			case 4:
				g.change(func(l *fakeLog) { l.putBack(backup) })
			case 5:
				g.makeDump(t, rapid.IntRange(1, 5).Draw(rt, "rows"))
			case 6:
				g.cut = rapid.IntRange(1, 3_000).Draw(rt, "cut")
			case 7, 8, 9:
				n := rapid.IntRange(1, 4).Draw(rt, "crash")
				s.crash = func() bool { n--; return n == 0 }
				if err := f.CatchUp(t.Context(), s.from(), s.write); err != nil && !errors.Is(err, errCrash) {
					rt.Fatal(err)
				}
			}
		}
		s.crash = func() bool { return false }
		if err := f.CatchUp(t.Context(), s.from(), s.write); err != nil {
			rt.Fatal(err)
		}
		if got, want := s.digest(), g.log.digest(); got != want || s.head == nil || s.head.Digest != got || s.head.Records != int64(len(s.rows)) {
			rt.Fatalf("the copy has %d records and the digest %s; the log %d and %s; it was told %+v", len(s.rows), got, g.log.live(), want, s.head)
		}
	})
}

// A handler that passes over Sweep is told so when it has the first batch, and not when the first backup is restored.
func TestSweepMustBeAsked(t *testing.T) {
	g := newFake(t)
	f := follow.Follower{Gateway: g.URL}
	if err := f.CatchUp(t.Context(), follow.Place{}, func(context.Context, *follow.Batch) error { return nil }); !errors.Is(err, follow.ErrNotSwept) {
		t.Errorf("got %v", err)
	}
}

// During a new pass the copy lacks nothing of what it had.
func TestCopyIsNeverEmpty(t *testing.T) {
	g := newFake(t)
	for n := range 20 {
		g.change(func(l *fakeLog) { l.put(fmt.Sprintf("r%d", n), "title") })
	}
	s := newShelf()
	f := follow.Follower{Gateway: g.URL, BatchRecords: 3}
	catchUp := func() error { return f.CatchUp(t.Context(), s.from(), s.write) }
	if err := catchUp(); err != nil {
		t.Fatal(err)
	}
	g.change(func(l *fakeLog) { delete(l.Rows, "r7"); l.restored(*l) })
	batches := 0
	s.crash = func() bool { batches++; return batches == 4 }
	if err := catchUp(); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	if len(s.rows) != 20 || !s.from().Filling {
		t.Errorf("in the middle of the pass there are %d records, at %s", len(s.rows), s.place)
	}
	pass := s.from().Pass
	if err := catchUp(); err != nil {
		t.Fatal(err)
	}
	if len(s.rows) != 19 || s.from().Pass != pass || s.from().Filling {
		t.Errorf("behind it there are %d, at %s", len(s.rows), s.place)
	}
}

// Followers hear of a change while they wait, and go when they are told to.
func TestFollowWaits(t *testing.T) {
	g := newFake(t)
	g.change(func(l *fakeLog) { l.put("a", "one") })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	given := make(chan string, 10)
	ended := make(chan error)
	go func() {
		f := follow.Follower{Gateway: g.URL}
		ended <- f.Follow(ctx, follow.Place{}, func(_ context.Context, b *follow.Batch) error {
			b.Sweep()
			for _, c := range b.Changes {
				given <- c.Identifier + " " + c.Record.First("title")
			}
			return nil
		})
	}()
	for _, want := range []string{"a one", "a two", "b one"} {
		if got := <-given; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		id, title, _ := strings.Cut(map[string]string{"a one": "a two", "a two": "b one"}[want], " ")
		if id != "" {
			g.change(func(l *fakeLog) { l.put(id, title) })
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// A dump spares the gateway the reading of its log; what is wrong with one costs nothing but time.
func TestDump(t *testing.T) {
	for name, harm := range map[string]func(g *fakeGateway){
		"whole":         func(*fakeGateway) {},
		"cut":           func(g *fakeGateway) { g.cut = 50 },
		"not its bytes": func(g *fakeGateway) { g.dump.parts["1.ndjson.zst"] = g.dump.parts["0.ndjson.zst"] },
		"part gone":     func(g *fakeGateway) { delete(g.dump.parts, "1.ndjson.zst") },
		"no manifest":   func(g *fakeGateway) { g.dump.manifest = []byte("hello") },
		"odd address": func(g *fakeGateway) {
			g.dump.manifest = []byte(`{"cursor":"1000.60","parts":[{"url":"%zz","bytes":1}]}`)
		},
		"other epoch": func(g *fakeGateway) { g.log.restored(g.log) },
	} {
		t.Run(name, func(t *testing.T) {
			g := newFake(t)
			for n := range 20 {
				g.change(func(l *fakeLog) { l.put(fmt.Sprintf("r%d", n), "title") })
			}
			g.makeDump(t, 5)
			g.change(func(l *fakeLog) { l.put("r3", "moved"); l.delete("r4") })
			harm(g)
			s := newShelf()
			f := follow.Follower{Gateway: g.URL, With: follow.With{OAIDC: true}, Patience: time.Minute}
			if err := f.CatchUp(t.Context(), follow.Place{}, s.write); err != nil {
				t.Fatal(err)
			}
			if s.digest() != g.log.digest() {
				t.Errorf("the copy has %d records, and differs", len(s.rows))
			}
			fromStart := strings.Contains(strings.Join(g.takeAsked(), " "), "after=0")
			if useless := strings.HasPrefix(name, "no ") || strings.HasPrefix(name, "o"); fromStart != useless {
				t.Errorf("the log was read from its beginning: %v", fromStart)
			}
		})
	}
}

// What is followed is part of the place: with another filter everything comes again.
func TestOtherFilter(t *testing.T) {
	g := newFake(t)
	g.change(func(l *fakeLog) { l.put("a", "one") })
	s := newShelf()
	if err := (&follow.Follower{Gateway: g.URL}).CatchUp(t.Context(), s.from(), s.write); err != nil {
		t.Fatal(err)
	}
	if s.rows["a"].OAIDC != "" {
		t.Fatal("oai_dc came unasked")
	}
	if err := (&follow.Follower{Gateway: g.URL, With: follow.With{OAIDC: true}}).CatchUp(t.Context(), s.from(), s.write); err != nil {
		t.Fatal(err)
	}
	if s.rows["a"].OAIDC == "" {
		t.Error("the record that was there has no oai_dc")
	}
}

// A line is kept as it was written, with what this package does not know of; only where it was asked for.
func TestLineAsWritten(t *testing.T) {
	const line = `{"identifier":"a","source":"s","epoch":"1","seq":"7","prev":"0","operation":"upserted","sets":[],"new":{"in":"v1"},"record":{},"origin":{"identifier":"1","format":"mods"}}`
	asked := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Get("with")
		_, _ = w.Write([]byte(line + "\n" + `{"head":{"epoch":"1","seq":"7"},"next":"1.7","more":false}` + "\n"))
	}))
	defer srv.Close()
	for with, want := range map[follow.With][2]string{
		{}:                         {"", ""},
		{Line: true}:               {"", line},
		{Line: true, Origin: true}: {"origin", line},
		{OAIDC: true, Original: true, Origin: true}: {"oai_dc,original,origin", ""},
	} {
		var got []follow.Change
		err := (&follow.Follower{Gateway: srv.URL, With: with}).CatchUp(t.Context(), follow.Place{}, func(_ context.Context, b *follow.Batch) error {
			b.Sweep()
			got = append(got, b.Changes...)
			return nil
		})
		if err != nil || len(got) != 1 || string(got[0].Line) != want[1] || asked != want[0] || got[0].Origin.Format != "mods" {
			t.Errorf("%+v: asked with=%s, %v, got %+v", with, asked, err, got)
		}
	}
}

// A busy gateway is asked again; what no waiting mends is said at once.
func TestTrouble(t *testing.T) {
	g := newFake(t)
	g.change(func(l *fakeLog) { l.put("a", "one") })
	g.busy = 2
	s := newShelf()
	if err := (&follow.Follower{Gateway: g.URL}).CatchUp(t.Context(), s.from(), s.write); err != nil || len(s.rows) != 1 {
		t.Errorf("busy: %v, %d records", err, len(s.rows))
	}
	answers := func(status int, body string) string {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	const line = `{"identifier":"a","source":"s","epoch":"1","seq":"%s","prev":"%s","operation":"upserted","record":{}}` + "\n"
	for name, c := range map[string]struct{ gateway, want string }{
		"no address":       {"gateway.example.org", "is no address of a gateway"},
		"no gateway":       {answers(404, ""), "is it the address of a gateway"},
		"refused":          {answers(403, ""), "403"},
		"gone of no log":   {answers(410, ""), "410"},
		"not lines":        {answers(200, "<html>hello</html>\n"), "no change"},
		"a line is left":   {answers(200, strings.NewReplacer("%s", "7").Replace(line)), "follows 7"},
		"the end is wrong": {answers(200, `{"head":{"epoch":"1","seq":"1"},"next":"x","more":false}`+"\n"), "ends at"},
		"no end":           {answers(200, ""), "cut"},
	} {
		f := follow.Follower{Gateway: c.gateway, Patience: time.Millisecond}
		err := f.CatchUp(t.Context(), follow.Place{}, newShelf().write)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, s := range []string{"", "1786000000000.1200", "1786000000000.0@5", "1786000000000.1200@1790000000123~", "0.0@1790000000123~", "1.2@3?source=letters&with=oai_dc"} {
		if p, err := follow.ParsePlace(s); err != nil || p.String() != s {
			t.Errorf("%q became %q, %v", s, p, err)
		}
	}
	for _, s := range []string{"x", "1", "1.2@", "1.2@x", "1.-2", "1.2@3 ", "~", "@3", "1.2@03"} {
		if p, err := follow.ParsePlace(s); err == nil {
			t.Errorf("%q was read as %q", s, p)
		}
	}
}

// Parts of a dump lie among the temporary files while they are read, and none is left when the follower ends: not at the
// head, and not if the consumer fails while the next part is on its way.
func TestPartsAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	g := newFake(t)
	for n := range 40 {
		g.change(func(l *fakeLog) { l.put(fmt.Sprintf("oai:gw.example:src/%d", n), "title") })
	}
	g.makeDump(t, 5)
	for name, handle := range map[string]follow.Handler{
		"at the head":    newShelf().write,
		"a failed write": func(context.Context, *follow.Batch) error { return errCrash },
	} {
		f := follow.Follower{Gateway: g.URL, With: follow.With{OAIDC: true}, Patience: time.Minute}
		if err := f.CatchUp(t.Context(), follow.Place{}, handle); err != nil && !errors.Is(err, errCrash) {
			t.Fatalf("%s: %v", name, err)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) > 0 {
			t.Errorf("%s: %v are left, %v", name, left, err)
		}
	}
}
