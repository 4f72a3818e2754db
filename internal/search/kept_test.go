package search

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// What is kept is what the file has, whichever rows are asked for in whichever order, whatever is committed and removed, and in
// whatever history the log goes on.
func TestKept(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := newWorld(rt, filepath.Join(dir, fmt.Sprint(n)))
		defer func() { _ = w.Close() }()
		for range rapid.IntRange(1, 6).Draw(rt, "rounds") {
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				if err := w.log.NewEpoch(rt.Context(), pipeline.Head{}, "a test"); err != nil {
					rt.Fatal(err)
				}
			case 1:
				if err := w.Remove(fmt.Sprint("oai:gw.example:a/", rapid.IntRange(0, 20).Draw(rt, "removed"))); err != nil {
					rt.Fatal(err)
				}
			default:
				var changes []pipeline.Change
				for _, local := range rapid.SliceOfNDistinct(rapid.IntRange(0, 20), 1, 12, rapid.ID).Draw(rt, "changed") {
					values := []dublincore.Value{value(dublincore.Title, rapid.StringMatching(`[a-z]{0,9}`).Draw(rt, "title")), value(dublincore.Subject, rapid.StringMatching(`[a-c]`).Draw(rt, "subject"))}
					if year := rapid.IntRange(1900, 2000).Draw(rt, "year"); year > 1930 {
						values = append(values, value(dublincore.Created, fmt.Sprint(year)))
					}
					changes = append(changes, record(fmt.Sprint(local), values...))
				}
				w.commit(changes...)
			}
			w.catchUp()
			if err := w.view(w.Context(), func(conn *sqlite.Conn, k kept) error {
				there, err := sorted(conn, "SELECT seq FROM doc")
				if err != nil || len(there) == 0 {
					return err
				}
				asked := rapid.SliceOfDistinct(rapid.SampledFrom(there), rapid.ID).Draw(rt, "asked")
				if rapid.Bool().Draw(rt, "all") {
					asked = there
				}
				unkept := newKeep(1<<40, 0, 1)
				for _, columns := range []keptColumns{countedBy, sortedBy} {
					got, want := make([]hit, len(asked)), make([]hit, len(asked))
					if err := k.read(conn, columns, asked, func(i int) *hit { return &got[i] }); err != nil {
						return err
					}
					if err := (kept{unkept, k.upto}).read(conn, columns, asked, func(i int) *hit { return &want[i] }); err != nil {
						return err
					}
					if d := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); d != "" {
						rt.Errorf("of %v: %s", asked, d)
					}
				}
				for _, text := range rapid.SliceOfN(rapid.SampledFrom([]string{"subject:a", "subject:b", "subject:c", "subject:c -subject:b"}), 0, 3).Draw(rt, "texts") {
					backwards, place := rapid.Bool().Draw(rt, "backwards"), int64(math64max)
					if !backwards || rapid.Bool().Draw(rt, "before a place") {
						place = rapid.Int64Range(0, k.upto+1).Draw(rt, "place")
					}
					enough := rapid.IntRange(1, 12).Draw(rt, "enough")
					walk := func(k kept) (out []int64) {
						p := w.plan(&Query{Text: text})
						p.kept = k
						if err := p.each(conn, backwards, place, func(seq int64) bool {
							out = append(out, seq)
							return len(out) < enough
						}); err != nil {
							rt.Fatal(err)
						}
						return out
					}
					if d := cmp.Diff(walk(kept{newKeep(1<<40, 0, 1), k.upto}), walk(k)); d != "" {
						rt.Errorf("%s, backwards: %v, at %d: %s", text, backwards, place, d)
					}
				}
				return nil
			}); err != nil {
				rt.Fatal(err)
			}
			k, size := w.kept.Load(), 0
			for _, c := range k.chunks {
				size += c.size()
			}
			if k.foundSize() > k.foundBytes {
				rt.Errorf("%d bytes are kept of what was found, of at most %d", k.foundSize(), k.foundBytes)
			}
			if size != k.size || size > k.bytes {
				rt.Errorf("%d bytes are kept, %d are counted, of at most %d", size, k.size, k.bytes)
			}
		}
	})
}

// What is kept stays when a record changes elsewhere in the log; SQLite's own pages in memory do not. Of what was taken down
// nothing is kept.
func TestCommitLeavesKept(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "index"))
	t.Cleanup(func() { _ = w.Close() })
	for i := range 9 {
		w.commit(record(fmt.Sprint(i), value(dublincore.Title, "Letter"), value(dublincore.Subject, "Post")))
	}
	w.catchUp()
	read := func() {
		if found := w.find(Query{Text: "letter"}); len(found.Hits) != 9 || len(found.Facets) == 0 {
			t.Fatalf("%+v", found)
		}
	}
	read()
	at := keptAt{countedBy, 1} // the places from 4 to 7
	before := w.kept.Load().known(at)
	if before == nil {
		t.Fatal("nothing is kept")
	}
	w.commit(record("8", value(dublincore.Title, "Another letter")), record("3", value(dublincore.Title, "A third letter")))
	w.catchUp()
	read()
	if w.kept.Load().known(at) != before {
		t.Error("what is kept was read again")
	}
	planned := w.plan(&Query{Text: "letter"})
	if m := w.kept.Load().found[planned.match]; m == nil || m.from != 0 || m.hits.size() != 9 {
		t.Errorf("of what was found is kept: %+v", m)
	}
	if err := w.Remove("oai:gw.example:a/5"); err != nil {
		t.Fatal(err)
	}
	if k := w.kept.Load(); len(k.chunks)+len(k.found) > 0 {
		t.Error("something is kept of what was taken down")
	}
}
