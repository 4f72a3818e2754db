package crosswalk

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sheaf-gateway/sheaf/dublincore"
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
