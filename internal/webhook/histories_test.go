package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/internal/changejson"
	"github.com/sheaf-gateway/sheaf/internal/store"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// TestHistories: whatever the receiver does, and wherever the gateway is killed, each record's latest state is delivered
// at last, its states come in order (the receiver looks), the cursor passes over nothing that has no letter, and what was
// dead is there until it is replayed or superseded.
func TestHistories(t *testing.T) {
	t.Run("a file", func(t *testing.T) {
		histories(t, func(rt *rapid.T) (string, store.Tables) {
			dir, err := os.MkdirTemp(t.TempDir(), "")
			if err != nil {
				rt.Fatalf("%v", err)
			}
			return filepath.Join(dir, "webhooks.db"), nil
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		tables := shared(t)
		none := filepath.Join(t.TempDir(), "webhooks.db")
		histories(t, func(rt *rapid.T) (string, store.Tables) {
			if err := tables.Write(rt.Context(), func(q store.Queries) error {
				_, hooks := q.Exec("DELETE FROM hook")
				_, letters := q.Exec("DELETE FROM letter")
				return errors.Join(hooks, letters)
			}); err != nil {
				rt.Fatalf("%v", err)
			}
			return none, tables
		})
	})
}

// A severed process reaches its tables no more.
type severed struct{ store.Tables }

func (severed) Read(context.Context, func(store.Queries) error) error  { return errClosed }
func (severed) Write(context.Context, func(store.Queries) error) error { return errClosed }

func histories(t *testing.T, where func(*rapid.T) (string, store.Tables)) {
	rapid.Check(t, func(rt *rapid.T) {
		w, v := newWorld(rt), newReceiver(rt, rt.Cleanup)
		sub := v.sub("hook")
		sub.Parallel = rapid.IntRange(1, 6).Draw(rt, "parallel")
		at, tables := where(rt)
		h := openAt(rt, at, tables, w.log, sub)
		defer func() { w.ok(h.Close()) }()

		h.rest(rt, time.Minute) // the first pass, which is empty
		how, bad, cut, taken := 0, map[string]bool{}, false, false
		v.does(func(rw http.ResponseWriter, _ *http.Request, g *got) bool {
			v.mu.Lock()
			defer v.mu.Unlock()
			switch {
			case cut: // taken, but the gateway dies before it hears so
				v.taken = append(v.taken, *g)
				v.latest[g.Data.Identifier] = *g
				h.state = state{severed{}}
				rw.WriteHeader(204)
			case taken: // taken, but another gateway has begun to send meanwhile
				v.taken = append(v.taken, *g)
				v.latest[g.Data.Identifier] = *g
				_, err := h.state.begin(rt.Context(), sub.Name)
				w.ok(err)
				rw.WriteHeader(204)
			case how != 0:
				rw.WriteHeader(how)
			case bad[g.Data.Identifier]:
				rw.WriteHeader(500)
			default:
				return false
			}
			return true
		})
		round := func() {
			if _, err := h.all[0].round(rt.Context()); err != nil && !cut && !errors.Is(err, errTaken) {
				rt.Fatalf("%v", err)
			}
		}
		n := 0
		rt.Repeat(map[string]func(*rapid.T){
			"commit": func(rt *rapid.T) {
				var all []pipeline.Change
				seen := map[int]bool{}
				for _, k := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 10).Draw(rt, "records") {
					if seen[k] {
						continue
					}
					if seen[k], n = true, n+1; rapid.IntRange(0, 3).Draw(rt, "what") == 0 {
						all = append(all, gone("a", k))
					} else {
						all = append(all, live("a", k, fmt.Sprint("title ", n)))
					}
				}
				w.commit("a", all...)
			},
			"round": func(*rapid.T) { round() },
			"rounds": func(*rapid.T) {
				for range 4 {
					round()
					time.Sleep(2 * time.Millisecond)
				}
			},
			"answers": func(rt *rapid.T) { how = rapid.SampledFrom([]int{0, 0, 500, 503, 429, 302}).Draw(rt, "status") },
			"poison": func(rt *rapid.T) {
				k := id("a", rapid.IntRange(0, 9).Draw(rt, "record"))
				bad[k] = !bad[k]
			},
			"kill": func(*rapid.T) {
				cut = true
				round()
				cut = false
				w.ok(h.Close())
				h = openAt(rt, at, tables, w.log, sub)
			},
			"take over": func(*rapid.T) {
				taken = true
				round()
				taken = false
			},
			"epoch": func(*rapid.T) { w.ok(w.log.BeginEpoch(rt.Context(), "a test")) },
			"replay": func(*rapid.T) {
				if _, err := h.Replay(rt.Context(), "hook", nil); err != nil {
					rt.Fatalf("%v", err)
				}
			},
			"": func(rt *rapid.T) { // nothing is passed over
				s := stands(rt, h)
				owed := map[string]Letter{}
				for _, l := range letters(rt, h) {
					owed[l.Identifier] = l
				}
				for identifier, rec := range w.all() {
					g, had := v.latest[identifier]
					delivered := had && g.seq() == rec.Seq && g.Data.Epoch == strconv.FormatInt(s.Place.Epoch, 10)
					if l, is := owed[identifier]; rec.Seq <= s.Place.Seq && !delivered && (!is || l.Seq != rec.Seq) {
						rt.Fatalf("%s at %d is passed over at %s; it was delivered with %s.%s, its letter is %+v", identifier, rec.Seq, s.Place, g.Data.Epoch, g.Data.Seq, l)
					}
				}
			},
		})
		how, bad = 0, map[string]bool{}
		for range 3 { // what was refused until now may die once more
			time.Sleep(3 * time.Millisecond)
			h.all[0].lookAgain()
			h.rest(rt, time.Minute)
			if _, err := h.Replay(rt.Context(), "hook", nil); err != nil {
				rt.Fatalf("%v", err)
			}
		}
		all := w.all()
		for identifier, rec := range all {
			g := v.latest[identifier]
			ev := event(&rec, 1, 0)
			if g.seq() != rec.Seq || g.Data.Operation != changejson.Operation(&ev) {
				rt.Fatalf("%s is at %d, and was delivered last with %s", identifier, rec.Seq, g.raw)
			}
		}
		if s := stands(rt, h); s.Waiting+s.Dead+int(s.Behind) != 0 || v.records() > len(all)+1 {
			rt.Fatalf("at last it stands so: %+v", s)
		}
	})
}
