package search

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// A world is a log that tests change, and its index.
type world struct {
	tester
	*Index
	log *memory.Log
	run *pipeline.Run
}

func newWorld(t tester, file string) *world {
	t.Helper()
	log := memory.New(memory.Options{Namespace: "gw.example"})
	run, err := log.Begin(t.Context(), "a", nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	w := &world{tester: t, log: log, run: run}
	w.open(file)
	return w
}

func (w *world) open(file string) {
	w.Helper()
	x, err := Open(Options{File: file, Log: w.log, Logger: slog.New(slog.DiscardHandler), Kind: func(dc *dublincore.Record) string {
		v, _ := dc.First(dublincore.Type)
		return v.Text
	}})
	if err != nil {
		w.Fatalf("%v", err)
	}
	x.patience, x.counting = time.Minute, time.Minute // a machine may be slow
	k := newKeep(4, 1000, 3)                          // so that some of a few rows are kept, and what was found
	k.foundWorth, k.foundBytes = 1, 3*inBlock/8
	x.kept.Store(k)
	w.Index = x
}

func (w *world) commit(changes ...pipeline.Change) {
	w.Helper()
	next := harvest.Cursor(string(w.run.Cursor) + "x")
	if _, err := w.log.Commit(w.Context(), &pipeline.Batch{Run: w.run, From: w.run.Cursor, Next: next, Changes: changes}); err != nil {
		w.Fatalf("%v", err)
	}
	w.run.Cursor = next
}

func (w *world) catchUp() {
	w.Helper()
	for more := true; more; {
		var err error
		if more, err = w.Step(w.Context()); err != nil {
			w.Fatalf("%v", err)
		}
	}
}

func (w *world) find(q Query) *Found {
	w.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	out, err := w.Find(w.Context(), &q)
	if err != nil {
		w.Fatalf("%q: %v", q.Text, err)
	}
	return out
}

// locals are the hits by the last part of their identifiers.
func (w *world) locals(q Query) string {
	w.Helper()
	var out []string
	for _, id := range w.find(q).Hits {
		out = append(out, id[strings.LastIndexByte(id, '/')+1:])
	}
	return strings.Join(out, " ")
}

func record(local string, values ...dublincore.Value) pipeline.Change {
	dc := dublincore.Record{Values: values}
	id := "oai:gw.example:a/" + local
	c := pipeline.Change{Identifier: id, Sets: []string{"a"}, DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil), Origin: pipeline.Origin{Identifier: "up-" + local}}
	c.Fingerprint = sha256.Sum256(c.DC)
	c.Input = c.Fingerprint
	return c
}

func value(term dublincore.Term, text string) dublincore.Value {
	return dublincore.Value{Term: term, Text: text}
}

// Titles are sorted as the reader's language sorts them.
func TestTitlesInTheOrderOfALanguage(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	t.Cleanup(func() { _ = w.Close() })
	for i, title := range []string{"Zürich", "Dhe", "Ërgjent", "Etj", "“Dimër”", "Abend", "Ähre", "Москва", ""} {
		c := record(fmt.Sprint(i), value(dublincore.Title, title), value(dublincore.Type, "Text"))
		w.commit(c)
	}
	w.catchUp()
	for language, want := range map[string]string{"de": "5 6 1 4 2 3 0 7 8", "fr": "5 6 1 4 2 3 0 7 8", "": "5 6 1 4 2 3 0 7 8", "sq": "5 6 4 1 3 2 0 7 8"} {
		q := Query{Sort: Title, Language: language}
		if got := w.locals(q); got != want {
			t.Errorf("%q: %s, want %s", language, got, want)
		}
		if got, err := w.Around(t.Context(), &q, "oai:gw.example:a/1"); err != nil || got.Number != strings.Index(want, "1")/2+1 {
			t.Errorf("%q: %+v, %v", language, got, err)
		}
	}
}

