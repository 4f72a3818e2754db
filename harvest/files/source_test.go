package files_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore/crosswalk/marc"
	"github.com/sheaf-gateway/sheaf/harvest"
	"github.com/sheaf-gateway/sheaf/harvest/files"
)

// record is a record in ISO 2709 with an identifier and a title; one whose title is empty is deleted.
func record(id, title string) []byte {
	status := "n"
	if title == "" {
		status = "d"
	}
	rec := marc.Record{Leader: "00000" + status + "am a2200000 a 4500", Fields: []marc.Field{
		{Tag: "001", Data: id},
		{Tag: "245", Ind1: '0', Ind2: '0', Subfields: []marc.Subfield{{Code: 'a', Text: title + " "}}},
	}}
	out, err := rec.AppendISO2709(nil)
	if err != nil {
		panic(err)
	}
	return out
}

// export is a file of records of one title.
func export(title string, ids ...string) []byte {
	var out []byte
	for _, id := range ids {
		out = append(out, record(id, title)...)
	}
	return out
}

// old is a time that is not of this moment.
var old = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

// write writes a file of a folder, as of a time long ago.
func write(t *testing.T, path string, content []byte, hours int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	at := old.Add(time.Duration(hours) * time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func source(t *testing.T, c files.Config) *files.Source {
	t.Helper()
	s, err := files.New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A pass is what a source gave.
type pass struct {
	items    []string // "key", "key deleted", "key: reason"
	ended    []string // the files that were read to their ends
	full     bool
	short    bool
	unproven bool
	next     harvest.Cursor
	warnings []string
}

// walk reads a pass to its end. again makes a source for each page, as another process would.
func walk(t *testing.T, at harvest.Cursor, again func() *files.Source) (out pass) {
	t.Helper()
	for {
		page, err := again().Page(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Items {
			out.items = append(out.items, shown(&page.Items[i]))
		}
		out.full, out.short, out.unproven = page.Full, out.short || page.Short != "", out.unproven || page.Unproven
		out.warnings = append(out.warnings, page.Warnings...)
		out.ended = append(out.ended, page.Ended...)
		if len(page.Next) > 64<<10 {
			t.Fatalf("a cursor of %d bytes", len(page.Next))
		}
		if page.Done {
			out.next = page.Next
			return out
		}
		at = page.Next
	}
}

func shown(item *harvest.Item) string {
	switch {
	case item.Rejected != nil:
		return item.Key + ": " + item.Rejected.Reason
	case item.Deleted:
		return item.Key + " deleted"
	}
	return item.Key
}

// gives checks what a pass gave.
func gives(t *testing.T, what string, p pass, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.items); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestUpdates: each file brings changes; a pass begins at the first that has changed.
func TestUpdates(t *testing.T) {
	dir := t.TempDir()
	s := source(t, files.Config{From: []string{filepath.Join(dir, "*.mrc")}})
	same := func() *files.Source { return s }
	if _, err := s.Page(t.Context(), ""); harvest.KindOf(err) != harvest.Config {
		t.Errorf("no file: %v", err)
	}
	write(t, filepath.Join(dir, "2.mrc"), export("B", "b", "c"), 0)
	write(t, filepath.Join(dir, "1.mrc"), append(export("A", "a", "b"), record("x", "")...), 0)
	p := walk(t, "", same)
	gives(t, "the first pass", p, "a", "b", "x deleted", "b", "c")
	if p.full || p.short || p.unproven {
		t.Errorf("the first pass of update files: %+v", p)
	}
	gives(t, "nothing new", walk(t, p.next, same))

	write(t, filepath.Join(dir, "1.mrc"), append(export("A", "a", "b"), record("x", "")...), 5)
	p = walk(t, p.next, same)
	gives(t, "a file that was only touched", p)
	gives(t, "and remembered as that", walk(t, p.next, same))

	write(t, filepath.Join(dir, "3.mrc"), export("C", "d"), 0)
	p = walk(t, p.next, same)
	gives(t, "another file", p, "d")
	write(t, filepath.Join(dir, "2.mrc"), export("B2", "b"), 1)
	p = walk(t, p.next, same)
	gives(t, "a file before it has changed: what is newer stays newer", p, "b", "d")
	if err := os.Remove(filepath.Join(dir, "2.mrc")); err != nil {
		t.Fatal(err)
	}
	gives(t, "a file is gone", walk(t, p.next, same))
	gives(t, "everything again", walk(t, "", same), "a", "b", "x deleted", "d")
}

// TestComplete: the files together hold everything, so if one has changed all are read.
func TestComplete(t *testing.T) {
	dir := t.TempDir()
	s := source(t, files.Config{From: []string{dir}, Complete: true})
	same := func() *files.Source { return s }
	write(t, filepath.Join(dir, "1.mrc"), export("A", "a"), 0)
	write(t, filepath.Join(dir, "sub", "2.mrc"), export("B", "b"), 0)
	p := walk(t, "", same)
	gives(t, "the first pass", p, "a", "b")
	if !p.full || p.short || p.unproven {
		t.Errorf("a full pass: %+v", p)
	}
	if p = walk(t, p.next, same); len(p.items) != 0 || p.full {
		t.Errorf("nothing has changed: %+v", p)
	}
	write(t, filepath.Join(dir, "sub", "2.mrc"), export("B", "c"), 1)
	if p = walk(t, p.next, same); !p.full {
		t.Errorf("a file has changed: %+v", p)
	}
	gives(t, "a file has changed", p, "a", "c")
	if err := os.Remove(filepath.Join(dir, "1.mrc")); err != nil {
		t.Fatal(err)
	}
	p = walk(t, p.next, same)
	gives(t, "a file is gone", p, "c")
	if !p.full {
		t.Error("a file that is gone is a change of the whole")
	}
	if err := os.Remove(filepath.Join(dir, "sub", "2.mrc")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Page(t.Context(), p.next); harvest.KindOf(err) != harvest.Config {
		t.Errorf("all files are gone: %v", err)
	}
}

// TestAbsent: a place that is gone fails, also where other places are there.
func TestAbsent(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/1.mrc", "b/1.mrc", "c/1.mrc", "d.mrc"} {
		write(t, filepath.Join(dir, name), export("A", name[:1]), 0)
	}
	for _, complete := range []bool{false, true} {
		var from []string
		for _, place := range []string{"a/*.mrc", "b/*.mrc", "c", "d.mrc"} {
			from = append(from, filepath.Join(dir, place))
		}
		s := source(t, files.Config{From: from, Complete: complete})
		p := walk(t, "", func() *files.Source { return s })
		gives(t, "all places", p, "a", "b", "c", "d")
		for _, gone := range []string{"b", "c", "d.mrc"} {
			if err := os.Rename(filepath.Join(dir, gone), filepath.Join(dir, "elsewhere")); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Page(t.Context(), p.next); harvest.KindOf(err) != harvest.Config {
				t.Errorf("%s is gone: %v", gone, err)
			}
			if err := os.Rename(filepath.Join(dir, "elsewhere"), filepath.Join(dir, gone)); err != nil {
				t.Fatal(err)
			}
		}
		gives(t, "they are there again", walk(t, p.next, func() *files.Source { return s }))
	}
}

// TestResume: from every cursor another process gives what this one would have given.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for n := range 1234 {
		ids = append(ids, fmt.Sprintf("%04d", n))
	}
	write(t, filepath.Join(dir, "1.mrc"), export("A", ids...), 0)
	write(t, filepath.Join(dir, "2.xml.gz"), gzipped(xmlOf(t, "x", "y")), 0)
	fresh := func() *files.Source { return source(t, files.Config{From: []string{dir}, Complete: true}) }
	p := walk(t, "", fresh)
	gives(t, "another process for each page", p, append(ids, "x", "y")...)

	// Names of files may be in an old encoding.
	if err := os.Rename(filepath.Join(dir, "1.mrc"), filepath.Join(dir, "1 fran\xe7ais\n\".mrc")); err == nil {
		gives(t, "a name that is not UTF-8", walk(t, "", fresh), append(ids, "x", "y")...)
		if err := os.Rename(filepath.Join(dir, "1 fran\xe7ais\n\".mrc"), filepath.Join(dir, "1.mrc")); err != nil {
			t.Fatal(err)
		}
	}

	// The file changes between two pages: it is read again from its beginning, and the pass proves nothing.
	s := fresh()
	page, err := s.Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "1.mrc"), export("B", ids...), 1)
	if _, err := s.Page(t.Context(), page.Next); harvest.KindOf(err) != harvest.Truncated {
		t.Fatalf("a file that changed while it was read: %v", err)
	}
	p = walk(t, page.Next, func() *files.Source { return s })
	gives(t, "the changed file", p, append(ids, "x", "y")...)
	if !p.unproven || !p.full {
		t.Errorf("a pass over files that changed: %+v", p)
	}
}

