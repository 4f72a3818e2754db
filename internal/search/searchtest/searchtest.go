// Package searchtest is what every search engine has to pass ([search.Engine]): it changes a log, and asks what the engine
// finds in it.
package searchtest

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/internal/search"
	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// patience is how long an engine may take to read what was committed.
const patience = 2 * time.Minute

// Test tries an engine. open opens one; with the same file it is the same one again, as after a restart. (What is no file
// takes the path for a name.)
func Test(t *testing.T, open func(t *testing.T, o search.Options) search.Engine) {
	for name, test := range map[string]func(*world){
		"queries": queries, "facets": facets, "years": years, "changes": changes, "restart": restart, "epoch": epoch,
		"removal": removal, "walk": walk, "beside": beside, "at the same time": together, "whatever is typed": typed,
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{T: t, open: open, log: memory.New(memory.Options{Namespace: "gw.example"})}
			w.file = filepath.Join(t.TempDir(), "search")
			w.begin()
			w.start()
			t.Cleanup(w.stop)
			test(w)
		})
	}
}

// A world is a log, and an engine that follows it.
type world struct {
	*testing.T
	open   func(*testing.T, search.Options) search.Engine
	file   string
	log    *memory.Log
	run    *pipeline.Run
	engine search.Engine
	end    func()
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) begin() {
	w.Helper()
	var err error
	w.run, err = w.log.Begin(w.Context(), "a", nil)
	w.ok(err)
}

func (w *world) start() {
	w.Helper()
	w.engine = w.open(w.T, search.Options{File: w.file, Log: w.log, Logger: slog.New(slog.DiscardHandler), Kind: func(dc *dublincore.Record) string {
		v, _ := dc.First(dublincore.Type)
		return v.Text
	}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	w.end = func() {
		cancel()
		if err := <-ended; err != nil {
			w.Error(err)
		}
	}
}

func (w *world) stop() {
	w.end()
	if err := w.engine.Close(); err != nil {
		w.Error(err)
	}
}

func (w *world) commit(changes ...pipeline.Change) {
	w.Helper()
	next := harvest.Cursor(string(w.run.Cursor) + "x")
	_, err := w.log.Commit(w.Context(), &pipeline.Batch{Run: w.run, From: w.run.Cursor, Next: next, Changes: changes})
	w.ok(err)
	w.run.Cursor = next
}

// caughtUp waits until the engine has read all of the log.
func (w *world) caughtUp() {
	w.Helper()
	head, err := w.log.Head(w.Context())
	w.ok(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		found, err := w.engine.Find(w.Context(), &search.Query{Limit: 1})
		w.ok(err)
		if found.Place == (pipeline.Cursor{Epoch: head.Epoch, Seq: head.Seq}) {
			if found.Behind != 0 || w.engine.Behind() != 0 {
				w.Errorf("the engine has read everything, and says that it is %d behind", found.Behind)
			}
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("the engine is at %v, and the log at %d in epoch %d", found.Place, head.Seq, head.Epoch)
		}
	}
}

// finds asks a query; want are the last parts of the identifiers of its hits, in any order unless the query has one.
func (w *world) finds(q search.Query, want string) *search.Found {
	w.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	found, err := w.engine.Find(w.Context(), &q)
	w.ok(err)
	var got []string
	for _, id := range found.Hits {
		got = append(got, local(id))
	}
	wanted := strings.Fields(want)
	if q.Sort == search.Best && q.Offset == 0 {
		slices.Sort(got)
		slices.Sort(wanted)
	}
	if d := cmp.Diff(wanted, got, cmpopts.EquateEmpty()); d != "" {
		w.Errorf("%+v: %s", q, d)
	}
	return found
}

func local(identifier string) string { return identifier[strings.LastIndexByte(identifier, '/')+1:] }

// record is a record of these values, as "title: A letter".
func record(local string, texts ...string) pipeline.Change {
	var dc dublincore.Record
	for _, text := range texts {
		name, value, _ := strings.Cut(text, ": ")
		term, known := dublincore.TermNamed(name)
		if !known {
			panic("no term: " + name)
		}
		dc.Values = append(dc.Values, dublincore.Value{Term: term, Text: value})
	}
	c := pipeline.Change{Identifier: "oai:gw.example:a/" + local, Sets: []string{"a"}, DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil)}
	c.Fingerprint = sha256.Sum256(c.DC)
	c.Input = c.Fingerprint
	return c
}

func gone(local string) pipeline.Change {
	c := pipeline.Change{Identifier: "oai:gw.example:a/" + local, Deleted: pipeline.SourceDeleted}
	c.Fingerprint = sha256.Sum256([]byte("gone"))
	c.Input = c.Fingerprint
	return c
}

// shelf are a few records that differ in everything.
func (w *world) shelf() {
	w.commit(
		record("letter", "title: Letter of Enver Hoxha to the Çam committee", "creator: Hoxha, Enver", "created: 1957-04", "type: Text", "language: sqi", "identifier: https://doi.org/10.1000/182"),
		record("report", "title: Bericht über Tiranë", "creator: Müller, Jürgen", "created: 1961", "type: Text", "language: deu", "abstract: Hoxha ist abwesend."),
		record("photo", "title: 関東大震災の写真", "created: 1923-09-01", "type: Image", "language: jpn", "isPartOf: Q1", "isPartOf: Q2"),
		record("coin", "title: A coin of Caesar", "created: -0043", "type: PhysicalObject", "spatial: Rome"),
		record("note", "title: Undated note", "type: Text", "language: sqi", "subject: coins", "isPartOf: Q1"),
	)
	w.caughtUp()
}
