package files_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

func gzipped(content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(content)
	_ = z.Close()
	return b.Bytes()
}

func zstandard(content []byte) []byte {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return z.EncodeAll(content, nil)
}

func xmlOf(t *testing.T, ids ...string) []byte {
	t.Helper()
	out := []byte(`<collection xmlns="http://www.loc.gov/MARC21/slim">`)
	for _, id := range ids {
		rec, err := marc.Parse(record(id, "Title"))
		if err != nil {
			t.Fatal(err)
		}
		if out, err = rec.AppendMARCXML(out); err != nil {
			t.Fatal(err)
		}
	}
	return append(out, "</collection>"...)
}

func zipped(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(entries[i+1]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t *testing.T, headers []tar.Header, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Mode = 0o644; h.Typeflag == tar.TypeReg {
			h.Size = int64(len(content))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			_, _ = w.Write([]byte(content))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestArchives: what is in an archive is read; what leads out of it, or is out of all proportion, is refused by name, and
// the rest goes through.
func TestArchives(t *testing.T) {
	one := string(record("a", "A"))
	large := append(record("a", "A"), bytes.Repeat([]byte("0"), 120<<20)...)
	bomb := gzipped(large)
	packed := tarred(t, []tar.Header{{Name: "1.mrc", Typeflag: tar.TypeReg}}, one)
	for name, c := range map[string]struct {
		content []byte
		want    []string
		short   bool
	}{
		"zip": {content: zipped(t, "1.mrc", one, "d/2.mrc", string(record("b", "B")), "d/", "", "__MACOSX/x", "x", ".hidden", "x"), want: []string{"a", "b"}},
		"zip out of its folder": {content: zipped(t, "../up.mrc", one, `..\up.mrc`, one, "/abs.mrc", one, "in.mrc", one),
			want: []string{"file:f/../up.mrc: unsafe_path", `file:f/..\up.mrc: unsafe_path`, "file:f/abs.mrc: unsafe_path", "a"}},
		"zip in zip":          {content: zipped(t, "in.zip", string(zipped(t, "1.mrc", one)), "1.mrc", one), want: []string{"file:f/in.zip: malformed", "a"}},
		"gzip in zip":         {content: zipped(t, "1.mrc.gz", string(gzipped([]byte(one)))), want: []string{"a"}},
		"damaged entry":       {content: zipped(t, "1.xml", "<collection><record>", "2.mrc", one), want: []string{"file:f/1.xml#1: malformed", "a"}, short: true},
		"XML cut short":       {content: xmlOf(t, "a", "b")[:450], want: []string{"a", "b: malformed"}, short: true},
		"no MARC":             {content: zipped(t, "README", "Nothing here.", "1.mrc", one), want: []string{"file:f/README: malformed", "a"}},
		"tar":                 {content: tarred(t, []tar.Header{{Name: "1.mrc", Typeflag: tar.TypeReg}}, one), want: []string{"a"}},
		"tar.gz with a link":  {content: gzipped(tarred(t, []tar.Header{{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, {Name: "1.mrc", Typeflag: tar.TypeReg}}, one)), want: []string{"file:f/l: unsafe_path", "a"}},
		"tar out of a folder": {content: tarred(t, []tar.Header{{Name: "a/../../1.mrc", Typeflag: tar.TypeReg}, {Name: "1.mrc", Typeflag: tar.TypeReg}}, one), want: []string{"file:f/a/../../1.mrc: unsafe_path", "a"}},
		"bomb":                {content: bomb, want: []string{"a", "file:f: too_large"}, short: true},
		"zstd":                {content: zstandard([]byte(one)), want: []string{"a"}},
		"two streams of zstd": {content: append(zstandard([]byte(one)), zstandard(record("b", "B"))...), want: []string{"a", "b"}},
		"zstd in zip":         {content: zipped(t, "1.mrc.zst", string(zstandard([]byte(one)))), want: []string{"a"}},
		"tar.zst":             {content: zstandard(packed), want: []string{"a"}},
		"zstd cut short":      {content: zstandard(export("A", "a", "b"))[:60], want: []string{"file:f: malformed"}, short: true},
		"bomb of zstd":        {content: zstandard(large), want: []string{"a", "file:f: too_large"}, short: true},
		"bomb in zip":         {content: zipped(t, "1.mrc.gz", string(bomb)), want: []string{"a", "file:f: too_large"}, short: true},
		"cut short":           {content: gzipped(export("A", "a", "b"))[:60], want: []string{"file:f: malformed"}, short: true},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			write(t, path, c.content, 0)
			s := source(t, files.Config{From: []string{path}, Complete: true})
			p := walk(t, "", func() *files.Source { return s })
			gives(t, name, p, c.want...)
			if rejects := strings.Contains(strings.Join(p.items, " "), "file:"); p.short != c.short || !c.short && p.unproven != rejects {
				t.Errorf("short %v, unproven %v", p.short, p.unproven)
			}
			if c.short { // what is damaged is asked for again
				gives(t, "again", walk(t, p.next, func() *files.Source { return s }), c.want...)
			}
		})
	}
}