// TestParked: a walk that waits is let go of when its run ends, and the next run goes on without it.
func TestParked(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for n := range 1100 {
		ids = append(ids, fmt.Sprintf("%04d", n))
	}
	write(t, filepath.Join(dir, "1.mrc"), export("A", ids...), 0)
	s := source(t, files.Config{From: []string{filepath.Join(dir, "1.mrc")}})
	run, end := context.WithCancel(t.Context())
	first, err := s.Page(run, "")
	if err != nil {
		t.Fatal(err)
	}
	end()
	second, err := s.Page(t.Context(), first.Next)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Page(t.Context(), first.Next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(second, again); diff != "" || second.Items[0].Key != ids[len(first.Items)] {
		t.Errorf("one cursor, two pages, from %s: %s", second.Items[0].Key, diff)
	}
}

// TestBadRecords: each goes aside by itself, under its identifier if that can be made out.
func TestBadRecords(t *testing.T) {
	long := record("long", strings.Repeat("x", 9000))
	for len(long) <= 99_999 {
		long = append(long[:len(long)-1], append(bytes.Repeat([]byte("y"), 9000), 0x1e, 0x1d)...)
	}
	broken := bytes.Replace(record("broken", "A"), []byte("245"), []byte("2\xff5"), 1)
	content := bytes.Join([][]byte{record("a", "A"), broken, long, record("", "A"), record(" b ", "B"), []byte("00026cut short")}, []byte("\r\n"))
	path := filepath.Join(t.TempDir(), "f.mrc")
	write(t, path, content, 0)
	s := source(t, files.Config{From: []string{path}})
	p := walk(t, "", func() *files.Source { return s })
	if !p.short {
		t.Error("a file that ends within a record is taken for whole")
	}
	gives(t, "the file", p, "a", "broken: malformed", "long: too_large", "file:f.mrc#4: no_identifier", "b", "file:f.mrc#6: malformed")
}

// TestEnded: a file that was read to its end is told, by the name that what was wrong in it had; not one whose name
// another file has, which this pass may not have read.
func TestEnded(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a", "1.mrc"), export("A", "a"), 0)
	write(t, filepath.Join(dir, "a", "2.mrc"), []byte("no records"), 0)
	write(t, filepath.Join(dir, "a", "sub", "3.mrc"), export("A", "c")[:40], 0)
	s := source(t, files.Config{From: []string{filepath.Join(dir, "a")}})
	same := func() *files.Source { return s }
	p := walk(t, "", same)
	gives(t, "broken files", p, "a", "file:2.mrc: malformed", "file:sub/3.mrc: malformed")
	if diff := cmp.Diff([]string{"file:1.mrc", "file:2.mrc", "file:sub/3.mrc"}, p.ended); diff != "" {
		t.Errorf("which were read to their ends (-want +got):\n%s", diff)
	}
	write(t, filepath.Join(dir, "a", "2.mrc"), export("A", "b"), 1)
	if p = walk(t, p.next, same); len(p.ended) != 2 || p.ended[0] != "file:2.mrc" {
		t.Errorf("a pass from the second file on ended %q", p.ended)
	}

	write(t, filepath.Join(dir, "b", "1.mrc"), export("B", "x"), 0)
	s = source(t, files.Config{From: []string{filepath.Join(dir, "a"), filepath.Join(dir, "b", "*.mrc")}})
	if diff := cmp.Diff([]string{"file:2.mrc", "file:sub/3.mrc"}, walk(t, "", same).ended); diff != "" {
		t.Errorf("where two files are called 1.mrc (-want +got):\n%s", diff)
	}
}

// TestOneKey: different records with one identifier are told, also where the pass goes on in the middle of the file.
func TestOneKey(t *testing.T) {
	var ids []string
	for n := range 700 {
		ids = append(ids, fmt.Sprint(n))
	}
	for what, c := range map[string]struct {
		more []byte
		warn int
	}{"other words": {record("1", "B"), 1}, "other words on its page, which is told where it is stored": {record("699", "B"), 0}, "the same words": {record("1", "A"), 0}, "another": {record("x", "A"), 0}} {
		path := filepath.Join(t.TempDir(), "f.mrc")
		write(t, path, append(export("A", ids...), c.more...), 0)
		p := walk(t, "", func() *files.Source { return source(t, files.Config{From: []string{path}}) })
		if len(p.warnings) != c.warn || len(p.items) != 701 {
			t.Errorf("%s: %d items, warnings %q", what, len(p.items), p.warnings)
		}
	}
}

func TestKeys(t *testing.T) {
	rec := marc.Record{Leader: "00000nam a2200000 a 4500", Fields: []marc.Field{
		{Tag: "001", Data: "17 "}, {Tag: "003", Data: "DE-599"},
		{Tag: "999", Ind1: ' ', Ind2: ' ', Subfields: []marc.Subfield{{Code: 'a', Text: "no"}}},
		{Tag: "999", Ind1: ' ', Ind2: ' ', Subfields: []marc.Subfield{{Code: 'c', Text: "local"}}},
	}}
	content, err := rec.AppendISO2709(nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "f.mrc")
	write(t, path, content, 0)
	for key, want := range map[string]string{"": "(DE-599)17", "003+001": "(DE-599)17", "001": "17", "999$c": "local", "035$a": "file:f.mrc#1: no_identifier"} {
		s := source(t, files.Config{From: []string{path}, Key: key})
		gives(t, key, walk(t, "", func() *files.Source { return s }), want)
	}
	for _, key := range []string{"245", "999$", "999$cc", "title", "001$a"} {
		if files.CheckKey(key) == nil {
			t.Errorf("%q is taken for a key", key)
		}
	}
}
