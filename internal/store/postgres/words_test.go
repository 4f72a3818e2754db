package postgres

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
)

// What plain PostgreSQL has, and an engine that speaks its language may lack; and what would break the order of commits. The
// door stays open as long as the log needs none of it.
var avoided = regexp.MustCompile(`(?i)\b(LISTEN|NOTIFY|pg_(try_)?advisory\w*|(BIG)?SERIAL|nextval|SEQUENCE|IDENTITY|DEFERRABLE|DEFERRED|TRIGGER|TEMP(ORARY)?|ctid|PARTITION|xmin|EXCLUSION|PL/pgSQL)\b`)

func TestNoWordsToAvoid(t *testing.T) {
	read := 0
	look := func(where, text string) {
		read++
		if word := avoided.FindString(text); word != "" {
			t.Errorf("%s: %q in %q", where, word, text)
		}
	}
	schema, err := os.ReadFile("schema.sql") // storage.sql is what plain PostgreSQL alone is told
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(schema)) {
		sql, _, _ := strings.Cut(line, "--")
		look("schema.sql", sql)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && sqlWord.MatchString(text) {
					look(file, text)
				}
			}
			return true
		})
	}
	if read < 200 {
		t.Errorf("only %d texts were read", read)
	}
}

var sqlWord = regexp.MustCompile(`\b(SELECT|INSERT|UPDATE|DELETE|WHERE|FROM|BEGIN|CREATE|ALTER|VACUUM|LIMIT)\b`)
