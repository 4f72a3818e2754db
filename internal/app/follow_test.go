package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/freeport"
	"github.com/sheaf-gateway/sheaf/oaipmh"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// A follower is a harvester that knows nothing but the protocol: it keeps a copy by asking again from
// the responseDate of its last complete walk, of the walk's first page or of its last, without any
// overlap.
type follower struct {
	set  string
	last bool // which responseDate it uses
	from time.Time
	copy map[string]string // identifier → title and sets; "deleted"
	lost int64             // how often the log had gone back when the copy was begun
}

// walk brings the copy up to date. A gateway that goes away in the middle is asked again from the start
// of the window, as a harvester does.
func (f *follower) walk(ctx context.Context, base string) error {
	var dates []time.Time // of the pages
	empty := 0            // pages, beside one that says that there is nothing
	client := oaipmh.Client{BaseURL: base + "oai", Attempts: 1}
	for rec, err := range client.Records(ctx, oaipmh.Selection{Prefix: "oai_dc", Set: f.set, From: f.from, Page: func(p oaipmh.Page) {
		if p.Records == 0 && (len(dates) > 0 || p.Token != nil) {
			empty++
		}
		dates = append(dates, p.Date)
	}}) {
		var why *oaipmh.ResponseError
		switch {
		case errors.As(err, &why) && why.Code == "badResumptionToken": // a new epoch: start again, with nothing
			f.from, f.copy = time.Time{}, map[string]string{}
			return errors.New("start again")
		case err != nil:
			return err
		}
		if f.copy[rec.Identifier] = "deleted"; !rec.Deleted {
			f.copy[rec.Identifier] = string(rec.Metadata)
		}
	}
	if empty > 0 {
		return errors.New("an empty page")
	}
	if f.from = dates[0]; f.last {
		f.from = dates[len(dates)-1]
	}
	return nil
}

func ask(ctx context.Context, base string, args url.Values) (*oaipmh.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"oai?"+args.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", resp.Status, body)
	}
	return oaipmh.ReadResponse(body)
}

// served is what the log says that a follower of a set (of everything, if empty) should have.
func served(log map[string]pipeline.Record, set string, was map[string]string) map[string]string {
	out := map[string]string{}
	for id, r := range log {
		in := set == "" || slices.ContainsFunc(r.Sets, func(s string) bool { return s == set || strings.HasPrefix(s, set+":") })
		switch {
		case in && r.Deleted == pipeline.Live:
			out[id] = "live"
		case in || was[id] != "":
			out[id] = "deleted"
		}
	}
	return out
}

func liveness(copy map[string]string) map[string]string {
	out := map[string]string{}
	for id, v := range copy {
		if out[id] = "live"; v == "deleted" {
			out[id] = v
		}
	}
	return out
}

// Followers of a gateway that harvests at full speed, and is stopped and started again in between, end
// with an exact copy of everything, and of each set.
func TestFollowersEndEqual(t *testing.T) {
	src := newProvider(t, 40)
	cfg := configure(t, t.TempDir(), "oai: {page_size: 17}\nevents: {kind: none}\n"+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 10s}}\n", src.url))
	cfg.Listen.Public = freeport.Address(t) // the same after a restart
	g := start(t, cfg, app.Options{})
	base := g.Addresses().Public

	var stop atomic.Bool
	followers := []*follower{{}, {last: true}, {set: "src"}, {set: "src:a", last: true}, {set: "src:b"}}
	done := make(chan struct{})
	for _, f := range followers {
		f.copy = map[string]string{}
		go func() {
			defer func() { done <- struct{}{} }()
			for !stop.Load() {
				_ = f.walk(t.Context(), base) // what failed is asked again
			}
		}()
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	for round := range 40 {
		for range 60 {
			switch n := random.IntN(300); random.IntN(6) {
			case 0:
				src.Delete(identifier(n))
			case 1:
				src.put(n, fmt.Sprintf("round %d", round), "b")
			case 2:
				src.put(n, fmt.Sprintf("round %d", round), "a:x", "b")
			default:
				src.put(n, fmt.Sprintf("round %d", round), "a")
			}
		}
		g.harvest(t, "src", false)
		if round%15 == 14 {
			g.stop()
			g = start(t, cfg, app.Options{})
		}
	}
	stop.Store(true)
	for range followers {
		<-done
	}
	log := records(t, g.Client)
	full := &follower{copy: map[string]string{}}
	if err := full.walk(t.Context(), base); err != nil {
		t.Fatal(err)
	}
	for _, f := range followers {
		if err := f.walk(t.Context(), base); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(served(log, f.set, f.copy), liveness(f.copy)); diff != "" {
			t.Errorf("follower of %q (last page's responseDate: %v): -log +copy\n%s", f.set, f.last, diff)
		}
		for id, have := range f.copy {
			if have != "deleted" && have != full.copy[id] {
				t.Errorf("follower of %q: %s is %s, should be %s", f.set, id, have, full.copy[id])
			}
		}
	}
	if len(full.copy) != len(log) {
		t.Errorf("a full walk met %d records of %d", len(full.copy), len(log))
	}
}

