package crosswalk

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/xmlscan"
)

var update = flag.Bool("update", false, "write the goldens anew")

// shared is the folder of real files beside the module; tests over it skip without it, but not in CI.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the shared files are needed in CI: %v", err)
		}
		t.Skipf("no shared files here: %v", err)
	}
	return path
}

// describe writes a result as a golden has it.
func describe(res *Result, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	rec := res.Record.Clone()
	rec.Sort()
	for _, v := range rec.Values {
		b.WriteString(v.Term.String())
		if v.Lang != "" {
			b.WriteString(" @" + v.Lang)
		}
		if v.Scheme != "" {
			b.WriteString(" ^" + v.Scheme)
		}
		if v.From != dublincore.Extracted {
			b.WriteString(" (" + v.From.String() + ")")
		}
		fmt.Fprintf(&b, " = %s", v.Text)
		if v.Original != "" {
			fmt.Fprintf(&b, " <- %s", v.Original)
		}
		b.WriteByte('\n')
	}
	for _, n := range res.Notes {
		fmt.Fprintf(&b, "note %s %s: %s\n", n.Term, n.Kind, n.Text)
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(&b, "warning %s: %s\n", w.Name, w.Detail)
	}
	return b.String()
}

// TestGoldens maps the records of testdata/FORMAT.txtar: each file "name" is an original, the file
// "name → record" behind it what comes out.
func TestGoldens(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 8 {
		t.Fatalf("%d archives of goldens, %v", len(archives), err)
	}
	for _, path := range archives {
		format := strings.TrimSuffix(filepath.Base(path), ".txtar")
		m, err := Builtin(format)
		if err != nil {
			t.Fatal(err)
		}
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out := &txtar.Archive{Comment: archive.Comment}
		want := map[string]string{}
		for _, f := range archive.Files {
			want[f.Name] = string(f.Data)
		}
		for _, f := range archive.Files {
			name, isRecord := strings.CutSuffix(f.Name, ".record")
			if isRecord {
				continue
			}
			t.Run(format+"/"+name, func(t *testing.T) {
				got := describe(m.Apply(Input{Format: format, Original: f.Data}))
				out.Files = append(out.Files, f, txtar.File{Name: name + ".record", Data: []byte(got)})
				if !*update {
					if diff := cmp.Diff(want[name+".record"], got); diff != "" {
						t.Errorf("the record differs (-want +got):\n%s", diff)
					}
				}
			})
		}
		if *update {
			if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// originals cuts the records out of a corpus file.
func originals(t *testing.T, path string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch filepath.Ext(path) {
	case ".mrc", ".dat", ".marc":
		records := bytes.SplitAfter(data, []byte{recordEnd})
		if last := len(records) - 1; len(bytes.TrimSpace(records[last])) == 0 {
			records = records[:last]
		}
		return records
	}
	if !strings.Contains(path, "/oai/") && !strings.Contains(path, "/oai-spec/") {
		return [][]byte{data}
	}
	var out [][]byte
	s := xmlscan.New(data, xmlscan.Limits{})
	for {
		kind, err := s.Next()
		if err != nil || kind == xmlscan.EOF {
			return out
		}
		if name := string(s.Local()); kind == xmlscan.Start && (name == "dc" || name == "qualifieddc" || name == "resource" || name == "record" && strings.Contains(s.Space(), "MARC21")) {
			el, err := s.AppendElement(nil)
			if err != nil {
				return out
			}
			out = append(out, el)
		}
	}
}

// TestCorpus maps real files, and keeps what came of them in small: how many records, and of the first
// few the terms with their numbers and some of their values.
func TestCorpus(t *testing.T) {
	const path = "testdata/corpus/summary.txt"
	root := shared(t, "corpus")
	var b strings.Builder
	for _, kind := range []struct{ glob, format string }{
		{"oai/*.xml", "oai_dc"}, {"qdc/*.xml", "oai_qdc"}, {"oai/reservoir*.xml", "marc21"}, {"marcxml/*.xml", "marc21"}, {"mrc/*", "marc21"},
		{"mods/*.xml", "mods"}, {"datacite/*.xml", "datacite"}, {"oai/viringo--oai_getrecord*.xml", "datacite"}, {"jsonld/*", "schemaorg"}, {"ead/*.xml", "ead"},
	} {
		m, err := Builtin(kind.format)
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(root, kind.glob))
		if len(files) == 0 {
			t.Errorf("no file fits %s", kind.glob)
		}
		for _, f := range files {
			fmt.Fprintf(&b, "== %s as %s\n", filepath.Base(f), kind.format)
			summarize(&b, m, originals(t, f))
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the corpus maps differently (-want +got):\n%s", diff)
	}
}

func summarize(b *strings.Builder, m *Mapping, originals [][]byte) {
	good, bad := 0, map[string]int{}
	var errs []string
	for i, original := range originals {
		res, err := m.Apply(Input{Original: original})
		if err != nil {
			text := err.Error()
			if bad[text]++; bad[text] == 1 {
				errs = append(errs, text)
			}
			continue
		}
		if good++; good > 1 && i > 2 {
			continue
		}
		var counts []string
		for t := dublincore.Title; t.String() != ""; t++ {
			if n := len(res.Record.All(t)); n > 0 {
				counts = append(counts, fmt.Sprintf("%s %d", t, n))
			}
		}
		fmt.Fprintf(b, "%d: %s\n", i+1, strings.Join(counts, ", "))
		for _, t := range []dublincore.Term{dublincore.Title, dublincore.Date, dublincore.Created, dublincore.Issued, dublincore.Type, dublincore.Language, dublincore.Identifier, dublincore.Landing} {
			for _, v := range res.Record.All(t)[:min(3, len(res.Record.All(t)))] {
				fmt.Fprintf(b, "   %s = %s\n", t, shorten(v.Text))
			}
		}
	}
	fmt.Fprintf(b, "%d of %d\n", good, len(originals))
	for _, e := range errs[:min(8, len(errs))] {
		fmt.Fprintf(b, "%d times: %s\n", bad[e], shorten(strings.ToValidUTF8(e, "?")))
	}
}
