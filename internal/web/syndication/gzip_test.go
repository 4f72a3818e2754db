package syndication

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Whoever takes gzip gets the same answer, smaller; caches and clients tell the two apart, and a 304 is one in either form.
func TestCompressed(t *testing.T) {
	w := newWorld(t)
	for n := range 60 {
		w.commit(live(n, strings.Repeat("A letter to the ministry ", 20)))
	}
	body := func(res *http.Response) []byte {
		t.Helper()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Vary"), "Accept-Encoding") {
			t.Fatalf("%s, %v, Vary: %s", res.Status, err, res.Header.Get("Vary"))
		}
		return b
	}
	compressed := 0
	first := w.page(selection{}, "after", w.place()).ID
	for _, path := range []string{feedPath, first[len(root):], sitemapPath, partsPath + "1.xml", resourceListPath, resourcePartsPath + "1.xml", changeListPath} {
		t.Run(path, func(t *testing.T) {
			asIs := w.get(path)
			plain := body(asIs)
			zipped := w.get(path, "Accept-Encoding", "br, gzip")
			packed := body(zipped)
			if len(plain) < 1<<10 { // nothing to gain
				if zipped.Header.Get("Content-Encoding") != "" || !bytes.Equal(packed, plain) {
					t.Errorf("%d bytes are sent as %d", len(plain), len(packed))
				}
				return
			}
			z, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil || zipped.Header.Get("Content-Encoding") != "gzip" || len(packed) > len(plain)/4 {
				t.Fatalf("%d bytes are sent as %d: %v, %v", len(plain), len(packed), zipped.Header, err)
			}
			if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("unpacked they are others: %v", err)
			}
			compressed++
			if asIs.Header.Get("Content-Encoding") != "" || zipped.Header.Get("Content-Type") != asIs.Header.Get("Content-Type") {
				t.Errorf("plain: %v\ncompressed: %v", asIs.Header, zipped.Header)
			}
			if tag := zipped.Header.Get("ETag"); tag != "" {
				if again := w.get(path, "Accept-Encoding", "gzip", "If-None-Match", tag); again.StatusCode != http.StatusNotModified || again.Header.Get("Content-Encoding") != "" {
					t.Errorf("asked again: %s, %v", again.Status, again.Header)
				}
			}
		})
	}
	if compressed != 5 { // all but the two lists of one part
		t.Errorf("%d answers were compressed", compressed)
	}
	if refused := w.get(partsPath+"7.xml", "Accept-Encoding", "gzip"); refused.StatusCode != http.StatusNotFound || refused.Header.Get("Content-Encoding") != "" {
		t.Errorf("a part that is not there: %s, %v", refused.Status, refused.Header)
	}
}

// place is the beginning of the log.
func (w *world) place() (c pipeline.Cursor) {
	w.Helper()
	head, err := w.log.Head(w.Context())
	if err != nil {
		w.Fatalf("%v", err)
	}
	return pipeline.Cursor{Epoch: head.Epoch}
}