// Generated histories of a source, harvested by a real gateway: every door tells the source's state.
func TestHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		src := newProvider(t, 7)
		dir := t.TempDir()
		cfg := configure(t, dir, embedded+"oai: {page_size: 3}\n"+fmt.Sprintf("sources: {src: {kind: oai, from: '%s', overlap: 1h}}\n", src.url))
		g := start(t, cfg, app.Options{})
		defer func() { g.stop() }()
		model := map[string]modelItem{}
		for range rapid.IntRange(1, 8).Draw(rt, "rounds") {
			for range rapid.IntRange(0, 12).Draw(rt, "changes") {
				changeSource(rt, src, model)
			}
			switch rapid.IntRange(0, 5).Draw(rt, "then") {
			case 0:
				g.harvest(t, "src", true)
			case 1:
				g.stop()
				g = start(t, cfg, app.Options{})
				g.harvest(t, "src", false)
			default:
				g.harvest(t, "src", false)
			}
			if again := g.harvest(t, "src", rapid.Bool().Draw(rt, "again in full")); again.Counts.Changes() != 0 {
				rt.Fatalf("harvested again, %+v changed", again.Counts)
			}
		}
		log := records(t, g.Client)
		if diff := cmp.Diff(modelStates(model), logStates(log)); diff != "" {
			rt.Fatalf("-source +log\n%s", diff)
		}
		g.published(t)
		info, err := g.Info(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		checkStream(t, readStreamIfAny(t, g, len(log)), log, info.Head.Epoch)
		f := &follower{copy: map[string]string{}}
		if err := f.walk(t.Context(), g.Addresses().Public); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(served(log, "", nil), liveness(f.copy)); diff != "" {
			rt.Fatalf("-log +OAI-PMH\n%s", diff)
		}
	})
}

type modelItem struct {
	deleted bool
	title   string
	sets    []string
}

func changeSource(rt *rapid.T, src *provider, model map[string]modelItem) {
	n := rapid.IntRange(0, 9).Draw(rt, "item")
	id := identifier(n)
	switch old, known := model[id]; rapid.IntRange(0, 4).Draw(rt, "change") {
	case 0:
		if known {
			src.Delete(id)
			old.deleted = true
			model[id] = old
		}
	case 1: // sets alone
		if known && !old.deleted {
			old.sets = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c:d"}), 0, 3, rapid.ID).Draw(rt, "sets")
			src.put(n, old.title, old.sets...)
			model[id] = old
		}
	case 2: // the same again
		if known && !old.deleted {
			src.put(n, old.title, old.sets...)
		}
	default:
		m := modelItem{title: rapid.StringMatching(`[a-zé]{1,8}`).Draw(rt, "title"), sets: old.sets}
		src.put(n, m.title, m.sets...)
		model[id] = m
	}
}

func modelStates(model map[string]modelItem) map[string]string {
	out := map[string]string{}
	for id, m := range model {
		key := "oai:test.example.org:src/" + id
		if out[key] = "deleted"; !m.deleted {
			sets := []string{"src"}
			for _, s := range m.sets {
				sets = append(sets, "src:"+s)
			}
			slices.Sort(sets)
			out[key] = fmt.Sprintf("%q in %v", m.title, sets)
		}
	}
	return out
}

func logStates(log map[string]pipeline.Record) map[string]string {
	out := map[string]string{}
	for id, r := range log {
		if out[id] = "deleted"; r.Deleted == pipeline.Live {
			out[id] = fmt.Sprintf("%q in %v", titleOf(r.DC), slices.Sorted(maps.Keys(setOf(r.Sets))))
		}
	}
	return out
}

func setOf(ss []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range ss {
		out[s] = true
	}
	return out
}

// readStreamIfAny reads the stream; an empty log has made none, perhaps.
func readStreamIfAny(t *testing.T, g *running, records int) []event {
	if records == 0 {
		return nil
	}
	return readStream(t, g.Addresses().NATS)
}

func titleOf(dc []byte) string {
	var r dublincore.Record
	if err := r.UnmarshalJSON(dc); err != nil {
		return err.Error()
	}
	return r.Text(dublincore.Title)
}
