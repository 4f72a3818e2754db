package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sheaf-gateway/sheaf/"

// floors is the layout: each package with the floor that it stands on. A package imports packages of
// lower floors only.
var floors = map[string]int{
	"internal/machine": 1, "internal/wording": 1, "internal/audit": 2, "internal/backup": 1, "internal/doctor": 3, "internal/xmlscan": 1, "internal/schematest": 1, "internal/freeport": 1, "dublincore/date": 1, "harvest": 1, "internal/limit": 1, "internal/collation": 1, "internal/web/words": 1, "internal/web/palette": 1, "internal/web/axetest": 1,

	"internal/backup/s3test": 2, "dublincore": 2, "dublincore/crosswalk/marc": 2, "dublincore/crosswalk/webpage": 2, "dublincore/crosswalk/ead": 2, "oaipmh": 2, "pipeline": 2, "internal/config": 2, "harvest/robots": 2, "internal/web": 2,

	"dublincore/crosswalk": 3, "dublincore/formats": 3, "dublincore/quality": 3, "oaipmh/oaitest": 3, "harvest/oai": 3, "harvest/listing": 3, "harvest/files": 3, "harvest/jsonapi": 3, "harvest/resourcesync": 3, "harvest/sheaf": 3, "harvest/sitemap": 3, "harvest/push": 3, "pipeline/follow": 3,
	"internal/store": 3, "internal/changejson": 3, "internal/search": 3, "internal/cite": 3, "internal/openid": 3, "internal/tracing": 3, "internal/acme": 3,

	"internal/store/sqlite": 5, "internal/store/memory": 4, "internal/store/datadir": 4, "internal/store/postgres": 5, "internal/store/postgres/pgtest": 4, "internal/store/storetest": 4, "internal/search/searchtest": 5, "internal/endpoint": 4, "internal/rules": 4, "internal/kinds": 4, "internal/survey": 4, "internal/events": 4, "internal/feed": 4, "internal/webhook": 4, "internal/web/syndication": 4, "internal/web/intake": 4,

	"internal/web/site": 5, "internal/observe": 5, "internal/mirror": 4, "internal/selfprobe": 4, "internal/control": 5,

	"internal/web/ops": 6, "internal/store/move": 6,

	"internal/app": 7,

	"internal/bench": 8, "cmd/sheaf": 8,
}

func TestLayout(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		floor, known := floors[name]
		if !known {
			t.Errorf("%s has no floor in the layout", name)
			continue
		}
		public := !strings.HasPrefix(name, "internal/") && name != "cmd/sheaf"
		for _, imp := range p.Imports {
			other, ours := strings.CutPrefix(imp, module)
			if public && strings.HasPrefix(imp, "github.com/prometheus/") {
				t.Errorf("%s is public and imports %s: it is measured from outside", name, imp)
			}
			if !ours {
				continue
			}
			if public && strings.HasPrefix(other, "internal/") && other != "internal/xmlscan" && other != "internal/wording" {
				t.Errorf("%s is public and imports %s", name, other)
			}
			if floors[other] >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d)", name, floor, other, floors[other])
			}
		}
	}
}

// TestLayoutOfSignatures: those who import a public package never meet a type of xmlscan, which they can't import.
func TestLayoutOfSignatures(t *testing.T) {
	looked := 0
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(name, "internal/") || !slices.Contains(p.Imports, module+"internal/xmlscan") {
			continue
		}
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			if at := exportedUse(file, "xmlscan"); at != "" {
				t.Errorf("%s/%s: the exported %s speaks of package xmlscan", name, f, at)
			}
		}
	}
	if looked == 0 {
		t.Error("no public package imports xmlscan")
	}
}

// exportedUse names an exported declaration of the file that speaks of another package; empty if none does.
func exportedUse(file *ast.File, other string) (at string) {
	ast.FileExports(file)
	for _, decl := range file.Decls {
		name := "declaration"
		if f, is := decl.(*ast.FuncDecl); is {
			f.Body, name = nil, f.Name.Name // what a function does inside is its own affair
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				name = n.Name.Name
			case *ast.ValueSpec:
				name = n.Names[0].Name
			case *ast.SelectorExpr:
				if x, is := n.X.(*ast.Ident); is && x.Name == other {
					at = name
				}
			}
			return true
		})
	}
	return at
}

type listed struct {
	ImportPath, Dir  string
	GoFiles, Imports []string
}

func packages(t *testing.T) (out []listed) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", module+"...")
	cmd.Dir = "../.."
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(b))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}
