package app_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/control"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// records gives the whole log by identifier.
func records(t *testing.T, c *control.Client) map[string]pipeline.Record {
	t.Helper()
	out := map[string]pipeline.Record{}
	if err := c.Records(t.Context(), "", func(ev *pipeline.Event) error {
		out[ev.Identifier] = ev.Record
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// state is what matters of a record, whatever way it went.
type state struct {
	Deleted pipeline.Reason
	Sets    []string
	DC      string
}

func states(log map[string]pipeline.Record) map[string]state {
	out := map[string]state{}
	for id, r := range log {
		s := state{Deleted: r.Deleted}
		if r.Deleted == pipeline.Live { // of a tombstone, the content and sets depend on what was seen before
			s.Sets, s.DC = slices.Sorted(slices.Values(r.Sets)), string(bytes.TrimSpace(r.DC))
		}
		out[id] = s
	}
	return out
}

// A gateway that is killed at random moments, while it harvests a source that changes and publishes,
// ends with the log that it would have had, and each final state is in the stream exactly once.
func TestKilledAgainAndAgain(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	killedAgain(t, rounds, "")
}

// killedAgain kills a gateway that many times, whose configuration says where the log is.
func killedAgain(t *testing.T, rounds int, store string) {
	t.Helper()
	const items = 1200
	src := newProvider(t, 50)
	for i := range items {
		src.put(i, fmt.Sprintf("title %d", i), "even"+fmt.Sprint(i%2))
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "sheaf.yaml")
	text := fmt.Sprintf("gateway: {name: Killed, namespace: test.example.org, contact: test@example.org}\n"+
		"listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\nevents: {listen: '127.0.0.1:0'}\n"+store+
		"sources:\n  src: {kind: oai, from: '%s', overlap: 2s, hold: {deleted: never}}\n", src.url)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for round := range rounds {
		c := spawn(t, file)
		until := time.Now().Add(time.Duration(random.IntN(300)) * time.Millisecond)
		for time.Now().Before(until) {
			n := random.IntN(items + 50)
			switch random.IntN(4) {
			case 0:
				src.Delete(identifier(n))
			default:
				src.put(n, fmt.Sprintf("title %d, round %d", n, round), fmt.Sprintf("even%d", random.IntN(3)))
			}
			time.Sleep(time.Duration(random.IntN(4)) * time.Millisecond)
		}
		c.kill(t)
	}

	cfg, err := config.Load(file, app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	g := start(t, cfg, app.Options{})
	g.harvest(t, "src", false)
	g.harvest(t, "src", true)
	g.published(t)
	got := records(t, g.Client)
	info, err := g.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkStream(t, readStream(t, g.Addresses().NATS), got, info.Head.Epoch)
	if epochs, err := g.Store.Epochs(t.Context()); err != nil || len(epochs) != 1 {
		t.Errorf("epochs %v, %v: a kill is no reason for a new one", epochs, err)
	}

	// The run without kills, on a folder of its own.
	other := start(t, configure(t, t.TempDir(), embedded+fmt.Sprintf("sources: {src: {kind: oai, from: '%s'}}\n", src.url)), app.Options{})
	other.harvest(t, "src", true)
	if diff := cmp.Diff(states(records(t, other.Client)), states(got)); diff != "" {
		t.Errorf("-without kills +with kills\n%s", diff)
	}
}
