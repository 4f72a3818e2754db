package follow_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A fakeGateway has a log in memory, and the doors /changes and /dump. It can do what gateways do when things go wrong.
type fakeGateway struct {
	*httptest.Server

	mu      sync.Mutex
	log     fakeLog
	cut     int // after how many bytes the next answer is cut; 0: it is not
	busy    int // how many answers are a 503
	dump    *fakeDump
	asked   []string
	changed chan struct{}
}

type fakeLog struct {
	Epoch, Head int64
	Rows        map[string]follow.Change
	Lost        [][2]int64 // seqs of this epoch that no history has any more: from behind the first to the second
}

func (l fakeLog) clone() fakeLog {
	l.Rows, l.Lost = maps.Clone(l.Rows), slices.Clone(l.Lost)
	return l
}

type fakeDump struct {
	manifest []byte
	parts    map[string][]byte
}

func newFake(t testing.TB) *fakeGateway {
	g := startFake()
	t.Cleanup(g.Close)
	return g
}

func startFake() *fakeGateway {
	g := &fakeGateway{log: fakeLog{Epoch: 1_000, Rows: map[string]follow.Change{}}, changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /changes", g.serveChanges)
	mux.HandleFunc("GET /dump", func(w http.ResponseWriter, r *http.Request) {
		if d := g.dumped(); d != nil {
			_, _ = w.Write(d.manifest)
		} else {
			http.NotFound(w, r)
		}
	})
	mux.HandleFunc("GET /dump/{part}", func(w http.ResponseWriter, r *http.Request) {
		if d := g.dumped(); d != nil && d.parts[r.PathValue("part")] != nil {
			http.ServeContent(g.cutting(w), r, "", time.Time{}, bytes.NewReader(d.parts[r.PathValue("part")]))
		} else {
			http.NotFound(w, r)
		}
	})
	g.Server = httptest.NewServer(mux)
	return g
}

func (g *fakeGateway) dumped() *fakeDump {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dump
}

func (g *fakeGateway) change(do func(l *fakeLog)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do(&g.log)
	close(g.changed)
	g.changed = make(chan struct{})
}

func (l *fakeLog) put(id, title string) {
	l.Head += 3 // with holes
	l.Rows[id] = follow.Change{
		Identifier: id, Source: "src", Seq: l.Head, Operation: follow.Upserted, Datestamp: time.Unix(l.Head, 0).UTC(),
		Hash: fmt.Sprintf("%x", sha256.Sum256([]byte(title))), Record: follow.Record{"title": {{Value: title}}}, OAIDC: "<dc>" + title + "</dc>",
	}
}

func (l *fakeLog) delete(id string) {
	if _, known := l.Rows[id]; known {
		l.Head += 3
		l.Rows[id] = follow.Change{Identifier: id, Source: "src", Seq: l.Head, Operation: follow.Deleted, Reason: "takedown", Datestamp: time.Unix(l.Head, 0).UTC()}
	}
}

// restored is a log that a backup was restored to: a new epoch, whose seqs are above all that were given out.
func (l *fakeLog) restored(backup fakeLog) {
	epoch, head := l.Epoch+1, l.Head+1_000
	*l = backup.clone()
	l.Epoch, l.Head, l.Lost = epoch, head, nil
}

// putBack is a log whose folder was put back as it was: the same epoch, and seqs leap above all that were given out, as
// they do with time.
func (l *fakeLog) putBack(older fakeLog) {
	if older.Epoch != l.Epoch {
		return
	}
	lost := [2]int64{older.Head, l.Head + 100_000}
	*l = older.clone()
	l.Lost = append(l.Lost, lost)
	l.Head = lost[1]
}

func (l *fakeLog) digest() string {
	var d pipeline.Digest
	for _, c := range l.Rows {
		if !c.Deleted() {
			d.Add(c.Identifier, c.Datestamp, []byte(c.OAIDC))
		}
	}
	return fmt.Sprintf("%x", d)
}

func (l *fakeLog) live() (n int64) {
	for _, c := range l.Rows {
		if !c.Deleted() {
			n++
		}
	}
	return n
}

// lines are the changes behind a place, as /changes has them.
func (l *fakeLog) lines(after int64, limit int, oaiDC bool) (out []string, last int64) {
	rows := slices.SortedFunc(maps.Values(l.Rows), func(a, b follow.Change) int { return int(a.Seq - b.Seq) })
	last = after
	for _, c := range rows {
		if c.Seq <= after || len(out) == limit {
			continue
		}
		c.Epoch, c.Prev = l.Epoch, last
		if !oaiDC {
			c.OAIDC = ""
		}
		b, err := json.Marshal(&c)
		if err != nil {
			panic(err)
		}
		out, last = append(out, string(b)+"\n"), c.Seq
	}
	return out, last
}

func (g *fakeGateway) serveChanges(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	wait, _ := time.ParseDuration(q.Get("wait")) // 0 if there is none
	limit, _ := strconv.Atoi(q.Get("limit"))
	after, err := pipeline.ParsePosition(q.Get("after"))
	if q.Get("after") == "0" {
		after, err = pipeline.Position{}, nil
	}
	if err != nil || limit < 1 {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	g.asked = append(g.asked, r.URL.RawQuery)
	busy := g.busy > 0
	g.busy = max(0, g.busy-1)
	g.mu.Unlock()
	if busy {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		g.mu.Lock()
		l, changed := g.log.clone(), g.changed
		g.mu.Unlock()
		gone := after.Epoch != 0 && after.Epoch != l.Epoch || max(after.Seq, after.Seen) > l.Head
		for _, lost := range l.Lost {
			for _, seq := range []int64{after.Seq, after.Seen} {
				gone = gone || after.Epoch != 0 && seq > lost[0] && seq < lost[1]
			}
		}
		if gone {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusGone)
			fmt.Fprintf(w, `{"title":"gone","detail":"of another history","epoch":"%d"}`, l.Epoch)
			return
		}
		lines, last := l.lines(after.Seq, limit, strings.Contains(q.Get("with"), "oai_dc"))
		if len(lines) > 0 {
			lines[0] = fmt.Sprintf(`%s,"seen":"%d"}`+"\n", strings.TrimSuffix(lines[0], "}\n"), l.Head)
		}
		if len(lines) == 0 && wait > 0 {
			select {
			case <-changed:
				continue
			case <-timer.C:
			case <-r.Context().Done():
			}
		}
		next := last
		if len(lines) < limit {
			next = l.Head
		}
		out := g.cutting(w)
		_, _ = fmt.Fprintf(out, `%s{"head":{"epoch":"%d","seq":"%d","datestamp":"2026-01-01T00:00:00Z","digest":"%s","records":%d},"next":"%s","more":%t}`+"\n",
			strings.Join(lines, ""), l.Epoch, l.Head, l.digest(), l.live(), pipeline.At(pipeline.Cursor{Epoch: l.Epoch, Seq: next}, l.Head), next < l.Head)
		return
	}
}

// cutting cuts the answer, if that is its turn.
func (g *fakeGateway) cutting(w http.ResponseWriter) http.ResponseWriter {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.cut
	g.cut = 0
	if n == 0 {
		return w
	}
	return &cutWriter{w, n}
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (c *cutWriter) Write(b []byte) (int, error) {
	if len(b) < c.left {
		c.left -= len(b)
		return c.ResponseWriter.Write(b)
	}
	_, _ = c.ResponseWriter.Write(b[:c.left])
	c.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// makeDump writes the log out, in parts of so many rows.
func (g *fakeGateway) makeDump(t testing.TB, rows int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	d := &fakeDump{parts: map[string][]byte{}}
	type part struct {
		URL    string `json:"url"`
		Bytes  int    `json:"bytes"`
		Rows   int    `json:"rows"`
		SHA256 string `json:"sha256"`
		Last   string `json:"last"`
	}
	var parts []part
	for after := int64(0); ; {
		lines, last := g.log.lines(after, rows, true)
		if len(lines) == 0 {
			break
		}
		z, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		b := z.EncodeAll([]byte(strings.Join(lines, "")), nil)
		name := fmt.Sprintf("%d.ndjson.zst", len(parts))
		d.parts[name] = b
		parts = append(parts, part{"dump/" + name, len(b), len(lines), fmt.Sprintf("%x", sha256.Sum256(b)), strconv.FormatInt(last, 10)})
		after = last
	}
	var err error
	d.manifest, err = json.Marshal(map[string]any{"cursor": fmt.Sprintf("%d.%d", g.log.Epoch, g.log.Head), "parts": parts})
	if err != nil {
		t.Fatal(err)
	}
	g.dump = d
}

// takeAsked returns what was asked of /changes since it was called last.
func (g *fakeGateway) takeAsked() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.asked
	g.asked = nil
	return out
}