func library(t *testing.T) *world {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	t.Cleanup(func() { _ = w.Close() })
	w.commit(
		record("1", value(dublincore.Title, "Letter of Enver Hoxha to the Çam committee"), value(dublincore.Creator, "Hoxha, Enver"), value(dublincore.Created, "1957-04"),
			value(dublincore.Type, "Text"), value(dublincore.Language, "sqi"), value(dublincore.Identifier, "https://doi.org/10.1000/182")),
		record("2", value(dublincore.Title, "Bericht über Tiranë"), value(dublincore.Creator, "Müller, Jürgen"), value(dublincore.Created, "1961"),
			value(dublincore.Type, "Text"), value(dublincore.Language, "deu"), value(dublincore.Abstract, "Hoxha ist abwesend.")),
		record("3", value(dublincore.Title, "関東大震災の写真"), value(dublincore.Created, "1923-09-01"), value(dublincore.Type, "Image"), value(dublincore.Language, "jpn")),
		record("4", value(dublincore.Title, "A coin of Caesar"), value(dublincore.Created, "-0043"), value(dublincore.Type, "PhysicalObject"), value(dublincore.Spatial, "Rome")),
		record("5", value(dublincore.Title, "Undated note"), value(dublincore.Type, "Text"), value(dublincore.Language, "sqi"), value(dublincore.Subject, "10.1000/182")),
	)
	w.catchUp()
	return w
}

func TestFind(t *testing.T) {
	w := library(t)
	for _, test := range []struct {
		q    Query
		want string
	}{
		{Query{}, "5 4 3 2 1"},
		{Query{Text: "hoxha"}, "1 2"}, // the title counts more than the abstract
		{Query{Text: "creator:hoxha"}, "1"},
		{Query{Text: "cam tirane"}, ""},
		{Query{Text: "ÇAM"}, "1"},
		{Query{Text: "uber"}, "2"},
		{Query{Text: `"enver hoxha"`}, "1"},
		{Query{Text: `"hoxha enver" letter`}, "1"},
		{Query{Text: `"hoxha letter"`}, ""},
		{Query{Text: "hox"}, "1 2"},
		{Query{Text: "hox* -bericht"}, "1"},
		{Query{Text: "大震災"}, "3"},
		{Query{Text: "震大"}, ""},
		{Query{Text: "10.1000/182"}, "1 5"},
		{Query{Text: "doi:10.1000/182"}, "1"},
		{Query{Text: "https://doi.org/10.1000/182"}, "1"},
		{Query{Text: "oai:gw.example:a/3"}, "3"},
		{Query{Text: "up-4"}, "4"},
		{Query{Text: "date:1957"}, "1"},
		{Query{Text: "date:-0043"}, "4"},
		{Query{Text: "language:sqi"}, "5 1"},
		{Query{From: "1957-04-10", To: "1957-04-20"}, "1"},
		{Query{From: "1957", To: "1961"}, "2 1"},
		{Query{To: "0000"}, "4"},
		{Query{Sort: Early}, "4 3 1 2 5"},
		{Query{Sort: Late}, "2 1 3 4 5"},
		{Query{Sort: Title, Text: "date:1900/1999"}, "2 1 3"},
		{Query{Chosen: map[string][]string{Kind: {"Text"}}}, "5 2 1"},
		{Query{Chosen: map[string][]string{Kind: {"Image", "PhysicalObject"}}}, "4 3"},
		{Query{Chosen: map[string][]string{Kind: {"Text"}, Language: {"deu"}}}, "2"},
		{Query{Chosen: map[string][]string{Decade: {"-50", Undated}}}, "5 4"},
		{Query{Offset: 1, Limit: 2}, "4 3"},
		{Query{Offset: 9, Limit: 2}, ""},
	} {
		if got := w.locals(test.q); got != test.want {
			t.Errorf("%+v: %q, want %q", test.q, got, test.want)
		}
	}
}

