package files_test

import (
	"archive/tar"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// ids are the identifiers of so many records.
func ids(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%04d", i))
	}
	return out
}

// forms are the ways in which records lie in a file.
var forms = map[string]func(t *testing.T, content []byte) []byte{
	"plain": func(_ *testing.T, content []byte) []byte { return content },
	"gzip":  func(_ *testing.T, content []byte) []byte { return gzipped(content) },
	"zip":   func(t *testing.T, content []byte) []byte { return zipped(t, "a.mrc", string(content)) },
	"tar": func(t *testing.T, content []byte) []byte {
		return gzipped(tarred(t, []tar.Header{{Name: "a.mrc", Typeflag: tar.TypeReg, Size: int64(len(content))}}, string(content)))
	},
}

// happenings are what may come to a file while it is read. Each leaves the file of these bytes, or none, or something that is
// no file.
var happenings = map[string]func(path string, content []byte) error{
	"written again":      func(path string, content []byte) error { return os.WriteFile(path, content, 0o600) },
	"written in place":   overwrite,
	"replaced":           replace,
	"cut off":            func(path string, _ []byte) error { return os.Truncate(path, 100) },
	"emptied":            func(path string, _ []byte) error { return os.Truncate(path, 0) },
	"removed":            func(path string, _ []byte) error { return os.Remove(path) },
	"replaced by a pipe": func(path string, _ []byte) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) },
	"replaced by a folder": func(path string, _ []byte) error {
		return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
	},
	"replaced by a link that leads out": func(path string, _ []byte) error {
		return errors.Join(os.Remove(path), os.Symlink("/etc/passwd", path))
	},
}

// overwrite writes over what a file has, and cuts off what was behind.
func overwrite(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	return errors.Join(err, f.Truncate(int64(len(content))), f.Close())
}

// replace puts another file in its place.
func replace(path string, content []byte) error {
	return cmp.Or(os.WriteFile(path+".new", content, 0o600), os.Rename(path+".new", path))
}

// TestChangedWhileRead: whatever comes to a file in the middle of its reading, the page that it came to is not given; no pass
// that it came to proves what is gone; and once it is well again, everything that it holds has come.
func TestChangedWhileRead(t *testing.T) {
	for form, of := range forms {
		for what, happen := range happenings {
			t.Run(form+" "+what, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, "x", "f.mrc")
				write(t, path, of(t, export("A", ids(1200)...)), 0)
				write(t, filepath.Join(dir, "x", "g.mrc"), export("G", "g"), 0)
				s := source(t, files.Config{From: []string{filepath.Join(dir, "x", "*.mrc")}, Complete: true})
				page, err := s.Page(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}
				if err := happen(path, of(t, export("B", ids(1100)...))); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Page(t.Context(), page.Next); harvest.KindOf(err) != harvest.Truncated && harvest.KindOf(err) != harvest.Unreachable {
					t.Fatalf("the page after it: %v", err)
				}
				if p := walk(t, page.Next, func() *files.Source { return s }); !p.unproven && !p.short || !p.full {
					t.Errorf("a pass that it came to is taken for whole: %d items, %q", len(p.items), p.warnings)
				} else if err := cmp.Or(os.RemoveAll(path), replace(path, of(t, export("C", ids(1300)...)))); err != nil {
					t.Error(err)
				} else if p = walk(t, p.next, func() *files.Source { return s }); p.unproven || p.short || !p.full || len(p.items) != 1301 {
					t.Errorf("when it is well again: %d items, %q", len(p.items), p.warnings)
				} else if p = walk(t, p.next, func() *files.Source { return s }); len(p.items) != 0 {
					t.Errorf("%d items come again from what is as it was", len(p.items))
				}
			})
		}
	}
}

// TestEmptyFile: a file without a byte proves nothing; a collection without a record does.
func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.mrc")
	s := source(t, files.Config{From: []string{path}, Complete: true})
	for content, unproven := range map[string]bool{"": true, "\n": true, `<collection xmlns="http://www.loc.gov/MARC21/slim"/>`: false} {
		write(t, path, []byte(content), 0)
		if p := walk(t, "", func() *files.Source { return s }); p.unproven != unproven || len(p.items) != 0 || len(p.warnings) == 0 {
			t.Errorf("%q: %+v", content, p)
		}
	}
}

// TestWrittenAllTheTime: while somebody writes a file again and again, in any way, each pass that is proven to have everything
// is one of the versions that were written; and when they have done, the last one has come.
func TestWrittenAllTheTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.mrc")
	var versions [60][]byte
	sizes := map[string]int{}
	for v := range versions {
		title := fmt.Sprintf("V%02d", v)
		sizes[title] = 900 + rand.IntN(600)
		versions[v] = export(title, ids(sizes[title])...)
	}
	write(t, path, versions[0], 0)
	s := source(t, files.Config{From: []string{path}, Complete: true})
	passed := make(chan bool)
	finished := make(chan bool)
	go func() {
		defer close(finished)
		for v := 1; v < len(versions); v++ {
			how := [...]func(string, []byte) error{happenings["written again"], overwrite, replace}[v%3]
			if err := how(path, versions[v]); err != nil {
				t.Error(err)
			}
			if v%10 == 0 { // now and then a pass gets through
				<-passed
			}
		}
	}()

	at := harvest.Cursor("")
	last := ""
	for writing, rest := true, false; !rest; {
		select {
		case passed <- true:
		case <-finished:
			writing = false
		default:
		}
		records := map[string]string{} // of the pass
		whole, items := true, 0
		for {
			page, err := s.Page(t.Context(), at)
			if err != nil {
				if harvest.KindOf(err) == "" {
					t.Fatal(err)
				}
				continue // as a run that failed goes on later
			}
			for i := range page.Items {
				item := &page.Items[i]
				if item.Rejected == nil {
					records[item.Key] = titleOf(item)
				}
			}
			items += len(page.Items)
			whole = whole && !page.Unproven && page.Short == ""
			if at = page.Next; page.Done {
				rest = !writing && items == 0
				if whole && page.Full {
					last = checkVersion(t, records, sizes)
				}
				break
			}
		}
	}
	if want := fmt.Sprintf("V%02d", len(versions)-1); last != want {
		t.Errorf("the last version that came is %s, want %s", last, want)
	}
}

// titleOf is the title of a record of [record].
func titleOf(item *harvest.Item) string {
	_, title, _ := strings.Cut(string(item.Original), "\x1fa")
	title, _, _ = strings.Cut(title, " ")
	return title
}

// checkVersion holds what a pass gave to be one version, which it returns.
func checkVersion(t *testing.T, records map[string]string, sizes map[string]int) (version string) {
	t.Helper()
	for _, title := range records {
		if version == "" {
			version = title
		}
		if title != version {
			t.Fatalf("a pass that is proven whole mixes %s and %s", version, title)
		}
	}
	if len(records) != sizes[version] {
		t.Fatalf("a pass that is proven whole has %d records of %s, which has %d", len(records), version, sizes[version])
	}
	return version
}
