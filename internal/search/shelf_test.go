package search

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/collation"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// By title, the stretches of a search stand in the order of all hits, in the order of each language, whatever has come, changed
// and gone before, and go on where they were if the record changes at which one ended.
func TestStretchesByTitle(t *testing.T) {
	dir, n := t.TempDir(), 0
	titles := rapid.SampledFrom([]string{"", "", "Letter", "Letter", "“Letter”", "letter a", "Letter an", "Letter to Shehu", "Letter to Suta", "Letër", "Dhe", "Dimër", "Dyqan", "Cam", "Çam", "Cuk", "Ëndërr", "Етюд", "関東"})
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := newWorld(rt, filepath.Join(dir, fmt.Sprint(n)))
		defer func() { _ = w.Close() }()
		w.shelfSize = rapid.IntRange(divided-1, 6).Draw(rt, "on a shelf")
		there := map[int]bool{}
		for range rapid.IntRange(1, 4).Draw(rt, "batches") {
			var changes []pipeline.Change
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 20), 1, 12, rapid.ID[int]).Draw(rt, "records") {
				c := record(fmt.Sprint(i), value(dublincore.Title, titles.Draw(rt, "title")), value(dublincore.Subject, "thing"))
				if there[i] && rapid.IntRange(0, 2).Draw(rt, "gone") == 0 {
					c = pipeline.Change{Identifier: c.Identifier, Deleted: pipeline.SourceDeleted, Fingerprint: sha256.Sum256([]byte("gone"))}
					c.Input = c.Fingerprint
				}
				there[i] = c.Deleted == pipeline.Live
				changes = append(changes, c)
			}
			w.commit(changes...)
			w.catchUp()
			w.checkShelves()
		}
		for _, q := range []Query{{}, {Language: "sq"}, {Text: "letter", Language: "de"}, {Text: "subject:thing -letter", Language: "sq"}} {
			q.Sort = Title
			want := w.checkStretches(q)
			q.Before = 0
			first := w.find(q)
			if first.Next == 0 {
				continue
			}
			if err := w.Remove(first.Hits[2]); err != nil {
				rt.Fatalf("%v", err)
			}
			w.checkShelves()
			q.Before = first.Next
			behind := want[3:min(len(want), 6)]
			if !w.isShelf(shelfAt(first.Next)) { // its last record is gone
				behind = slices.Delete(slices.Clone(want), 2, 3)[:min(len(want)-1, 3)]
			}
			if d := cmp.Diff(behind, w.find(q).Hits, cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("%+v: behind what is gone: %s", q, d)
			}
		}
	})
}

func (w *world) isShelf(number int64) (is bool) {
	w.Helper()
	if err := w.view(w.Context(), func(conn *sqlite.Conn, _ kept) error {
		return rows(conn, "SELECT 1 FROM shelf WHERE number = ?", []any{number}, func(*sqlite.Stmt) { is = true })
	}); err != nil {
		w.Fatalf("%v", err)
	}
	return is || number == untitled
}

// checkShelves checks that each record stands on the shelf of its title, in each language, and on no other; that shelves know how
// many they have, that none has too many, and that none but the first is empty.
func (w *world) checkShelves() {
	w.Helper()
	if err := w.view(w.Context(), func(conn *sqlite.Conn, _ kept) error {
		want := map[int64]int{}
		for _, language := range collation.Languages {
			all, err := shelvesOf(conn, language)
			if err != nil {
				return err
			}
			if !slices.IsSortedFunc(all, func(a, b shelf) int { return bytes.Compare(a.first.title, b.first.title) }) {
				w.Fatalf("%q: %+v are not in order", language, all)
			}
			met := map[int64]bool{}
			for at, s := range all {
				on, err := titlesOn(conn, s.number, nil, language)
				if err != nil {
					return err
				}
				if len(on) != s.size || len(on) > w.shelfSize || len(on) == 0 && at > 0 {
					w.Fatalf("%q: %d titles are on the shelf %+v", language, len(on), s)
				}
				for _, t := range on {
					if got := all.of(t.title, t.seq); got != s.number || met[t.seq] {
						w.Fatalf("%q: %q is on shelf %d, not %d; met before: %v", language, t.title, s.number, got, met[t.seq])
					}
					met[t.seq] = true
				}
			}
			want[int64(len(met))]++
		}
		titled := int64(0)
		if err := rows(conn, "SELECT count(*) FROM doc WHERE title <> x''", nil, func(r *sqlite.Stmt) { titled = r.ColumnInt64(0) }); err != nil {
			return err
		}
		if want[titled] != len(collation.Languages) {
			w.Fatalf("of %d titles, %v are on shelves", titled, want)
		}
		return nil
	}); err != nil {
		w.Fatalf("%v", err)
	}
}

// A title that is taken down is not kept as the one with which a shelf begins.
func TestShelvesKeepNothing(t *testing.T) {
	for name, down := range map[string]func(*world, string){
		"at once": func(w *world, id string) {
			if err := w.Remove(id); err != nil {
				t.Fatal(err)
			}
		},
		"when the index comes to it": func(w *world, id string) {
			if _, err := w.log.Remove(t.Context(), pipeline.Removal{Identifier: id, Final: true}); err != nil {
				t.Fatal(err)
			}
			w.catchUp()
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "search.db")
			w := newWorld(t, file)
			t.Cleanup(func() { _ = w.Close() })
			w.shelfSize = divided
			var changes []pipeline.Change
			for i, title := range strings.Fields("Minutes Minutes Minutes Minutes Secret Secret Secretary Talks") {
				changes = append(changes, record(fmt.Sprint(i), value(dublincore.Title, title)))
			}
			w.commit(changes...)
			w.catchUp()
			key := []byte(collation.Of("Secret"))
			for _, local := range []string{"5", "4", "6"} {
				down(w, "oai:gw.example:a/"+local)
				w.checkShelves()
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			kept, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(kept, key) {
				t.Error("the sort key of what was taken down is in the file")
			}
			w.open(file)
			if got := w.locals(Query{Sort: Title}); got != "0 1 2 3 7" {
				t.Errorf("left are %s", got)
			}
		})
	}
}
