package site

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/sheaf-gateway/sheaf/dublincore"
	"github.com/sheaf-gateway/sheaf/internal/cite"
	"github.com/sheaf-gateway/sheaf/internal/web/words"
)

// Every text that readers see is in every language: those of templates and of Go code, and those that are made of the names of
// terms. Nothing else is in the files of texts.
func TestTextsAreTranslated(t *testing.T) {
	used := map[string]string{} // where each text is used
	for _, name := range files(t, "assets/*.html", "../assets/*.html") {
		for text := range textsOfTemplate(t, name) {
			used[text] = name
		}
	}
	for _, name := range files(t, "*.go", "../*.go", "../words/*.go") {
		if name == "api.go" || name == "machines.go" { // for programs, in English
			continue
		}
		for text := range textsOfGo(t, name) {
			used[text] = name
		}
	}
	for _, term := range dublincore.Terms() {
		used[label(term)] = "the name of a term"
	}
	for _, kind := range dublincore.NoteKinds() {
		used[noteKind(kind)] = "the name of a kind of note"
	}
	for m := time.January; m <= time.December; m++ {
		used[m.String()] = "the name of a month"
	}
	for _, c := range new(cite.Work).Citations() {
		if !abbreviated.MatchString(c.Style) {
			used[c.Style] = "the name of a style of citing"
		}
	}
	for _, l := range words.All() {
		for text, where := range used {
			needed := l != words.English() || strings.Contains(text, "|") || counts.MatchString(text)
			if needed && !l.Has(text) {
				t.Errorf("%s: texts/%s.yaml lacks %q", where, l.Code, text)
			}
		}
		for _, text := range l.Texts() {
			if used[text] == "" {
				t.Errorf("texts/%s.yaml has %q, which nothing uses", l.Code, text)
			}
		}
	}
}

func files(t *testing.T, patterns ...string) (names []string) {
	t.Helper()
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", p, err)
		}
		for _, name := range found {
			if !strings.HasSuffix(name, "_test.go") {
				names = append(names, name)
			}
		}
	}
	return names
}

// abbreviated are styles that are called the same everywhere.
var abbreviated = regexp.MustCompile(`^(Chicago|[A-Z]+)$`)

// counts are texts that begin with a number, or with a word before it, so that they have a form for each plural.
var counts = regexp.MustCompile(`^([A-Za-z]+ )?%d [a-z]`)

var action = regexp.MustCompile(`(?s)\{\{.*?\}\}`)

// textsOfTemplate are what a template translates. Whatever else it shows must have no letters.
func textsOfTemplate(t *testing.T, name string) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	code := false // a word of a machine, which is the same in all languages
	for z := html.NewTokenizer(strings.NewReader(action.ReplaceAllString(string(b), ""))); z.Next() != html.ErrorToken; {
		token := z.Token()
		if token.Data == "code" {
			code = token.Type == html.StartTagToken
		}
		if text := strings.TrimSpace(token.Data); token.Type == html.TextToken && !code && wordy(text) {
			t.Errorf("%s: the text %q is not translated", name, text)
		}
		for _, a := range token.Attr {
			switch a.Key {
			case "title", "aria-label", "alt", "placeholder":
				if wordy(a.Val) && a.Val != "unAPI" {
					t.Errorf("%s: %s=%q is not translated", name, a.Key, a.Val)
				}
			}
		}
	}
	out := map[string]bool{}
	trees := map[string]*parse.Tree{}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(string(b), "", "", trees); err != nil {
		t.Fatal(err)
	}
	for _, tree := range trees {
		pipelines(tree.Root, func(c *parse.CommandNode) {
			if id, is := c.Args[0].(*parse.IdentifierNode); is && id.Ident == "t" {
				if text, is := c.Args[1].(*parse.StringNode); is {
					out[text.Text] = true
				}
			}
		})
	}
	return out
}

// pipelines calls see for all commands below a node.
func pipelines(n parse.Node, see func(*parse.CommandNode)) {
	branch := func(b *parse.BranchNode) {
		pipelines(b.Pipe, see)
		pipelines(b.List, see)
		if b.ElseList != nil {
			pipelines(b.ElseList, see)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, below := range n.Nodes {
			pipelines(below, see)
		}
	case *parse.ActionNode:
		pipelines(n.Pipe, see)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			pipelines(c, see)
		}
	case *parse.CommandNode:
		see(n)
		for _, arg := range n.Args {
			pipelines(arg, see)
		}
	}
}

// wordy says whether something has words.
func wordy(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// textsOfGo are the texts in a Go file: what is translated there, and strings that look like English, such as problems and the
// tables whose texts are translated by templates. Errors, what is logged, and keys and types of machines are none.
func textsOfGo(t *testing.T, name string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field:
			return false
		case *ast.KeyValueExpr:
			if _, is := n.Key.(*ast.BasicLit); is { // a table: what is looked up in it is a name
				ast.Inspect(n.Value, func(n ast.Node) bool { return englishIn(n, out) })
				return false
			}
		}
		return englishIn(n, out)
	})
	return out
}

// englishIn notes a text in Go code, and says whether to look further below the node.
func englishIn(n ast.Node, out map[string]bool) bool {
	literal := func(n ast.Node) string {
		l, is := n.(*ast.BasicLit)
		if !is || l.Kind != token.STRING {
			return ""
		}
		text, _ := strconv.Unquote(l.Value) // the parser has looked at it
		return text
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			name = f.Sel.Name
		case *ast.Ident:
			name = f.Name
		}
		switch name {
		case "T":
			if text := literal(n.Args[0]); text != "" {
				out[text] = true
			}
			return false
		case "Errorf", "New", "Warn", "Error", "Set", "Add", "Get", "Values", "Format", "Parse", "panic":
			return false
		}
	case *ast.CompositeLit:
		if of, is := n.Type.(*ast.SelectorExpr); is && of.Sel.Name == "Header" {
			return false
		}
	case *ast.BasicLit:
		if text := literal(n); english.MatchString(text) && !strings.HasPrefix(text, "<") {
			out[text] = true
		}
	}
	return true
}

// english is what an English text looks like: a word with a capital letter, or words. OpenAIRE is a name.
var english = regexp.MustCompile(`^[A-Z“][a-z]+$|^[A-Z“][a-z]* [^/:]*$|[a-z]{2,} [A-Za-z]{2,}`)
