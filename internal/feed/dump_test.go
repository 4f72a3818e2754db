package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

func openDumps(t tester, dir string, log DumpLog) *Dumps {
	t.Helper()
	d, err := OpenDumps(t.Context(), dir, log, silent)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

// A dumped log is one whose reads are interrupted.
type dumpedLog struct {
	*interrupted
	DumpLog
}

func (l dumpedLog) Changes(ctx context.Context, w pipeline.Wanted) (pipeline.Changes, error) {
	return l.interrupted.Changes(ctx, w)
}
func (l dumpedLog) Changed() <-chan struct{} { return l.DumpLog.Changed() }

func dumpDoor(log pipeline.Feed, dumps *Dumps) *Door {
	return New(Options{URL: "https://gw.example", Log: log, Limits: free{}, Dumps: dumps, MakesDumps: func() bool { return true }})
}

func call(t tester, d *Door, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	d.Handler().ServeHTTP(rec, req)
	return rec
}

func manifestOf(t tester, d *Door) (m Manifest) {
	t.Helper()
	rec := call(t, d, http.MethodGet, "/dump")
	if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || rec.Code != http.StatusOK {
		t.Fatalf("answered %d: %s, %v", rec.Code, rec.Body, err)
	}
	return m
}

// bootstrap reads a dump as a follower does.
func bootstrap(t tester, d *Door) *held {
	t.Helper()
	h := newHeld()
	m := manifestOf(t, d)
	rows := int64(0)
	for _, p := range m.Parts {
		rec := call(t, d, http.MethodGet, strings.TrimPrefix(p.URL, "https://gw.example"))
		z, err := zstd.NewReader(rec.Body)
		if err != nil {
			t.Fatalf("%v", err)
		}
		text, err := io.ReadAll(z)
		z.Close()
		if err != nil {
			t.Fatalf("%s: %v", p.URL, err)
		}
		lines := readLines(t, text)
		for i := range lines {
			h.apply(t, &lines[i])
		}
		if rows += p.Rows; int64(len(lines)) != p.Rows || lines[0].Seq != p.First || lines[len(lines)-1].Seq != p.Last {
			t.Fatalf("%+v has %d rows from %s to %s", p, len(lines), lines[0].Seq, lines[len(lines)-1].Seq)
		}
	}
	if rows != m.Rows {
		t.Fatalf("the parts have %d rows, the manifest says %d", rows, m.Rows)
	}
	place, err := pipeline.ParseCursor(m.Cursor)
	if err != nil || h.place.Seq > place.Seq {
		t.Fatalf("the dump ends at %s and is true for %s: %v", h.place, m.Cursor, err)
	}
	h.place = pipeline.At(place, 0)
	return h
}

// Whatever moves while a dump is made, and after it, the dump and the changes behind its place are the log.
func TestDumpAndChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		dir, err := os.MkdirTemp("", "feed-test-")
		w.ok(err)
		defer os.RemoveAll(dir)
		change := func(n int) {
			for range n {
				if k := rapid.IntRange(1, 40).Draw(rt, "record"); k%7 == 0 {
					w.commit("a", live("a", k, "x"), gone("a", k))
				} else {
					w.commit("a", live("a", k, rapid.StringN(1, 10, 30).Draw(rt, "title")))
				}
			}
		}
		w.commit("a", many(2*pieceRecords+rapid.IntRange(0, 99).Draw(rt, "records"), "title")...)
		log := dumpedLog{&interrupted{Feed: w.log, after: rapid.IntRange(1, 4).Draw(rt, "piece"), do: func() { change(5) }}, w.log}
		dumps := openDumps(rt, dir, log)
		_, err = dumps.Make(rt.Context(), Making{PartBytes: rapid.SampledFrom([]int64{0, 1, 5000}).Draw(rt, "part")})
		w.ok(err)
		change(rapid.IntRange(0, 5).Draw(rt, "later"))
		door := dumpDoor(w.log, openDumps(rt, dir, w.log)) // as after a restart
		catchUp(rt, door, bootstrap(rt, door), "&with=oai_dc")
	})
}

