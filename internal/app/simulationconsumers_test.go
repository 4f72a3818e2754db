package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/internal/mirror"
	"github.com/sheaf-gateway/sheaf/pipeline"
	"github.com/sheaf-gateway/sheaf/pipeline/follow"
)

// A following keeps a copy by package follow. It is killed before and behind each of its transactions, too.
type following struct {
	copied
	follow.Follower
	place follow.Place
	slow  time.Duration
	n     int // batches
}

func newFollowing(_ *testing.T, root, nats string, slow time.Duration) *following {
	f := &following{copied: copied{held: map[string]heldState{}}, slow: slow}
	f.Follower = follow.Follower{Gateway: root, NATS: nats, With: follow.With{OAIDC: true}, Client: &http.Client{Transport: &http.Transport{}}}
	if slow > 0 {
		f.BatchRecords = 20
	}
	return f
}

var errKilled = errors.New("killed")

func (f *following) run(ctx context.Context) error {
	session := order{}
	f.mu.Lock()
	from := f.place
	f.mu.Unlock()
	return f.Follow(ctx, from, func(ctx context.Context, b *follow.Batch) error {
		pause(ctx, f.slow)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.n++; ctx.Err() != nil || f.n%40 == 0 {
			return errKilled // before
		}
		for i := range b.Changes {
			c := &b.Changes[i]
			at := pipeline.Cursor{Epoch: c.Epoch, Seq: c.Seq}
			if what := session.check(c.Identifier, at); what != "" && f.fault == "" {
				f.fault = what
			}
			f.held[c.Identifier] = heldState{at: at, deleted: c.Deleted(), hash: c.Hash, oaiDC: c.OAIDC, stamp: c.Datestamp, pass: b.Pass()}
		}
		if b.Sweep() {
			maps.DeleteFunc(f.held, func(_ string, h heldState) bool { return h.pass != b.Pass() })
		}
		f.place = b.Place
		if f.n%41 == 0 {
			return errKilled // behind
		}
		return nil
	})
}

// A durable keeps a copy by a durable consumer of the stream, and closes gaps by /changes, as docs/subscribers.md has it.
type durable struct {
	copied
	root, nats string
	last       pipeline.Cursor
}

func newDurable(root, nats string) *durable {
	return &durable{copied: copied{held: map[string]heldState{}}, root: root, nats: nats}
}

