package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sheaf-gateway/sheaf/"

// floors is the layout: each package with the floor that it stands on. A package imports packages of
// lower floors only.
var floors = map[string]int{
	"internal/machine": 1, "internal/xmlscan": 1, "dublincore/date": 1, "harvest": 1, "internal/config": 1, "internal/limit": 1, "internal/web": 1,

	"dublincore": 2, "dublincore/crosswalk/marc": 2, "oaipmh": 2, "pipeline": 2,

	"dublincore/crosswalk": 3, "dublincore/formats": 3, "dublincore/quality": 3, "oaipmh/oaitest": 3, "harvest/oai": 3, "harvest/listing": 3,
	"internal/store": 3, "internal/events": 3,

	"internal/store/sqlite": 4, "internal/store/storetest": 4, "internal/endpoint": 4, "internal/rules": 4, "internal/survey": 4, "internal/observe": 4, "internal/control": 4, "internal/web/site": 4, "internal/web/ops": 4,

	"internal/app": 5,

	"internal/bench": 6, "cmd/sheaf": 6,
}

// owed are the imports that the layout does not allow and that are still there.
var owed = map[string][]string{
	"pipeline": {"dublincore"},
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
			if public && strings.HasPrefix(other, "internal/") && other != "internal/xmlscan" {
				t.Errorf("%s is public and imports %s", name, other)
			}
			if floors[other] >= floor && !slices.Contains(owed[name], other) {
				t.Errorf("%s (floor %d) imports %s (floor %d)", name, floor, other, floors[other])
			}
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) (out []listed) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...")
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
