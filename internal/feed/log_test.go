package feed

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

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

// A world is a log that tests change.
type world struct {
	tester
	log  *memory.Log
	runs map[string]*pipeline.Run
}

func newWorld(t tester) *world {
	return &world{t, memory.New(memory.Options{Namespace: "gw.example"}), map[string]*pipeline.Run{}}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v", err)
	}
}

// commit stores changes of a source.
func (w *world) commit(source string, changes ...pipeline.Change) {
	w.Helper()
	if w.runs[source] == nil {
		run, err := w.log.Begin(w.Context(), source, nil)
		w.ok(err)
		w.runs[source] = run
	}
	run := w.runs[source]
	next := harvest.Cursor(string(run.Cursor) + "x")
	_, err := w.log.Commit(w.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: next, Changes: changes})
	w.ok(err)
	run.Cursor = next
}

func id(source string, n int) string { return fmt.Sprintf("oai:gw.example:%s/%d", source, n) }

// live is a record with a title, in the set of its source and others.
func live(source string, n int, title string, sets ...string) pipeline.Change {
	var dc dublincore.Record
	dc.AddText(dublincore.Title, title)
	c := pipeline.Change{
		Identifier: id(source, n), Sets: append([]string{source}, sets...), DC: dc.AppendJSON(nil), OAIDC: dc.AppendOAIDC(nil),
		Original: []byte("<mods>" + title + "</mods>"), Origin: pipeline.Origin{
			BaseURL: "https://source.example/oai", Identifier: strconv.Itoa(n), Datestamp: "2024-01-02", Harvested: time.Unix(1e9, 0),
			Format: harvest.Format{Prefix: "mods", Namespace: "http://www.loc.gov/mods/v3"},
			Provenance: []byte(`<provenance><originDescription harvestDate="2001-02-03T04:05:06Z" altered="true"><baseURL>https://first.example/</baseURL>` +
				`<identifier>oai:first.example:1</identifier><datestamp>2001-01-01</datestamp></originDescription></provenance>`),
		},
	}
	c.Fingerprint = sha256.Sum256([]byte(fmt.Sprint(title, sets)))
	c.Input = c.Fingerprint
	return c
}

// many are records of the source a.
func many(n int, title string) (out []pipeline.Change) {
	for k := range n {
		out = append(out, live("a", k, title))
	}
	return out
}

func gone(source string, n int) pipeline.Change {
	c := pipeline.Change{Identifier: id(source, n), Deleted: pipeline.SourceDeleted, Origin: pipeline.Origin{Identifier: strconv.Itoa(n)}}
	c.Fingerprint = sha256.Sum256([]byte("gone"))
	c.Input = c.Fingerprint
	return c
}

// A line is one line as a follower reads it, the last one too.
type line struct {
	Identifier, Source, Epoch, Seq, Prev, Seen, Operation, Reason, Datestamp string
	OAIDC                                                                    string `json:"oai_dc"`
	Sets                                                                     []string
	Original                                                                 *struct{ Format, Namespace, Data string }
	Origin                                                                   json.RawMessage
	Head                                                                     *struct {
		Epoch, Seq, Datestamp, Digest string
		Records                       int64
	}
	Next string
	More bool
}

func (l *line) cursor(t tester) pipeline.Cursor {
	t.Helper()
	c, err := pipeline.ParseCursor(l.Epoch + "." + l.Seq)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

// A held is what a follower holds.
type held struct {
	place pipeline.Position
	// records are the live ones; seqs those of all, the deleted ones too.
	records map[string]line
	seqs    map[string]int64
}

func newHeld() *held { return &held{records: map[string]line{}, seqs: map[string]int64{}} }

// apply does what the guide tells followers to do.
func (h *held) apply(t tester, l *line) {
	t.Helper()
	c := l.cursor(t)
	prev, err := strconv.ParseInt(l.Prev, 10, 64)
	if err != nil || prev > h.place.Seq && h.place.Epoch == c.Epoch {
		t.Fatalf("the line %s stands behind %s, and the follower is at %s", c, l.Prev, h.place)
	}
	seen := h.place.Seen
	if l.Seen != "" {
		if seen, err = strconv.ParseInt(l.Seen, 10, 64); err != nil {
			t.Fatalf("%v", err)
		}
	}
	h.place = pipeline.At(c, seen)
	if c.Seq <= h.seqs[l.Identifier] {
		return
	}
	h.seqs[l.Identifier] = c.Seq
	if l.Operation == "deleted" {
		delete(h.records, l.Identifier)
	} else {
		h.records[l.Identifier] = *l
	}
}

// digest is that of what the follower holds.
func (h *held) digest(t tester) string {
	t.Helper()
	var d pipeline.Digest
	for identifier, l := range h.records {
		at, err := time.Parse(time.RFC3339, l.Datestamp)
		if err != nil {
			t.Fatalf("%v", err)
		}
		d.Add(identifier, at, []byte(l.OAIDC))
	}
	return fmt.Sprintf("%x", d)
}

// free are limits that limit nothing.
type free struct{}

func (free) Turn(*http.Request) error            { return nil }
func (free) Rest(_ *http.Request, wait func())   { wait() }
func (free) Served(_ *http.Request, records int) {}