func filesIn(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if path != dir {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// When the command has returned, no file has what was taken down, and no answer that is under way goes on: whether the
// dump was there, was being made, or the gateway was killed before it could remove it.
func TestDumpAfterTakedown(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	w.commit("a", many(2*pieceRecords, strings.Repeat("title ", 50))...)
	var dumps *Dumps
	remove := func(n int) {
		s, err := w.log.Remove(t.Context(), pipeline.Removal{Identifier: id("a", n), Final: true})
		w.ok(err)
		if dumps != nil {
			w.ok(dumps.Removed(t.Context(), &s))
			if files := filesIn(t, dir); len(files) != 0 {
				t.Errorf("after the takedown there are %v", files)
			}
		}
	}
	dumps = openDumps(t, dir, w.log)
	_, err := dumps.Make(t.Context(), Making{})
	w.ok(err)
	one := dumps.present()
	f, err := os.Open(filepath.Join(dir, one.name, one.Parts[0].URL))
	w.ok(err)
	defer f.Close()
	underWay := &partReader{f, one}
	if n, err := underWay.Read(make([]byte, 100)); n != 100 || err != nil {
		t.Fatal(n, err)
	}
	remove(1)
	if n, err := underWay.Read(make([]byte, 100)); n != 0 || !errors.Is(err, errGone) {
		t.Errorf("an answer that was under way gets %d bytes more, %v", n, err)
	}
	if rec := call(t, dumpDoor(w.log, dumps), http.MethodGet, "/dump"); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("then the manifest is answered %d", rec.Code)
	}
	select {
	case <-dumps.wanted:
	default:
		t.Error("no new one is wanted")
	}

	// In the middle of one. The making waits for nothing, so the command may wait for it.
	removed := make(chan struct{})
	log := dumpedLog{&interrupted{Feed: w.log, after: 2, do: func() {
		go func() { remove(2); close(removed) }()
		for dumps.removalsSeen() == 1 {
		}
	}}, w.log}
	dumps = openDumps(t, dir, log)
	dumps.removals = 1
	if _, err := dumps.Make(t.Context(), Making{}); !errors.Is(err, errRemoved) {
		t.Errorf("the making ends with %v", err)
	}
	<-removed

	// Killed behind the takedown: nobody has told the dumps.
	for _, when := range []string{"made", "while it was made"} {
		dumps = nil
		after := 100
		if when == "while it was made" {
			after = 2
		}
		d := openDumps(t, dir, dumpedLog{&interrupted{Feed: w.log, after: after, do: func() { remove(3) }}, w.log})
		if _, err := d.Make(t.Context(), Making{}); err != nil {
			t.Fatal(err)
		}
		if after == 100 {
			remove(4)
		}
		if d := openDumps(t, dir, w.log); d.present() != nil || len(filesIn(t, dir)) != 0 {
			t.Errorf("%s: the next start has %v", when, filesIn(t, dir))
		}
	}
}

func (d *Dumps) removalsSeen() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.removals
}

// What a kill leaves is removed and never served; so is what is damaged, or of another history.
func TestLeftovers(t *testing.T) {
	w := newWorld(t)
	w.commit("a", many(10, "title")...)
	for what, spoil := range map[string]func(dir string) error{
		"no manifest":    func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) },
		"a cut manifest": func(dir string) error { return os.Truncate(filepath.Join(dir, manifestName), 40) },
		"a cut part":     func(dir string) error { return os.Truncate(filepath.Join(dir, "00001.ndjson.zst"), 5) },
		"no part":        func(dir string) error { return os.Remove(filepath.Join(dir, "00001.ndjson.zst")) },
		"half made":      func(dir string) error { return os.Rename(dir, filepath.Join(filepath.Dir(dir), unfinished+"x")) },
		"a new epoch":    func(string) error { return w.log.BeginEpoch(t.Context(), "a test") },
	} {
		dir := t.TempDir()
		d := openDumps(t, dir, w.log)
		if _, err := d.Make(t.Context(), Making{}); err != nil {
			t.Fatal(err)
		}
		if openDumps(t, dir, w.log).present() == nil {
			t.Fatalf("%s: a whole dump is not there after a start", what)
		}
		w.ok(spoil(filepath.Join(dir, d.present().name)))
		if what == "a new epoch" {
			if rec := call(t, dumpDoor(w.log, d), http.MethodGet, "/dump"); rec.Code != http.StatusServiceUnavailable {
				t.Errorf("a dump of another epoch is answered %d", rec.Code)
			}
			if d.due(t.Context(), 1<<60) == "" {
				t.Error("no dump is due after a new epoch")
			}
		}
		if d := openDumps(t, dir, w.log); d.present() != nil || len(filesIn(t, dir)) != 0 {
			t.Errorf("%s: the next start serves it, or leaves %v", what, filesIn(t, dir))
		}
	}
}

