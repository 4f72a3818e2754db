package config_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

var update = flag.Bool("update", false, "write the problems that are found into testdata")

// Each archive in testdata/bad holds a sheaf.yaml, what it includes, and the problems, word for word.
func TestProblems(t *testing.T) {
	cases, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases: ", err)
	}
	for _, path := range cases {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			want := ""
			var files []txtar.File
			for _, f := range a.Files {
				if f.Name == "problems" {
					want = string(f.Data)
					continue
				}
				files = append(files, f)
				write(t, f.Name, string(f.Data))
			}
			problems := config.Check("sheaf.yaml", options)
			got := problems.Error() + "\n"
			if *update {
				a.Files = append(files, txtar.File{Name: "problems", Data: []byte(got)})
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
			loadAgrees(t, problems)
		})
	}
}

// loadAgrees holds Load to what Check found.
func loadAgrees(t *testing.T, found config.Problems) {
	t.Helper()
	stops := 0
	for _, p := range found {
		if !p.Warning {
			stops++
		}
	}
	c, err := config.Load("sheaf.yaml", options)
	if (err != nil) != (stops > 0) || (c == nil) != (stops > 0) {
		t.Fatalf("Check finds %d problems; Load gives %v", stops, err)
	}
	var ps config.Problems
	if errors.As(err, &ps) && len(ps) != stops {
		t.Errorf("Load finds %d problems, Check %d", len(ps), stops)
	}
}

// What a text archive can't hold.
func TestBytesThatAreNoConfiguration(t *testing.T) {
	big := strings.Repeat("# comment\n", 1<<17)
	for name, c := range map[string]struct{ data, want string }{
		"not UTF-8":         {"gateway:\n  name: Biblioth\xe8que\n", `sheaf.yaml:2:17: is not UTF-8 here; save the file as plain UTF-8 text`},
		"UTF-16":            {"\xff\xfeg\x00a\x00", `sheaf.yaml:1:1: is not UTF-8 here; save the file as plain UTF-8 text`},
		"NUL":               {"a: \x00", `sheaf.yaml:1:4: a control character (U+0000) stands here; save the file as plain UTF-8 text`},
		"escaped control":   {`data: "a\u0001b"`, `sheaf.yaml:1:7: data: holds a control character; take it out`},
		"large":             {big, `sheaf.yaml: is larger than 1MiB; part it with include:`},
		"deep brackets":     {strings.Repeat("[", 5000), `sheaf.yaml:1:25: is nested too deep`},
		"deep dashes":       {strings.Repeat("- ", 5000) + "a", `sheaf.yaml:1:49: is nested too deep`},
		"deep braces":       {"a: " + strings.Repeat("{a: ", 5000), `sheaf.yaml:1:100: is nested too deep`},
		"carriage returns":  {"gateway:\r\n  name: A\r\n  nmae: B\r\n", `sheaf.yaml:3:3: gateway.nmae: unknown key; did you mean "name"?`},
		"byte order mark":   {"\ufeffdatta: x\n", `sheaf.yaml:1:1: datta: unknown key; did you mean "data"?`},
		"wide letters":      {"gateway: {name: Bücherei, nmae: B}\n", `sheaf.yaml:1:27: gateway.nmae: unknown key; did you mean "name"?`},
		"many keys at once": {manyKeys(), `sheaf.yaml:5001:6: has more than 5000 keys in one place; part it with include:`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse("sheaf.yaml", []byte(c.data), options)
			if err == nil {
				t.Fatal("accepted")
			}
			equal(t, "problem", err.Error(), c.want)
		})
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

func TestDeepIndentation(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	_, err := config.Parse("sheaf.yaml", []byte(b.String()), options)
	if err == nil || !strings.Contains(err.Error(), "is nested too deep") {
		t.Error(err)
	}
}

// A thousand mistakes don't fill the screen, and a flood of warnings doesn't hide a problem.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString("gateway: {namespace: a.example, contact: a@example.org}\nsources:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "  w%d:\n    kind: listing\n    from: a.txt\n    select:\n      title: #title\n", i)
	}
	_, err := config.Parse("sheaf.yaml", []byte(b.String()), options)
	if err != nil {
		t.Fatal("warnings alone are no error: ", err)
	}
	for i := range 150 {
		fmt.Fprintf(&b, "  x%d: {knd: oai}\n", i)
	}
	_, err = config.Parse("sheaf.yaml", []byte(b.String()), options)
	var ps config.Problems
	if !errors.As(err, &ps) || len(ps) != 101 {
		t.Fatalf("%d problems; want 100 and a word about the rest", len(ps))
	}
	equal(t, "last", ps[100].String(), "sheaf.yaml: 350 more problems are not shown; mend these first")
}

func TestIncludeCycleThroughLink(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "sheaf.yaml", "include: other.yaml\n")
	if err := os.Symlink("sheaf.yaml", "other.yaml"); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	equal(t, "problems", config.Check("sheaf.yaml", options).Error(),
		"sheaf.yaml:1:10: include: other.yaml includes itself, by way of this line; take it out")
}

func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	equal(t, "missing", config.Check(filepath.Join(dir, "sheaf.yaml"), options).Error(), filepath.Join(dir, "sheaf.yaml")+": does not exist")
	equal(t, "folder", config.Check(dir, options).Error(), dir+": is a folder; name a file in it")
}

func TestMissingSecretFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "sheaf.yaml", "oai: {key_file: .}\n")
	equal(t, "problems", config.Check("sheaf.yaml", options).Error(), `sheaf.yaml:1:17: oai.key_file: "." is a folder`)
}
