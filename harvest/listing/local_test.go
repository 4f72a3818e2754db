package listing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/listing"
)

// A folder of saved pages.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T, pages map[string]string) folder {
	f := folder{t, t.TempDir()}
	for name, page := range pages {
		f.write(name, page)
	}
	return f
}

func (f folder) write(name, page string) {
	f.t.Helper()
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) remove(name string) {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.dir, name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) source(patterns ...string) *listing.Source {
	f.t.Helper()
	for i, p := range patterns {
		patterns[i] = filepath.Join(f.dir, p)
	}
	return newSource(f.t, listing.Config{From: patterns})
}

// textOf writes a text page with a record for each letter.
func textOf(count, letters string) string {
	var b strings.Builder
	b.WriteString(count + "\n\n")
	for _, l := range letters {
		fmt.Fprintf(&b, "1958\n\n%c\n\n", l)
	}
	return b.String()
}

func TestFilesInOrder(t *testing.T) {
	f := newFolder(t, map[string]string{
		"b.txt": textOf("3 - 4 of 5", "cd"), "a.txt": textOf("1 - 2 of 5", "ab"), "c.txt": textOf("5 - 5 of 5", "e"),
		"notes.md": "nothing of ours", "d.txt/x.txt": textOf("1 - 1 of 1", "x"),
	})
	var titles []string
	for _, p := range walk(t, f.source("*.txt", "a*")) {
		if p.Unproven || len(p.Warnings) > 0 || !p.Full {
			t.Errorf("incomplete %v, full %v, warnings %q", p.Unproven, p.Full, p.Warnings)
		}
		for _, it := range p.Items {
			titles = append(titles, decodeOriginal(t, it).Title)
		}
	}
	if got := strings.Join(titles, ""); got != "abcde" {
		t.Errorf("titles %s", got)
	}
}

// TestFilesProve: the pages together must hold every row that they count, or the pass proves nothing.
func TestFilesProve(t *testing.T) {
	for _, test := range []struct {
		name  string
		pages []string
		proof bool
	}{
		{"all pages, in another order", []string{textOf("3 - 4 of 4", "cd"), textOf("1 - 2 of 4", "ab")}, true},
		{"two listings", []string{textOf("1 - 2 of 2", "ab"), textOf("1 - 1 of 1", "c")}, true},
		{"pages that overlap", []string{textOf("1 - 2 of 3", "ab"), textOf("2 - 3 of 3", "bc")}, true},
		{"the first is missing", []string{textOf("3 - 4 of 4", "cd")}, false},
		{"the last is missing", []string{textOf("1 - 2 of 4", "ab")}, false},
		{"one in the middle is missing", []string{textOf("1 - 1 of 3", "a"), textOf("3 - 3 of 3", "c")}, false},
		{"one is bad", []string{textOf("1 - 2 of 4", "ab"), textOf("3 - 4 of 4", "c")}, false},
		{"one has no count", []string{textOf("", "ab"), textOf("1 - 1 of 1", "c")}, false},
		{"one is empty", []string{textOf("0 - 0 of 0", ""), textOf("1 - 1 of 1", "c")}, false},
		{"one is not a listing", []string{"Dear Sir,", textOf("1 - 1 of 1", "c")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			pages := map[string]string{}
			for i, p := range test.pages {
				pages[fmt.Sprintf("%d.txt", i)] = p
			}
			proof := true
			for _, p := range walk(t, newFolder(t, pages).source("*.txt")) {
				proof = proof && !p.Unproven && p.Short == ""
				if p.Unproven && len(p.Warnings) == 0 && (len(p.Items) != 1 || p.Items[0].Rejected == nil) {
					t.Error("an incomplete page does not say why")
				}
			}
			if proof != test.proof {
				t.Errorf("proof %v, want %v", proof, test.proof)
			}
		})
	}
}

// TestBadFileAmongGood: the others go through.
func TestBadFileAmongGood(t *testing.T) {
	f := newFolder(t, map[string]string{"x/a.txt": textOf("1 - 1 of 1", "a"), "x/b.txt": textOf("1 - 2 of 2", "b"), "x/c.txt": textOf("1 - 1 of 1", "c")})
	var keys []string
	for _, p := range walk(t, f.source("*/*.txt")) {
		for _, it := range p.Items {
			if it.Rejected != nil {
				keys = append(keys, it.Key)
			}
		}
	}
	if diff := cmp.Diff([]string{"page:x/b.txt"}, keys); diff != "" {
		t.Error("rejected (-want +got):\n" + diff)
	}
}

func TestFilesThatChangeDuringAPass(t *testing.T) {
	pages := map[string]string{"a.txt": textOf("1 - 1 of 3", "a"), "b.txt": textOf("2 - 2 of 3", "b"), "c.txt": textOf("3 - 3 of 3", "c")}
	for _, test := range []struct {
		name   string
		change func(folder)
		kind   harvest.Kind // of the error; empty if the pass goes on without proof
	}{
		{"the next vanishes", func(f folder) { f.remove("b.txt") }, harvest.Config},
		{"a later one vanishes", func(f folder) { f.remove("c.txt") }, harvest.Config},
		{"a later one is renamed", func(f folder) { f.remove("c.txt"); f.write("d.txt", pages["c.txt"]) }, harvest.Config},
		{"one comes", func(f folder) { f.write("d.txt", textOf("1 - 1 of 1", "d")) }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFolder(t, pages)
			source := f.source("*.txt")
			first, err := source.Page(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			test.change(f)
			second, err := source.Page(t.Context(), first.Next)
			if harvest.KindOf(err) != test.kind {
				t.Fatalf("error %v, want kind %q", err, test.kind)
			}
			if err == nil && (!second.Unproven || len(second.Warnings) == 0) {
				t.Errorf("incomplete %v, warnings %q", second.Unproven, second.Warnings)
			}
		})
	}
	t.Run("one that was read vanishes", func(t *testing.T) {
		f := newFolder(t, pages)
		source := f.source("*.txt")
		first, err := source.Page(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		f.remove("a.txt")
		second, err := source.Page(t.Context(), first.Next)
		if err != nil || second.Unproven || len(second.Items) != 1 {
			t.Errorf("error %v, page %+v", err, second)
		}
	})
}

// TestSameCursorSamePage: a page can be asked for again, at any time.
func TestSameCursorSamePage(t *testing.T) {
	f := newFolder(t, map[string]string{"a.txt": textOf("1 - 1 of 2", "a"), "b.txt": textOf("2 - 2 of 2", "b")})
	source := f.source("*.txt")
	at := harvest.Cursor("")
	for range 2 {
		once, err := source.Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.source("*.txt").Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(once, again); diff != "" {
			t.Error("the same cursor (-once +again):\n" + diff)
		}
		at = once.Next
	}
}

func TestNoFiles(t *testing.T) {
	_, err := newFolder(t, nil).source("*.txt").Page(t.Context(), "")
	if harvest.KindOf(err) != harvest.Config || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("error %v", err)
	}
}

func TestCoverageIsBounded(t *testing.T) {
	pages := map[string]string{}
	for i := range 600 {
		pages[fmt.Sprintf("%03d.txt", i)] = textOf(fmt.Sprintf("1 - 1 of %d", i+2), "a")
	}
	last := walk(t, newFolder(t, pages).source("*.txt")) // walk holds each cursor to its bound
	if n := len(last); n != 600 || !last[n-1].Unproven {
		t.Errorf("%d pages", n)
	}
}