func (d *durable) run(ctx context.Context) error {
	nc, err := nats.Connect(d.nats, nats.MaxReconnects(0))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	cons, err := js.CreateOrUpdateConsumer(ctx, "SHEAF_RECORDS", jetstream.ConsumerConfig{
		Durable: "simulated", AckPolicy: jetstream.AckExplicitPolicy, AckWait: 2 * time.Second, MaxAckPending: 200,
	})
	if err != nil {
		return err
	}
	session := order{}
	for ctx.Err() == nil && nc.IsConnected() {
		batch, err := cons.Fetch(50, jetstream.FetchMaxWait(300*time.Millisecond))
		if err != nil {
			return err
		}
		n := 0
		for m := range batch.Messages() {
			n++
			var e struct{ Data truthRecordPrev }
			if json.Unmarshal(m.Data(), &e) == nil && e.Data.Identifier != "" {
				meta, err := m.Metadata()
				if err != nil {
					return err
				}
				if meta.NumDelivered == 1 { // what comes again has lost its turn to what came meanwhile
					d.inOrder(session, &e.Data.truthRecord)
				}
				if err := d.hear(ctx, &e.Data); err != nil {
					return err
				}
			}
			if err := m.DoubleAck(ctx); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil {
			return err
		}
		if n == 0 { // whether the stream has forgotten what was never read shows no message
			if err := d.catchUp(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

type truthRecordPrev struct {
	truthRecord
	Prev int64 `json:",string"`
}

func (d *durable) inOrder(session order, r *truthRecord) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if what := session.check(r.Identifier, pipeline.Cursor{Epoch: r.Epoch, Seq: r.Seq}); what != "" && d.fault == "" {
		d.fault = what
	}
}

func (d *durable) hear(ctx context.Context, r *truthRecordPrev) error {
	at := pipeline.Cursor{Epoch: r.Epoch, Seq: r.Seq}
	if r.Epoch != d.last.Epoch || r.Prev > d.last.Seq { // another epoch, or a gap
		if err := d.catchUp(ctx); err != nil {
			return err
		}
	}
	d.apply(&r.truthRecord)
	if d.last.Before(at) && r.Prev <= d.last.Seq && r.Epoch == d.last.Epoch {
		d.last = at
	}
	return nil
}

func (d *durable) apply(r *truthRecord) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := pipeline.Cursor{Epoch: r.Epoch, Seq: r.Seq}
	if have, known := d.held[r.Identifier]; !known || have.at.Before(at) {
		d.held[r.Identifier] = heldState{at: at, deleted: r.Operation == "deleted", hash: r.Hash}
	}
}

// catchUp reads /changes from the place that is held, or everything if that is none of the log.
func (d *durable) catchUp(ctx context.Context) error {
	after := "0"
	if d.last.Epoch != 0 {
		after = d.last.String()
	}
	for {
		records, next, more, gone, err := changesBehind(ctx, d.root, after)
		switch {
		case err != nil:
			return err
		case gone:
			after = "0"
			continue
		}
		if after == "0" {
			d.mu.Lock()
			d.held = map[string]heldState{}
			d.mu.Unlock()
		}
		for i := range records {
			d.apply(&records[i])
		}
		d.last = next
		if after = next.String(); !more {
			return nil
		}
	}
}

// changesBehind asks /changes once.
func changesBehind(ctx context.Context, root, after string) (records []truthRecord, next pipeline.Cursor, more, gone bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, root+"changes?limit=100000&after="+after, nil)
	if err != nil {
		return nil, next, false, false, err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return nil, next, false, false, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusGone:
		return nil, next, false, true, nil
	default:
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return nil, next, false, false, fmt.Errorf("%s: %s", resp.Status, why)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l struct {
			truthRecord
			Next string
			More bool
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, next, false, false, err
		}
		if l.Next != "" {
			next, err = pipeline.ParseCursor(l.Next)
			return records, next, l.More, false, err
		}
		records = append(records, l.truthRecord)
	}
	return nil, next, false, false, errors.New("cut")
}

// An eventSource keeps a copy by server-sent events, and goes on where it was, as a browser does.
type eventSource struct {
	copied
	root, last string
}

func newEventSource(root string) *eventSource {
	return &eventSource{copied: copied{held: map[string]heldState{}}, root: root}
}

func (s *eventSource) run(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.root+"changes?after=0&with=oai_dc", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	if s.last != "" {
		req.Header.Set("Last-Event-ID", s.last)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusGone {
		s.last = ""
		return errors.New("a new epoch")
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	if s.last == "" {
		s.mu.Lock()
		s.held = map[string]heldState{}
		s.mu.Unlock()
	}
	session := order{}
	var kind, id string
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			kind = value
		case "id":
			id = value
		case "data":
			if kind == "record" {
				if err := s.take(session, value); err != nil {
					return err
				}
			}
			s.last = id
		}
	}
	return lines.Err()
}

func (s *eventSource) take(session order, data string) error {
	var r truthRecord
	if err := json.Unmarshal([]byte(data), &r); err != nil {
		return nil // cut in the middle, so its id does not count: it is the same line
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := pipeline.Cursor{Epoch: r.Epoch, Seq: r.Seq}
	if what := session.check(r.Identifier, at); what != "" && s.fault == "" {
		s.fault = what
	}
	stamp, err := time.Parse(time.RFC3339, r.Datestamp)
	s.held[r.Identifier] = heldState{at: at, deleted: r.Operation == "deleted", hash: r.Hash, oaiDC: r.OAI_DC, stamp: stamp}
	return err
}

// A mirrored is a copy of package mirror.
type mirrored struct {
	path, root string
	form       mirror.Form
	follow.Follower
	mu sync.Mutex // while it runs
}

func newMirrored(t *testing.T, root, nats, form string) *mirrored {
	return &mirrored{path: filepath.Join(t.TempDir(), "copy"), root: root, form: mirror.Form(form), Follower: follow.Follower{Gateway: root, NATS: nats, With: follow.With{OAIDC: true}}}
}

func (m *mirrored) run(ctx context.Context) (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := mirror.Open(m.path, m.root, m.form)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := m.CatchUp(ctx, c.Place(), c.Write); err != nil { // however slow the disk is
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // it is begun again, so that the copy can be looked at
	defer cancel()
	return m.Follow(ctx, c.Place(), c.Write)
}

func (m *mirrored) wrong() string { return "" } // what was written over is not to be seen

func (m *mirrored) equal(t *testing.T, log *truth) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := mirror.Open(m.path, m.root, m.form)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	digest, records, err := c.Digest(t.Context())
	if err != nil {
		return err.Error()
	}
	if got := fmt.Sprintf("%x", digest[:]); got != log.digest {
		return fmt.Sprintf("%d records at %v with the digest %s, and that of the log at %s is %s", records, c.Place(), got, log.head, log.digest)
	}
	return ""
}

// A harvesting is a harvester of OAI-PMH that asks again from the last responseDate.
type harvesting struct {
	mu   sync.Mutex
	root string
	follower
}

func newHarvesting(root string) *harvesting {
	return &harvesting{root: root, follower: follower{copy: map[string]string{}}}
}

func (h *harvesting) run(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer pause(ctx, 20*time.Millisecond)
	return h.walk(ctx, h.root)
}

func (h *harvesting) wrong() string { return "" }

func (h *harvesting) equal(_ *testing.T, log *truth) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	want, got := map[string]string{}, maps.Clone(h.copy)
	for id, r := range log.records {
		if r.live() {
			want[id] = strings.TrimSpace(r.OAI_DC)
		}
	}
	maps.DeleteFunc(got, func(_, v string) bool { return v == "deleted" })
	for id, v := range got {
		got[id] = strings.TrimSpace(v)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "-log +copy\n" + diff
	}
	return ""
}

// A secondGateway harvests the first. It is killed by being stopped: what a SIGKILL does to harvests is looked at elsewhere.
type secondGateway struct {
	mu     sync.Mutex
	public string // where the first one is
	file   string
}

func newSecondGateway(t *testing.T, public, source string) *secondGateway {
	t.Helper()
	dir := t.TempDir()
	g := &secondGateway{public: public, file: filepath.Join(dir, "sheaf.yaml")}
	text := fmt.Sprintf("gateway: {name: Second, namespace: test.example.org, contact: test@example.org}\ndata: '%s'\n"+
		"listen: {public: '127.0.0.1:%d', ops: '127.0.0.1:0'}\nevents: {kind: none}\nsearch: {kind: none}\n"+
		"sources: {up: {%s, hold: {deleted: never}, absent: {delete_after: 1}}}\n", filepath.Join(dir, "data"), freeport.Port(t), source)
	if err := os.WriteFile(g.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return g
}

// run harvests again and again.
func (g *secondGateway) run(ctx context.Context) error {
	cfg, err := config.Load(g.file, app.ConfigOptions())
	if err != nil {
		return err
	}
	gw, err := app.NewGateway(ctx, cfg, app.Options{Version: "test", Logger: quiet, Idle: true})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- gw.Run(ctx) }()
	for n := 0; ctx.Err() == nil; n++ {
		src, err := gw.Source("up")
		if err != nil {
			return err
		}
		g.mu.Lock()
		_, _ = gw.Scheduler.Harvest(ctx, src, pipeline.Order{Full: n%10 == 9}) // what failed is asked for again
		g.mu.Unlock()
		pause(ctx, 50*time.Millisecond)
	}
	return <-ended
}

func (g *secondGateway) wrong() string { return "" }

func (g *secondGateway) equal(t *testing.T, log *truth) string {
	cfg, err := config.Load(g.file, app.ConfigOptions())
	if err != nil {
		return err.Error()
	}
	want, got := map[string]string{}, map[string]string{}
	for id, r := range log.records {
		if r.live() {
			want[strings.TrimPrefix(id, "oai:test.example.org:")] = r.OAI_DC
		}
	}
	records, _, _, _, err := changesBehind(t.Context(), "http://"+cfg.Listen.Public+"/", "0&with=oai_dc")
	if err != nil {
		return err.Error()
	}
	for _, r := range records {
		if r.live() {
			local := strings.TrimPrefix(r.Identifier, "oai:test.example.org:up/")
			local = strings.TrimPrefix(strings.TrimPrefix(local, "http://"+g.public+"/"), "records/") // as ResourceSync names it
			got[strings.TrimSuffix(local, "?as=oai_dc")] = r.OAI_DC
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "-log +copy\n" + diff
	}
	return ""
}
