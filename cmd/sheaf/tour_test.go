package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	tourFile   = regexp.MustCompile(`[\w./-]*\w\.(?:go|sql|map|md)\b`)
	tourFolder = regexp.MustCompile(`\b(?:internal|harvest|oaipmh|dublincore|pipeline|cmd|docs|deploy)/[\w/]*\w\b`)
	tourName   = regexp.MustCompile(`\b[a-z]+(?:\.[A-Za-z]\w*)+`)
	tourTest   = regexp.MustCompile(`\bTest\w+`)
)

// TestLayoutOfTour: what the tour in doc.go names is there. A file is named by the end of its path, or by its name
// alone after another file of its folder; anything else as Go names it.
func TestLayoutOfTour(t *testing.T) {
	tree := readTree(t)
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	folders := map[string]bool{}
	for i, line := range strings.Split(string(source), "\n") {
		if !strings.HasPrefix(line, "//") {
			continue
		}
		for _, file := range tourFile.FindAllString(line, -1) {
			named++
			at, ok := tree.find(file, folders)
			if !ok {
				t.Errorf("doc.go:%d: there is no file %s", i+1, file)
			}
			if strings.Contains(file, "/") {
				folders = map[string]bool{}
			}
			for _, p := range at {
				folders[path.Dir(p)] = true
			}
		}
		line = tourFile.ReplaceAllString(line, "")
		for _, folder := range tourFolder.FindAllString(line, -1) {
			named++
			if !tree.folders[folder] {
				t.Errorf("doc.go:%d: there is no folder %s", i+1, folder)
			}
		}
		for _, name := range tourName.FindAllString(line, -1) {
			pkg, _, _ := strings.Cut(name, ".")
			if named++; tree.packages[pkg] && !tree.names[name] {
				t.Errorf("doc.go:%d: there is no %s", i+1, name)
			}
		}
		for _, name := range tourTest.FindAllString(line, -1) {
			if named++; !tree.tests[name] {
				t.Errorf("doc.go:%d: there is no test %s", i+1, name)
			}
		}
	}
	if named < 200 {
		t.Errorf("the test has found only %d names in the tour: does it still read it?", named)
	}
}

// A tree is what there is to be named.
type tree struct {
	files    []string // with their paths from the root of the module
	folders  map[string]bool
	packages map[string]bool
	names    map[string]bool // package.Name, package.Type.Method, package.Type.Field
	tests    map[string]bool
}

// find gives the files that a text of the tour can mean.
func (t *tree) find(text string, folders map[string]bool) (at []string, ok bool) {
	for _, f := range t.files {
		switch {
		case strings.Contains(text, "/"):
			if f == text || strings.HasSuffix(f, "/"+text) {
				at = append(at, f)
			}
		case path.Base(f) == text && (folders[path.Dir(f)] || path.Dir(f) == "cmd/sheaf"):
			at = append(at, f)
		}
	}
	return at, len(at) > 0
}

func readTree(t *testing.T) *tree {
	t.Helper()
	out := &tree{folders: map[string]bool{}, packages: map[string]bool{}, names: map[string]bool{}, tests: map[string]bool{}}
	root := filepath.Join("..", "..")
	err := fs.WalkDir(os.DirFS(root), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != "." && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			out.folders[p] = true
			return nil
		}
		out.files = append(out.files, p)
		if !strings.HasSuffix(p, ".go") || strings.Contains(p, "testdata/") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, p), nil, parser.SkipObjectResolution)
		if err == nil {
			out.note(file, strings.HasSuffix(p, "_test.go"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// note takes down what a file declares.
func (t *tree) note(file *ast.File, isTest bool) {
	pkg := file.Name.Name
	if pkg == "main" {
		pkg = "sheaf"
	}
	if !isTest {
		t.packages[pkg] = pkg != "sheaf" // "sheaf.yaml" is a file of users
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			switch {
			case isTest:
				t.tests[d.Name.Name] = true
			case d.Recv == nil:
				t.names[pkg+"."+d.Name.Name] = true
			default:
				t.names[pkg+"."+receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				t.noteSpec(pkg, spec)
			}
		}
	}
}

func (t *tree) noteSpec(pkg string, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			t.names[pkg+"."+name.Name] = true
		}
	case *ast.TypeSpec:
		t.names[pkg+"."+s.Name.Name] = true
		var members *ast.FieldList
		switch typ := s.Type.(type) {
		case *ast.StructType:
			members = typ.Fields
		case *ast.InterfaceType:
			members = typ.Methods
		default:
			return
		}
		for _, member := range members.List {
			for _, name := range member.Names {
				t.names[pkg+"."+s.Name.Name+"."+name.Name] = true
			}
		}
	}
}

// receiver is the name of the type that a method belongs to.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
