package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// mention is a command as texts and messages name it: the words after the program's name, to the end of what can be one.
var mention = regexp.MustCompile("\\bsheaf((?: +(?:--?)?[a-z][a-z-]*(?:=[^ `]+)?| +[A-Z]+…?| +%[sdq]| +[^ `;,()\"#>|]*[./:][^ `;,()\"#>|]*)+)")

// isCommand reports why what is named is no command with such flags; nil if it is one, even if arguments lack.
func isCommand(t *testing.T, words string) error {
	t.Helper()
	var cli commands
	p, err := kong.New(&cli, kong.Name("sheaf"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(strings.NewReplacer("%s", "x", "%d", "1", "%q", "x", "…", "").Replace(words))
	_, err = p.Parse(args)
	if err != nil && !strings.Contains(err.Error(), "unexpected") && !strings.Contains(err.Error(), "unknown") {
		return nil // an argument is missing, or a placeholder where a number should be
	}
	return err
}

// TestCommandsThatAreNamed: every command that a guide, an alert or a message of the program names is one, with flags that
// it has.
func TestCommandsThatAreNamed(t *testing.T) {
	named := map[string]string{} // by place
	add := func(place, text string) {
		for _, m := range mention.FindAllStringSubmatch(text, -1) {
			named[m[1]] = place
		}
	}
	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../deploy/prometheus/rules.yml", "../../deploy/*/README.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, span := range regexp.MustCompile("(?m)`sheaf [^`]*`|^sheaf .*").FindAllString(string(b), -1) {
				add(path, span)
			}
		}
	}
	guides := len(named)
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "node_modules" {
			return errorOr(err, fs.SkipDir)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, is := n.(*ast.BasicLit)
			if !is || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			for _, m := range regexp.MustCompile(`\bsheaf ([a-z][a-z-]*)((?: --[a-z-]+| %[sdq]| [A-Z]+)*)`).FindAllStringSubmatch(text, -1) {
				if slices.Contains(allCommands, m[1]) { // else the word is a word
					named[m[1]+m[2]] = files.Position(lit.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if guides < 80 || len(named) < guides+30 {
		t.Fatalf("the guides name %d commands, and with messages there are %d", guides, len(named))
	}
	for words, place := range named {
		if err := isCommand(t, words); err != nil {
			t.Errorf("%s: sheaf %s: %v", place, strings.TrimSpace(words), err)
		}
	}
	for _, wrong := range []string{"harvst", "harvest --acccept x", "quarantine look"} {
		if isCommand(t, wrong) == nil {
			t.Errorf("sheaf %s is taken for a command", wrong)
		}
	}
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// TestProgramsInGuide: each piece of a program in the guide stands in the example that it names, which a test runs.
func TestProgramsInGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/go.md")
	if err != nil {
		t.Fatal(err)
	}
	flat := func(text string) string {
		var b strings.Builder
		for line := range strings.Lines(text) {
			b.WriteString(strings.TrimSpace(line) + "\n")
		}
		return b.String()
	}
	named, pieces := "", 0
	for i, block := range strings.Split(string(guide), "```") {
		if i%2 == 0 {
			if m := regexp.MustCompile(`\[example\]\(\.\./([^)]+)\)`).FindStringSubmatch(block); m != nil {
				named = m[1]
			}
			continue
		}
		piece, is := strings.CutPrefix(block, "go\n")
		if !is {
			t.Errorf("a block is no Go: %.60s", block)
			continue
		}
		pieces++
		example, err := os.ReadFile("../../" + named)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(flat(string(example)), flat(piece)) {
			t.Errorf("%s has nothing like\n%s", named, piece)
		}
	}
	if pieces < 5 {
		t.Errorf("the guide has %d pieces of programs", pieces)
	}
}

// TestLinksOfGuides: what the guides lead to is there, to the heading.
func TestLinksOfGuides(t *testing.T) {
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	links := 0
	for _, path := range append(paths, "../../README.md", "../../CHANGELOG.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			file, heading, _ := strings.Cut(m[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s: %v", path, m[1], err)
				continue
			}
			if heading != "" && !slices.Contains(headings(t, target), heading) {
				t.Errorf("%s leads to %s, which has no such heading", path, m[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("there are %d links", links)
	}
}

// headings are the anchors of a document, as GitHub makes them.
func headings(t *testing.T, path string) (anchors []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if title, is := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); is && strings.HasPrefix(line, "#") {
			anchor := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
		}
	}
	return anchors
}