// A full disk ends the making, and takes nothing from those who read the dump that is there.
func TestNoRoomForDump(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	w.commit("a", many(2*pieceRecords, "title")...)
	d := openDumps(t, dir, w.log)
	_, err := d.Make(t.Context(), Making{})
	w.ok(err)
	before, looks := filesIn(t, dir), 0
	_, err = d.Make(t.Context(), Making{Room: func() error {
		if looks++; looks > 2 {
			return pipeline.ErrFull
		}
		return nil
	}})
	if !errors.Is(err, pipeline.ErrFull) || looks != 3 {
		t.Errorf("it ends with %v after %d looks", err, looks)
	}
	if after := filesIn(t, dir); strings.Join(after, " ") != strings.Join(before, " ") {
		t.Errorf("there are %v, before %v", after, before)
	}
	bootstrap(t, dumpDoor(w.log, d))
	if _, _, failures := d.Present(); failures != 1 {
		t.Errorf("%d failures are counted", failures)
	}
}

// Parts can be fetched in ranges, and asked for again only if they are others.
func TestDumpOverHTTP(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	w.commit("a", live("a", 1, "title"))
	d := openDumps(t, dir, w.log)
	door := dumpDoor(w.log, d)
	if rec := call(t, door, http.MethodGet, "/dump"); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("without a dump it is answered %d", rec.Code)
	}
	never := New(Options{URL: "https://gw.example", Log: w.log, Limits: free{}, Dumps: d})
	if rec := call(t, never, http.MethodGet, "/dump"); rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), "/changes") {
		t.Errorf("where none is made it is answered %d %s", rec.Code, rec.Body)
	}
	_, err := d.Make(t.Context(), Making{})
	w.ok(err)
	path := strings.TrimPrefix(manifestOf(t, door).Parts[0].URL, "https://gw.example")
	whole := call(t, door, http.MethodGet, path)
	part := call(t, door, http.MethodGet, path, "Range", "bytes=10-19", "If-Range", whole.Header().Get("ETag"))
	if part.Code != http.StatusPartialContent || !bytes.Equal(part.Body.Bytes(), whole.Body.Bytes()[10:20]) {
		t.Errorf("a range is answered %d %q", part.Code, part.Body)
	}
	if rec := call(t, door, http.MethodGet, path, "Range", "bytes=10-19", "If-Range", `"another"`); rec.Code != http.StatusOK {
		t.Errorf("a range of another file is answered %d", rec.Code)
	}
	for _, p := range []string{path, "/dump"} {
		rec := call(t, door, http.MethodHead, p)
		if rec.Code != http.StatusOK || rec.Body.Len() != 0 || rec.Header().Get("Content-Length") == "" || rec.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("HEAD %s is answered %d %v", p, rec.Code, rec.Header())
		}
		if again := call(t, door, http.MethodGet, p, "If-None-Match", rec.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s again is answered %d", p, again.Code)
		}
	}
	for _, p := range []string{"/dump/x/00001.ndjson.zst", path + "x", filepath.Dir(path) + "/" + manifestName, filepath.Dir(path) + "/..%2f..%2fsheaf.db"} {
		if rec := call(t, door, http.MethodGet, p); rec.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d", p, rec.Code)
		}
	}
	first := path
	for range 2 {
		if rec := call(t, door, http.MethodGet, first); rec.Code != http.StatusOK {
			t.Errorf("after the next dump a part of the one before is answered %d", rec.Code)
		}
		_, err := d.Make(t.Context(), Making{})
		w.ok(err)
	}
	if rec := call(t, door, http.MethodGet, first); rec.Code != http.StatusNotFound {
		t.Errorf("two dumps later a part is answered %d", rec.Code)
	}
}
