package app_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/pipeline"
)

// below says whether a text is in a file below a folder, as it stands or compressed, as the parts of a dump are.
func below(t *testing.T, dir, text string) (found string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // the gateway removes and renames files meanwhile
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && strings.HasSuffix(path, ".zst") {
			b = unpacked(b)
		}
		if bytes.Contains(b, []byte(text)) {
			found = path
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

// unpacked is what a compressed file holds, as far as it is written.
func unpacked(b []byte) []byte {
	z, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	defer z.Close()
	b, _ = io.ReadAll(z) // a file that is being written breaks off
	return b
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// A record that is taken down is gone through every door and from every file, and does not come back; one that is
// withdrawn is hidden, and does.
func TestTakedownThroughEveryDoor(t *testing.T) {
	src, dir := newProvider(t, 10), t.TempDir()
	for n := range 30 {
		src.put(n, "title")
	}
	src.put(7, "EMBARRASSING FIRST")
	src.put(8, "HIDDEN")
	cfg := configure(t, dir, embedded+"sources: {src: {kind: oai, from: '"+src.url+"'}}\n")
	g := start(t, cfg, app.Options{})
	g.harvest(t, "src", false)
	g.published(t)
	src.put(7, "EMBARRASSING SECOND")
	g.harvest(t, "src", true)
	g.published(t)
	if below(t, dir, "EMBARRASSING") == "" {
		t.Fatal("the title is in no file")
	}
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: "oai:test.example.org:src/" + identifier(9), Final: true}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the dump that is made for the one taken down", func() bool {
		return strings.HasSuffix(below(t, filepath.Join(cfg.Data, "dump"), "EMBARRASSING SECOND"), ".zst")
	})
	waitFor(t, "the search to find it", func() bool {
		_, body := get(t, g.Addresses().Public+"search?q=embarrassing+second")
		return strings.Contains(body, "Results: 1 – 1 of 1")
	})
	id, other := "oai:test.example.org:src/"+identifier(7), "oai:test.example.org:src/"+identifier(8)
	if rec, err := g.Record(t.Context(), id); err != nil {
		t.Fatalf("%+v, %v", rec, err)
	}
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: id, Final: true, Reason: "asked for"}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Remove(t.Context(), pipeline.Removal{Identifier: other, Reason: "for a while"}); err != nil {
		t.Fatal(err)
	}
	root := g.Addresses().Public
	gone := func(when string) {
		t.Helper()
		for id, page := range map[string]string{id: "records/src/" + identifier(7), other: "records/src/" + identifier(8)} {
			if _, body := get(t, root+"oai?verb=GetRecord&metadataPrefix=oai_dc&identifier="+url.QueryEscape(id)); !strings.Contains(body, `status="deleted"`) || strings.Contains(body, "EMBARR") {
				t.Errorf("%s, GetRecord says %s", when, body)
			}
			if status, body := get(t, root+page); status != http.StatusGone || strings.Contains(body, "EMBARR") || strings.Contains(body, "HIDDEN") {
				t.Errorf("%s, the page of the record says %d, %s", when, status, body)
			}
		}
		if _, body := get(t, root+"search?q=embarrassing"); !strings.Contains(body, "Results: none") {
			t.Errorf("%s, the search finds a record", when)
		}
		if _, body := get(t, root+"oai?verb=ListRecords&metadataPrefix=oai_dc"); strings.Contains(body, "EMBARR") || strings.Contains(body, "HIDDEN") {
			t.Errorf("%s, the list still has a record", when)
		}
	}
	gone("after the takedown")
	g.published(t)
	waitFor(t, "the bytes to be gone from every file", func() bool {
		return below(t, dir, "EMBARRASSING") == "" && below(t, dir, "embarrassing") == "" // as the search has them
	})

	src.put(7, "EMBARRASSING THIRD")
	if line := g.harvest(t, "src", true); line.Counts.Suppressed != 3 {
		t.Errorf("the harvest: %+v", line.Counts)
	}
	gone("after it came again")
	if file := below(t, dir, "EMBARRASSING"); file != "" {
		t.Errorf("%s has it again", file)
	}
	if err := g.Readmit(t.Context(), id, ""); err == nil {
		t.Error("a record that was taken down came back")
	}
	if err := g.Readmit(t.Context(), other, ""); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, root+"records/src/"+identifier(8)); status != http.StatusOK || !strings.Contains(body, "HIDDEN") {
		t.Errorf("the page of the record that came back says %d, %s", status, body)
	}
	if line := g.harvest(t, "src", true); line.Counts.Suppressed != 2 || line.Counts.Changes() != 0 {
		t.Errorf("the harvest after that: %+v", line.Counts)
	}
}
