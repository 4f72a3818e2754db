package main

import (
	"go/ast"
	"go/types"
	"reflect"
	"testing"

	program "golang.org/x/tools/go/packages"
)

// Most keys are decoded into structs of internal/config; those that one kind of source has alone, into structs of
// internal/kinds.
const (
	configPackage = module + "internal/config"
	kindsPackage  = module + "internal/kinds"
)

// spent are the keys that have all their effect inside internal/config, with the file where they have it.
var spent = map[string]string{
	"Config.Include":     "include.go",  // the files that are read too
	"Config.Defaults":    "inherit.go",  // what all sources have that don't say otherwise
	"Config.Groups":      "inherit.go",  // and those of a group
	"Source.Group":       "inherit.go",  // which group that is
	"Listen.OpsOpen":     "doors.go",    // lets an ops listener be open that is refused otherwise
	"Events.Open":        "door.go",     // and a broker
	"Webhook.Secret":     "webhooks.go", // Webhook.Secrets reads both
	"Webhook.OldSecrets": "webhooks.go",
	"Tracing.Headers":    "tracing.go", // Tracing.Header reads it
	"Store.PoolMode":     "store.go",   // Store.Pooled reads it
}

// Nothing is accepted that does nothing: what each key of the configuration is decoded into is read by the program
// outside internal/config, which only decodes and checks. (Whether it is put to good use the tests of each part
// show; this one keeps a key from being taken and forgotten.)
func TestEveryKeyIsRead(t *testing.T) {
	const need = program.NeedName | program.NeedTypes | program.NeedSyntax | program.NeedTypesInfo | program.NeedImports
	all, err := program.Load(&program.Config{Context: t.Context(), Mode: need, Dir: "../.."}, module+"...")
	if err != nil {
		t.Fatal(err)
	}
	keys, read := map[string]string{}, map[string]bool{}
	for _, p := range all {
		if len(p.Errors) > 0 {
			t.Fatalf("%s: %v", p.PkgPath, p.Errors)
		}
		if p.PkgPath == configPackage || p.PkgPath == kindsPackage {
			keysOf(p.Types, keys)
		}
		if p.PkgPath != configPackage {
			readIn(p, read)
		}
	}
	if len(keys) < 80 {
		t.Fatalf("there are %d keys", len(keys))
	}
	for field, key := range keys {
		if !read[field] && spent[field] == "" {
			t.Errorf("the key %s is decoded into %s, which nothing reads: refuse it, or have it do something", key, field)
		}
		if read[field] && spent[field] != "" {
			t.Errorf("%s is read: it need not be told here", field)
		}
	}
	for field := range spent {
		if keys[field] == "" {
			t.Errorf("there is no %s any more", field)
		}
	}
}

// keysOf finds the fields that keys are decoded into, "Type.Field", with the keys.
func keysOf(p *types.Package, keys map[string]string) {
	for _, name := range p.Scope().Names() {
		s, ok := p.Scope().Lookup(name).Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for i := range s.NumFields() {
			if key := reflect.StructTag(s.Tag(i)).Get("yaml"); key != "" && key != "-" {
				keys[name+"."+s.Field(i).Name()] = key
			}
		}
	}
}

// readIn finds the fields of configuration structs that a package reads, one by one or with a whole struct that it
// makes one of its own of.
func readIn(p *program.Package, read map[string]bool) {
	for _, file := range p.Syntax {
		written := map[ast.Expr]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, to := range n.Lhs {
					written[to] = true
				}
			case *ast.SelectorExpr:
				if s := p.TypesInfo.Selections[n]; s != nil && s.Kind() == types.FieldVal && !written[n] {
					read[structOf(s.Recv())+"."+s.Obj().Name()] = true
				}
			case *ast.CallExpr:
				if p.TypesInfo.Types[n.Fun].IsType() && len(n.Args) == 1 {
					convertedIn(p.TypesInfo.TypeOf(n.Args[0]), read)
				}
			}
			return true
		})
	}
}

func convertedIn(t types.Type, read map[string]bool) {
	if s, ok := t.Underlying().(*types.Struct); ok {
		for i := range s.NumFields() {
			read[structOf(t)+"."+s.Field(i).Name()] = true
		}
	}
}

// structOf is the name of a struct of the configuration; empty for other types.
func structOf(t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	if path := named.Obj().Pkg().Path(); path != configPackage && path != kindsPackage {
		return ""
	}
	return named.Obj().Name()
}