// A facet's own choice does not take away its other values.
func TestFacets(t *testing.T) {
	found := library(t).find(Query{Chosen: map[string][]string{Kind: {"Text"}}})
	got := map[string]string{}
	for _, f := range found.Facets {
		for _, c := range f.Values {
			got[f.Name] += fmt.Sprintf("%s %d %v; ", c.Value, c.Count, c.Chosen)
		}
	}
	want := map[string]string{
		Kind:     "Text 3 true; Image 1 false; PhysicalObject 1 false; ",
		Source:   "a 3 false; ",
		Language: "sqi 2 false; deu 1 false; ",
		Decade:   "1950 1 false; 1960 1 false; undated 1 false; ",
		Person:   "Hoxha, Enver 1 false; Müller, Jürgen 1 false; ",
		Subject:  "10.1000/182 1 false; ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMeant(t *testing.T) {
	w := library(t)
	for text, want := range map[string]string{"hoxhha": "hoxha", "leter hoxha": "letter hoxha", "xyzzyplugh": "", "hoxha": ""} {
		if got := w.find(Query{Text: text}).Meant; got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Whatever is typed finds something or nothing, and is no error.
func FuzzFind(f *testing.F) {
	for _, text := range []string{"", "a", `"`, `""`, "a OR", "AND", "NEAR(a b)", "title:", "title:\"", "-a", "- a", "*", "a*b", "^a", "{a}:b", "date:x", "\x00", "a\x00b", "language:", "foo:bar", "(", "a AND (b", "💥", "大", "'; DROP TABLE doc", strings.Repeat("a ", 600)} {
		f.Add(text)
	}
	w := newWorld(f, filepath.Join(f.TempDir(), "search.db"))
	f.Cleanup(func() { _ = w.Close() })
	w.commit(record("1", value(dublincore.Title, "a b c 大")))
	w.catchUp()
	f.Fuzz(func(t *testing.T, text string) {
		for _, q := range []Query{{Text: text, Limit: 10}, {From: text, To: text, Limit: 10}, {Chosen: map[string][]string{Kind: {text}}, Limit: 10}} {
			if _, err := w.Find(t.Context(), &q); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

// An answer that takes too long is given as far as it has come, and says so; who has gone is an error.
func TestPatience(t *testing.T) {
	w := library(t)
	w.patience = -1 // it is over before it begins
	if found := w.find(Query{Text: "hoxha"}); !found.Partial {
		t.Errorf("%+v", found)
	}
	w.patience = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := w.Find(ctx, &Query{Text: "hoxha", Limit: 9}); err == nil {
		t.Errorf("%+v", found)
	}
}

// A record that can't be read holds up no other, and a file that contradicts the log is made anew.
func TestContradictions(t *testing.T) {
	w := library(t)
	broken := record("broken")
	broken.DC = []byte("{")
	broken.Fingerprint = sha256.Sum256(broken.DC)
	w.commit(broken, record("behind", value(dublincore.Title, "hoxha behind it")))
	w.catchUp()
	if got := w.locals(Query{Text: "behind"}); got != "behind" {
		t.Error(got)
	}
	if err := do(w.writer, "UPDATE doc SET seq = 8 WHERE identifier = 'oai:gw.example:a/1'"); err != nil {
		t.Fatal(err)
	}
	w.commit(record("8", value(dublincore.Title, "hoxha the eighth")))
	if _, err := w.Step(t.Context()); !damaged(err) {
		t.Fatal(err)
	}
	if err := w.renew(); err != nil {
		t.Fatal(err)
	}
	w.catchUp()
	if found := w.find(Query{Text: "hoxha"}); found.Total != 4 {
		t.Errorf("%+v", found)
	}
}

// What was not understood is found as words, and that is said.
func TestAsWords(t *testing.T) {
	w := library(t)
	for text, want := range map[string]bool{
		"hoxha": false, `"hoxha`: true, "colour:hoxha": true, "date:soon hoxha": true, "-hoxha": true, "title:hoxha": false, "doi:10.1000/182": false, "oai:gw.example:a/3": false, strings.Repeat("hoxha ", 40): true,
	} {
		if found := w.find(Query{Text: text}); found.AsWords != want || found.Total == 0 && text != "colour:hoxha" {
			t.Errorf("%s: %d hits, as words: %v", text, found.Total, found.AsWords)
		}
	}
}

// The index holds what the log holds, whatever happens to the log, and however far it read at a time.
func TestHistories(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		file := filepath.Join(dir, fmt.Sprint(n))
		w := newWorld(rt, file)
		defer func() { _ = w.Close() }()
		has := map[string]string{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			local := rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(rt, "record")
			switch what := rapid.IntRange(0, 9).Draw(rt, "what"); {
			case what < 5:
				has[local] = rapid.SampledFrom([]string{"apple", "pear", "plum"}).Draw(rt, "word")
				w.commit(record(local, value(dublincore.Title, has[local])))
			case what < 7:
				c := pipeline.Change{Identifier: "oai:gw.example:a/" + local, Deleted: pipeline.SourceDeleted}
				c.Fingerprint = sha256.Sum256([]byte("gone"))
				c.Input = c.Fingerprint
				if has[local] != "" {
					w.commit(c)
				}
				delete(has, local)
			case what == 7:
				if err := w.log.NewEpoch(w.Context(), pipeline.Head{}, "a test"); err != nil {
					rt.Fatalf("%v", err)
				}
				run, err := w.log.Begin(w.Context(), "a", nil)
				if err != nil {
					rt.Fatalf("%v", err)
				}
				w.run = run
			case what == 8:
				_ = w.Close()
				w.open(file)
			default:
				w.catchUp()
			}
		}
		w.catchUp()
		for _, word := range []string{"apple", "pear", "plum"} {
			var want []string
			for local, now := range has {
				if now == word {
					want = append(want, local)
				}
			}
			slices.Sort(want)
			got := strings.Fields(w.locals(Query{Text: word}))
			slices.Sort(got)
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("%s: %s", word, d)
			}
		}
		if found := w.find(Query{}); found.Total != len(has) || found.Behind != 0 {
			rt.Fatalf("%d records, %d behind; want %d", found.Total, found.Behind, len(has))
		}
	})
}

// The words of a batch are written once, as one segment, whatever else is written between them: segments have to be merged,
// which is most of what an index costs.
func TestBatchIsOneSegment(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	defer func() { _ = w.Close() }()
	if err := do(w.writer, "INSERT INTO words (words, rank) VALUES ('automerge', 0)"); err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		var changes []pipeline.Change
		for i := range 9 { // fewer than are merged in any case
			changes = append(changes, record(fmt.Sprint(i), value(dublincore.Title, fmt.Sprint("round ", round)), value(dublincore.Subject, fmt.Sprint("subject ", round, i))))
		}
		w.commit(changes...)
		w.catchUp()
		segments := 0
		if err := rows(w.writer, "SELECT count(DISTINCT id >> 37) FROM words_data WHERE id >> 37 BETWEEN 1 AND 65535", nil, func(r *sqlite.Stmt) { segments = r.ColumnInt(0) }); err != nil {
			t.Fatal(err)
		}
		if segments != round+1 {
			t.Errorf("%d batches were written in %d segments", round+1, segments)
		}
	}
}

// Records that change or go leave nothing behind in the tables, and what they shared with others stays.
func TestNothingIsLeft(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "search.db"))
	defer func() { _ = w.Close() }()
	same := value(dublincore.Subject, "Trade")
	w.commit(record("1", same, value(dublincore.Creator, "Hoxha, Enver")), record("2", same, value(dublincore.Identifier, "isbn:9780306406157")))
	w.catchUp()
	w.commit(record("1", same))
	w.catchUp()
	if got := w.find(Query{Chosen: map[string][]string{Subject: {"Trade"}}}); got.Total != 2 {
		t.Errorf("%+v", got)
	}
	if err := w.Remove("oai:gw.example:a/2"); err != nil {
		t.Fatal(err)
	}
	gone := record("1")
	gone.Deleted, gone.DC = pipeline.SourceDeleted, nil
	gone.Fingerprint = sha256.Sum256([]byte("gone"))
	w.commit(gone)
	w.catchUp()
	for _, table := range []string{"doc", "has", "value", "number", "name"} {
		n := 0
		if err := rows(w.writer, "SELECT count(*) FROM "+table, nil, func(r *sqlite.Stmt) { n = r.ColumnInt(0) }); err != nil || n > 0 {
			t.Errorf("%d rows of %s are left, %v", n, table, err)
		}
	}
}

// What is taken down is found no more at once, and is in no file; also when the index was closed meanwhile.
func TestRemove(t *testing.T) {
	for name, remove := range map[string]func(*world, string){
		"at once": func(w *world, id string) {
			if err := w.Remove(id); err != nil {
				w.Fatalf("%v", err)
			}
		},
		"by the log": func(w *world, id string) {
			_ = w.Close()
			if _, err := w.log.Remove(w.Context(), pipeline.Removal{Identifier: id, Final: true}); err != nil {
				w.Fatalf("%v", err)
			}
			w.open(w.File)
			w.catchUp()
		},
	} {
		t.Run(name, func(t *testing.T) { testRemove(t, remove) })
	}
}

func testRemove(t *testing.T, remove func(*world, string)) {
	w := library(t)
	w.mergedAtOnce = 1
	for i := range 300 {
		w.commit(record(fmt.Sprint("more", i), value(dublincore.Title, fmt.Sprint("other words ", i))))
	}
	secret := record("secret", value(dublincore.Title, "zanzibarsecretword"), value(dublincore.Subject, "hiddensubjectvalue"), value(dublincore.Identifier, "secretnumber77"))
	w.commit(secret)
	w.catchUp()
	if got := w.locals(Query{Text: "zanzibarsecretword"}); got != "secret" {
		t.Fatal(got)
	}
	remove(w, secret.Identifier)
	if got := w.locals(Query{Text: "zanzibarsecretword"}); got != "" {
		t.Error(got)
	}
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(w.File + end)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"zanzibar", "hiddensubject", "secretnumber"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("search.db%s still has %s", end, word)
			}
		}
	}
}

