package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A taken is what two gateways must agree in about a record.
type taken struct {
	Record, OAIDC string
	Sets          []string
	Deleted       bool
	From          []string // baseURL and identifier of each origin, the nearest first
}

// holdings are the records of a gateway by their identifiers behind a prefix, which sets have too.
func holdings(t *testing.T, root, identifiers, sets string) map[string]taken {
	t.Helper()
	out := map[string]taken{}
	for after := "0"; ; {
		resp, err := http.Get(root + "changes?limit=100000&with=oai_dc,origin&after=" + after)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %.500s", resp.Status, err, body)
		}
		more := false
		for line := range strings.Lines(string(body)) {
			var l struct {
				Identifier, Operation, OAI_DC string
				Record                        json.RawMessage
				Sets                          []string
				Origin                        struct {
					BaseURL, Identifier string
					Chain               []struct{ BaseURL, Identifier string }
				}
				Next string
				More bool
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			if l.Next != "" {
				after, more = l.Next, l.More
				continue
			}
			local, ours := strings.CutPrefix(l.Identifier, identifiers)
			if !ours {
				t.Fatalf("%s has %s", root, l.Identifier)
			}
			one := taken{Record: string(l.Record), OAIDC: l.OAI_DC, Deleted: l.Operation == "deleted"}
			if !one.Deleted {
				for _, s := range l.Sets {
					if s, ours := strings.CutPrefix(s, sets); ours {
						one.Sets = append(one.Sets, s)
					}
				}
				one.From = append(one.From, l.Origin.BaseURL+" "+l.Origin.Identifier)
				for _, o := range l.Origin.Chain {
					one.From = append(one.From, o.BaseURL+" "+o.Identifier)
				}
			}
			out[local] = one
		}
		if !more {
			return out
		}
	}
}

// TestGatewayOfGateway has histories of a gateway: changes, deletions, sets that records enter and leave, takedowns,
// withdrawals and new epochs. A second gateway, which is stopped now and then, has taken over all of it whenever it has
// harvested: the same Dublin Core, sets and deletions, with an origin more.
func TestGatewayOfGateway(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	src := newProvider(t, 20)
	first := start(t, configure(t, t.TempDir(), "events: {kind: none}\nsources: {src: {kind: oai, from: '"+src.url+"', context: {publisher: [Somebody]}, hold: {deleted: never}}}\n"), app.Options{})
	root := first.Addresses().Public
	dir := t.TempDir()
	second := func() *running {
		cfg := configure(t, dir, "events: {kind: none}\nsources: {up: {kind: sheaf, from: '"+root+"', hold: {deleted: never}, absent: {delete_after: 1}}}\n")
		return start(t, cfg, app.Options{})
	}
	g := second()
	const records = 60
	change := func() {
		for range 1 + r.IntN(15) {
			switch n := r.IntN(records); r.IntN(4) {
			case 0:
				src.Delete(identifier(n))
			case 1:
				src.put(n, fmt.Sprintf("Títul %d &amp; ‹%d›", n, r.IntN(1000)), []string{"a", "b", "a:c"}[r.IntN(3)])
			default:
				src.put(n, fmt.Sprintf("title %d", r.IntN(1000)))
			}
		}
	}
	rounds := 25
	if testing.Short() {
		rounds = 6
	}
	for range rounds {
		change()
		first.harvest(t, "src", r.IntN(4) == 0)
		id := "oai:test.example.org:src/" + identifier(r.IntN(records))
		switch r.IntN(6) {
		case 0:
			_, _ = first.Remove(t.Context(), pipeline.Removal{Identifier: id, Reason: "for a while"}) // it may be gone
		case 1:
			_ = first.Readmit(t.Context(), id, "") // it may be there
		case 2:
			info, err := first.Info(t.Context())
			if err == nil {
				err = first.Store.NewEpoch(t.Context(), info.Head, "for the test")
			}
			if err != nil {
				t.Fatal(err)
			}
		case 3:
			g.stop()
			g = second()
		}
		line := g.harvest(t, "up", r.IntN(8) == 0)
		if line.Error != "" {
			t.Fatal(line.Error)
		}
		want := holdings(t, root, "oai:test.example.org:", "")
		for id, one := range want {
			if !one.Deleted {
				one.From = append([]string{root + "oai oai:test.example.org:" + id}, one.From...)
				want[id] = one
			}
		}
		got := holdings(t, g.Addresses().Public, "oai:test.example.org:up/", "up:")
		maps.DeleteFunc(want, func(id string, one taken) bool { _, known := got[id]; return one.Deleted && !known }) // gone before it was ever taken
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(holdings(t, root, "oai:test.example.org:", ""))), func(one taken) bool { return one.Deleted }) {
		t.Error("nothing was ever deleted")
	}
}
