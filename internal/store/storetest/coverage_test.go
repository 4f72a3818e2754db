package storetest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/store/memory"
	"github.com/sheaf-gateway/sheaf/internal/store/postgres"
	"github.com/sheaf-gateway/sheaf/internal/store/sqlite"
	"github.com/sheaf-gateway/sheaf/internal/store/storetest"
)

// ofPlaces are the methods that say of the place where a log is, a file or a server, of who else has it open, and of what is kept
// beside it there, what another log need not say.
var ofPlaces = map[string]bool{
	"Alone": true, "Backup": true, "DiskFree": true, "Hold": true, "Leads": true, "Mine": true, "Peers": true, "Rest": true, "Server": true, "Sharing": true, "Sizes": true,
	"Standbys": true, "Tables": true, "Wall": true, "Work": true,
}

// The suite asks for every method of the logs that it is run on, and calls it.
func TestSuiteCallsEveryMethod(t *testing.T) {
	suite := reflect.TypeFor[storetest.Log]()
	for _, log := range []reflect.Type{reflect.TypeFor[*sqlite.Store](), reflect.TypeFor[*postgres.Store](), reflect.TypeFor[*memory.Log]()} {
		for i := range log.NumMethod() {
			m := log.Method(i).Name
			if _, ok := suite.MethodByName(m); !ok && !ofPlaces[m] {
				t.Errorf("the suite does not ask for %v.%s", log, m)
			}
		}
	}
	called := calls(t)
	for i := range suite.NumMethod() {
		if m := suite.Method(i).Name; !called[m] {
			t.Errorf("the suite does not call %s", m)
		}
	}
}

// calls are the names of the methods that the suite calls.
func calls(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	out := map[string]bool{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
					out[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	return out
}
