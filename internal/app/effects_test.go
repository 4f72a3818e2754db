package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/internal/app"
	"github.com/sheaf-gateway/sheaf/internal/config"
)

// Of each key of the configuration it is known what a change of it does while the gateway runs, and docs/operators.md says it.
func TestEffectsOfReload(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(config.Schema(app.ConfigOptions().Kinds), &root); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	root.walk(&root, "", keys)
	if len(keys) < 150 {
		t.Fatalf("the schema has %d keys", len(keys))
	}
	for key := range keys {
		if app.EffectOf(key) == "" {
			t.Errorf("what does a change of %s do? Say so in the table of reload.go", key)
		}
	}
	var order []string
	by := map[string][]string{}
	for _, e := range app.Effects() {
		if !keys[e.Key] && !slices.ContainsFunc(slices.Collect(maps.Keys(keys)), func(k string) bool { return strings.HasPrefix(k, e.Key+".") }) {
			t.Errorf("there is no key %s", e.Key)
		}
		what := e.What
		if by[what] == nil {
			order = append(order, what)
		}
		by[what] = append(by[what], "`"+strings.ReplaceAll(e.Key, "*", "NAME")+"`")
	}
	var b strings.Builder
	b.WriteString("Of several keys that fit the longest counts.\n\n| a change of | touches |\n|---|---|\n")
	for _, what := range order {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(by[what], ", "), what)
	}
	const path, begin, end = "../../docs/operators.md", "<!-- What a reload touches; go test ./internal/app -run TestEffectsOfReload -update -->\n", "<!-- end -->\n"
	before, rest, is := strings.Cut(text(t, path), begin)
	_, after, ends := strings.Cut(rest, end)
	if !is || !ends {
		t.Fatalf("%s has no place for the table", path)
	}
	golden(t, path, before+begin+"\n"+b.String()+"\n"+end+after)
}

// A schemaNode is what is read of the JSON Schema of the configuration.
type schemaNode struct {
	Ref        string                `json:"$ref"`
	Properties map[string]schemaNode `json:"properties"`
	Additional json.RawMessage       `json:"additionalProperties"`
	OneOf      []schemaNode          `json:"oneOf"`
	AnyOf      []schemaNode          `json:"anyOf"`
	AllOf      []schemaNode          `json:"allOf"`
	Defs       map[string]schemaNode `json:"$defs"`
}

// walk notes all keys below a node, with * for names that people give.
func (n schemaNode) walk(root *schemaNode, path string, keys map[string]bool) {
	if strings.Count(path, ".") > 8 {
		return
	}
	if name, is := strings.CutPrefix(n.Ref, "#/$defs/"); is {
		root.Defs[name].walk(root, path, keys)
	}
	for _, other := range slices.Concat(n.OneOf, n.AnyOf, n.AllOf) {
		other.walk(root, path, keys)
	}
	for key, below := range n.Properties {
		at := strings.TrimPrefix(path+"."+key, ".")
		keys[at] = true
		below.walk(root, at, keys)
	}
	var named schemaNode
	if json.Unmarshal(n.Additional, &named) == nil && path != "" {
		named.walk(root, path+".*", keys)
	}
}
