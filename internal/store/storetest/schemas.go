package storetest

import (
	"archive/tar"
	"compress/gzip"
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// schemas are the data folders that programs of before have left; make.go beside them wrote them.
//
//go:embed testdata/schemas/*.tar.gz
var schemas embed.FS

// Schemas are the names of the data folders of before that fit a pattern; there is at least one.
func Schemas(t *testing.T, pattern string) (names []string) {
	t.Helper()
	all, err := fs.Glob(schemas, "testdata/schemas/"+pattern+".tar.gz")
	if err != nil || len(all) == 0 {
		t.Fatalf("no data folder of before is %s: %v", pattern, err)
	}
	for _, file := range all {
		names = append(names, strings.TrimSuffix(path.Base(file), ".tar.gz"))
	}
	return slices.Sorted(slices.Values(names))
}

var responseDate = regexp.MustCompile(`<responseDate>([^<]+)</responseDate>`)

// UnpackSchema writes the files of such a folder into another one: sheaf.db and highwater, or the database as log.sql, and
// list.xml. That is what its gateway answered at the end to ListRecords for oai_dc; served is that answer, at when it was made.
func UnpackSchema(t *testing.T, name, dir string) (served string, at time.Time) {
	t.Helper()
	f, err := schemas.Open("testdata/schemas/" + name + ".tar.gz")
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
			break
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(r)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(h.Name)), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, "list.xml"))
	if err != nil {
		t.Fatal(err)
	}
	date := responseDate.FindSubmatch(list)
	if date == nil {
		t.Fatalf("%s has no date: %s", name, list)
	}
	if at, err = time.Parse(time.RFC3339, string(date[1])); err != nil {
		t.Fatal(err)
	}
	return string(list), at
}
