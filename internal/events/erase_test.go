package events

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sheaf-gateway/sheaf/pipeline"
)

// Of a record that was taken down its tombstone alone is left in the stream, and none of its bytes in the broker's files.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	s := embedded(t, dir, nil)
	c := inside(t, s)
	all := changes(1, 2000)
	const id = "oai:gateway.example.org:cold-war/secret"
	for _, i := range []int{49, 99, 1400} {
		all[i].Identifier, all[i].DC = id, []byte(`{"title":[{"value":"SECRET-TITLE"}]}`)
	}
	tomb := &all[1999]
	tomb.Identifier, tomb.Deleted, tomb.DC = id, pipeline.Takedown, nil
	last := publish(t, c, tail(t, c), all)
	if !inFiles(t, dir, "SECRET-TITLE") {
		t.Fatal("what was published is in no file of the broker")
	}
	tombstone := pipeline.Cursor{Epoch: tomb.Epoch, Seq: tomb.Seq}
	for range 2 { // again is nothing
		if err := c.Erase(t.Context(), tomb.Source, tomb.Identifier, tombstone); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.DeleteFunc(seqs(1, 2000), func(n int64) bool { return n == 50 || n == 100 || n == 1401 })
	if got := stored(t, s); !slices.Equal(got, want) {
		t.Errorf("the stream holds %d messages, want %d", len(got), len(want))
	}
	if inFiles(t, dir, "SECRET-TITLE") {
		t.Error("the broker's files still have what was taken down")
	}
	if got := tail(t, c); got != last {
		t.Errorf("the stream ends with %+v, want %+v", got, last)
	}
	publish(t, c, last, changes(2001, 2003))
}

// Full files of the streams are packed, those of a stream that a gateway of before has made too; what is taken down goes
// from them all the same.
func TestEraseFromPackedFiles(t *testing.T) {
	dir := t.TempDir()
	s := embedded(t, dir, nil)
	small := func(o *Options) { o.URLs, o.Server, o.MaxBytes = nil, s, 64<<20 }
	c := connect(t, "", small)
	at := tail(t, c)
	spoil(t, c.js, "SHEAF_RECORDS", func(c *jetstream.StreamConfig) { c.Compression = jetstream.NoCompression })
	all := changes(1, 6000)
	const id = "oai:gateway.example.org:cold-war/secret"
	for i := range all {
		all[i].Deleted = pipeline.Live
		all[i].DC = fmt.Appendf(nil, `{"description":[{"value":"%d%s"}]}`, i, strings.Repeat(" a letter from the harbour", 160))
	}
	for _, i := range []int{49, 99, 5990} {
		all[i].Identifier, all[i].DC = id, []byte(`{"title":[{"value":"SECRET-TITLE"}]}`)
	}
	tomb := &all[5999]
	tomb.Identifier, tomb.Deleted, tomb.DC = id, pipeline.Takedown, nil
	publish(t, c, at, all[:10])
	c = connect(t, "", small) // a gateway that starts sets the stream right
	last := publish(t, c, tail(t, c), all[10:])
	packed := func() bool { return len(packedFiles(t, dir)) > 0 }
	for deadline := time.Now().Add(time.Minute); !packed(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no file of the stream was packed within a minute")
		}
	}
	if !inFiles(t, dir, "SECRET-TITLE") {
		t.Fatal("what was published is in no file of the broker")
	}
	if err := c.Erase(t.Context(), tomb.Source, tomb.Identifier, pipeline.Cursor{Epoch: tomb.Epoch, Seq: tomb.Seq}); err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(seqs(1, 6000), func(n int64) bool { return n == 50 || n == 100 || n == 5991 })
	if got := stored(t, s); !slices.Equal(got, want) {
		t.Errorf("the stream holds %d messages, want %d", len(got), len(want))
	}
	if inFiles(t, dir, "SECRET-TITLE") {
		t.Error("the broker's files still have what was taken down")
	}
	if !packed() {
		t.Error("no file is packed any more")
	}
	shut(t, s)
	s = embedded(t, dir, nil)
	c = connect(t, "", small)
	if got := tail(t, c); got != last {
		t.Errorf("after a restart the stream ends with %+v, want %+v", got, last)
	}
	if got := stored(t, s); !slices.Equal(got, want) {
		t.Errorf("after a restart the stream holds %d messages, want %d", len(got), len(want))
	}
}

// packedFiles gives the files of streams below a folder that are packed, unpacked.
func packedFiles(t *testing.T, dir string) (all [][]byte) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*", "msgs", "*.blk"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the broker has removed it meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		var is server.CompressionInfo
		n, err := is.UnmarshalMetadata(b)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			continue
		}
		if b, err = is.Algorithm.Decompress(b[n:]); err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// inFiles says whether a text is in a file below a folder, packed or not.
func inFiles(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the broker has removed it meanwhile
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		found = found || bytes.Contains(b, []byte(text))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, b := range packedFiles(t, dir) {
		found = found || bytes.Contains(b, []byte(text))
	}
	return found
}