// An index that is damaged while it is used is made anew by itself; meanwhile searches fail, and nothing else does.
func TestDamagedMeanwhile(t *testing.T) {
	w := library(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	if err := do(w.writer, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(w.File, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte("x"), int(info.Size())), 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	w.commit(record("new", value(dublincore.Title, "hoxha again")))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		found, err := w.Find(t.Context(), &Query{Text: "hoxha", Limit: 9})
		if err == nil && len(found.Hits) == 3 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(found, err)
		}
	}
}

// An index that is damaged, or of another layout, is made anew.
func TestDamaged(t *testing.T) {
	for name, damage := range map[string]func(file string) error{
		"garbage": func(file string) error { return os.WriteFile(file, bytes.Repeat([]byte("x"), 5000), 0o600) },
		"a database of another layout": func(file string) error {
			w := library(t)
			if err := do(w.writer, "PRAGMA user_version = 99"); err != nil {
				return err
			}
			if err := do(w.writer, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				return err
			}
			b, err := os.ReadFile(w.File)
			if err != nil {
				return err
			}
			return os.WriteFile(file, b, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "search.db")
			if err := damage(file); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, file)
			defer func() { _ = w.Close() }()
			w.commit(record("1", value(dublincore.Title, "found")))
			w.catchUp()
			if got := w.locals(Query{Text: "found"}); got != "1" {
				t.Error(got)
			}
		})
	}
}
