package app_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// unpack writes the files of an archive into a folder.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			var b []byte
			if b, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, b, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// laterClock stands some time after the last change of a folder of before, wherever the tests run.
type laterClock struct{ at time.Time }

func (c laterClock) Wall() time.Time      { return c.at }
func (laterClock) Elapsed() time.Duration { return time.Hour }

var withoutDate = regexp.MustCompile(`<responseDate>[^<]+</responseDate>`)

// streamed is the number of the last message that was ever in the stream.
func streamed(t *testing.T, g *running) uint64 {
	t.Helper()
	stream, err := jetStream(t, g.Addresses().NATS).Stream(t.Context(), "SHEAF_RECORDS")
	if err != nil {
		t.Fatal(err)
	}
	return stream.CachedInfo().State.LastSeq
}

// listed is the list of all records as the gateway serves it, without its date.
func listed(t *testing.T, g *running) string {
	t.Helper()
	resp, err := http.Get("http://" + g.Addresses().Bound + "/oai?verb=ListRecords&metadataPrefix=oai_dc")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return withoutDate.ReplaceAllString(string(body), "")
}

// What programs of before served is served to the byte by this one, whatever form their log had.
func TestUpgradeOfEverySchema(t *testing.T) {
	for _, name := range storetest.Schemas(t, "sqlite-*") {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			served, at := storetest.UnpackSchema(t, name, dir)
			cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte("gateway: {name: Before, url: 'http://before.example', namespace: before.example, contact: a@before.example}\n"+
				"listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\ndata: '"+dir+"'\nevents: {kind: none}\n"), app.ConfigOptions())
			if err != nil {
				t.Fatal(err)
			}
			g := start(t, cfg, app.Options{Clock: laterClock{at.Add(time.Hour)}})
			if got, want := listed(t, g), withoutDate.ReplaceAllString(served, ""); got != want {
				t.Errorf("served\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestUpgrade opens a data folder of the release before the log had a planner: log, high-water mark and
// stream, with records that were added, changed, moved between sets and deleted. It is served to the byte as
// that release served it (list.xml), nothing is published, and the next commit goes on.
func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	unpack(t, "testdata/before.tar.gz", dir)
	served, err := os.ReadFile(filepath.Join(dir, "list.xml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse(filepath.Join(dir, "sheaf.yaml"), []byte("gateway: {name: Before, url: 'http://before.example', namespace: before.example, contact: a@before.example}\n"+
		"listen: {public: '127.0.0.1:0', ops: '127.0.0.1:0'}\ndata: '"+dir+"'\n"+embedded), app.ConfigOptions())
	if err != nil {
		t.Fatal(err)
	}
	later := laterClock{time.Date(2026, 11, 26, 9, 33, 8, 0, time.UTC)}
	g := start(t, cfg, app.Options{Clock: later})
	g.published(t)

	if got, want := listed(t, g), string(served); got != want {
		t.Errorf("served\n%s\nwant\n%s", got, want)
	}
	before := streamed(t, g)
	if before != 17 {
		t.Errorf("the stream ends with message %d, want 17", before)
	}

	run, err := g.Store.Begin(t.Context(), "things", nil)
	if err != nil {
		t.Fatal(err)
	}
	again := pipeline.Change{Identifier: "oai:before.example:things/oai:source.example:0", Fingerprint: pipeline.Hash{1}, Sets: []string{"things"}, OAIDC: []byte("<dc/>"), DC: []byte("{}")}
	again.Origin.Identifier = "oai:source.example:0"
	r, err := g.Store.Commit(t.Context(), &pipeline.Batch{Run: run, From: run.Cursor, Next: run.Cursor, Changes: []pipeline.Change{again}})
	if err != nil || r.Counts.Updated != 1 || r.Head.Seq <= 17 || !r.Head.Datestamp.Equal(later.Wall()) {
		t.Fatalf("the next commit: %+v, %v", r, err)
	}
	g.published(t)
	if after := streamed(t, g); after != before+1 {
		t.Errorf("the stream ends with message %d after one more change, want %d", after, before+1)
	}
	if rec, err := g.Store.Record(t.Context(), again.Identifier); err != nil || rec.Version != 2 || strings.Join(rec.Sets, " ") != "things" {
		t.Errorf("the changed record is %+v, %v", rec, err)
	}
}
