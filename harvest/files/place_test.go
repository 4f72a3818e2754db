package files_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// TestLinks: a link out of the folder is refused by name; a name that was written out is followed.
func TestLinks(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret.mrc")
	write(t, outside, export("A", "secret"), 0)
	write(t, filepath.Join(dir, "in.mrc"), export("A", "a"), 0)
	for link, to := range map[string]string{"out.mrc": outside, "stays.mrc": "in.mrc", "broken.mrc": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	s := source(t, files.Config{From: []string{filepath.Join(dir, "*", "*.mrc")}})
	gives(t, "a folder that is a link", walk(t, "", func() *files.Source { return s }),
		"file:broken.mrc: unsafe_path", "file:folder: unsafe_path", "file:out.mrc: unsafe_path")
	if err := os.Remove(filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	want := []string{"file:broken.mrc: unsafe_path", "a", "file:out.mrc: unsafe_path", "a"}
	for _, from := range []string{dir, filepath.Join(dir, "*.mrc")} {
		s := source(t, files.Config{From: []string{from}})
		p := walk(t, "", func() *files.Source { return s })
		gives(t, from, p, want...)
		gives(t, "it is said once", walk(t, p.next, func() *files.Source { return s }))
	}
	s = source(t, files.Config{From: []string{filepath.Join(dir, "out.mrc")}})
	gives(t, "a link that is named", walk(t, "", func() *files.Source { return s }), "secret")
}

// TestPatterns: a pattern may have wildcards in folders too; what is hidden, or not readable, is not taken for absent.
func TestPatterns(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"lyon/1.mrc", "lyon/2.txt", "nice/1.mrc", "nice/.new.mrc", ".git/1.mrc", "top.mrc", "odd [1]/1.mrc"} {
		write(t, filepath.Join(dir, name), export("A", name), 0)
	}
	for pattern, want := range map[string][]string{
		"*/*.mrc": {"lyon/1.mrc", "nice/1.mrc", "odd [1]/1.mrc"}, "*.mrc": {"top.mrc"}, "[ln]*/*": {"lyon/1.mrc", "lyon/2.txt", "nice/1.mrc"},
		`odd \[1]/*`: {"odd [1]/1.mrc"}, `odd \[1]/1.mrc`: {"odd [1]/1.mrc"}, "nice/.*": {"nice/.new.mrc"}, "nice": {"nice/1.mrc"},
	} {
		s := source(t, files.Config{From: []string{filepath.Join(dir, pattern)}})
		gives(t, pattern, walk(t, "", func() *files.Source { return s }), want...)
	}
	s := source(t, files.Config{From: []string{filepath.Join(dir, "*", "*.mrc")}})
	p := walk(t, "", func() *files.Source { return s })
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	if err := os.Chmod(filepath.Join(dir, "nice"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "nice"), 0o700) })
	if _, err := s.Page(t.Context(), p.next); harvest.KindOf(err) != harvest.Unreachable {
		t.Errorf("a folder that can't be read: %v", err)
	}
}

// TestManyFiles: a cursor has room for some thousand files; those beyond are read in each pass.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	for n := range files.MaxRemembered + 5 {
		write(t, filepath.Join(dir, fmt.Sprintf("%05d.mrc", n)), export("A", fmt.Sprint(n)), 0)
	}
	s := source(t, files.Config{From: []string{dir}})
	p := walk(t, "", func() *files.Source { return s })
	if len(p.items) != files.MaxRemembered+5 {
		t.Errorf("%d records", len(p.items))
	}
	gives(t, "again", walk(t, p.next, func() *files.Source { return s }), "2000", "2001", "2002", "2003", "2004")
}
