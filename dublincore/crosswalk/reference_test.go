package crosswalk

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

func TestReference(t *testing.T) {
	for _, s := range selectorForms {
		t.Run(s.format+" "+s.form, func(t *testing.T) {
			m := compile(t, "format "+s.format+"\ntitle from "+s.form+"\n")
			res, err := m.Apply(Input{Original: []byte(s.original)})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(textsOf(res.Record, dublincore.Title), "|"); got != s.want {
				t.Errorf("got %q, want %q", got, s.want)
			}
		})
	}
	for _, e := range equivalents {
		t.Run(e.task, func(t *testing.T) {
			format := ""
			if e.format != "" {
				format = "format " + e.format + "\n"
			}
			m := compile(t, format+e.rule+"\n")
			res, err := m.Apply(Input{Original: []byte(e.original)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range res.Record.Values {
				got = append(got, v.Text)
			}
			if joined := strings.Join(got, "|"); joined != e.want {
				t.Errorf("%s gives %q, want %q", e.rule, joined, e.want)
			}
		})
	}
	page := Reference()
	for _, tr := range transforms {
		if !strings.Contains(page, "| `"+tr.name) || tr.doc == "" || tr.example.call == "" {
			t.Errorf("the reference page lacks the transform %s, or its sample", tr.name)
		}
	}
	for _, f := range formats {
		if !strings.Contains(page, "- `"+f.name+"`") {
			t.Errorf("the reference page lacks the format %s", f.name)
		}
	}
	for _, l := range strings.Split(page, "\n") {
		if cells := strings.Count(l, "|") - strings.Count(l, `\|`); strings.HasPrefix(l, "| ") && cells != 5 && cells != 6 {
			t.Errorf("a table row has too many cells: %s", l)
		}
	}
}

// TestReferenceBeginning: the mapping at the beginning of the page is one.
func TestReferenceBeginning(t *testing.T) {
	_, rest, ok := strings.Cut(Reference(), "says what is different:\n\n")
	text, _, ok2 := strings.Cut(rest, "\n\nA mapping in which")
	if !ok || !ok2 {
		t.Fatal("the page begins otherwise")
	}
	src := strings.ReplaceAll("\n"+text+"\n", "\n    ", "\n")
	files := fstest.MapFS{"kinds.csv": {Data: []byte("word,meaning\nNovels,novel\n")}}
	m, err := Compile("ours.map", []byte(src), WithFiles(files))
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Apply(Input{Original: []byte("=245  10$aA /\n=990  \\\\$aB /\n=655  \\7$aNovels.\n=506  \\\\$aClosed.\n=856  40$uhttp://example.org/1")})
	if err != nil {
		t.Fatal(err)
	}
	for term, want := range map[dublincore.Term][]string{dublincore.Title: {"A", "B"}, dublincore.AccessRights: nil, dublincore.Landing: {"http://example.org/1"}} {
		if diff := cmp.Diff(want, textsOf(res.Record, term)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", term, diff)
		}
	}
	if types := textsOf(res.Record, dublincore.Type); !slices.Contains(types, "novel") {
		t.Errorf("types %q", types)
	}
}

// TestReferencePage holds the page in docs to what the code says; -update writes it anew.
func TestReferencePage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "mapping-rules.md")
	want := "<!-- Written by: go generate ./dublincore/crosswalk -->\n\n" + Reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("docs/mapping-rules.md is out of date; run go generate ./dublincore/crosswalk (-page +code):\n%s", diff)
	}
}
