package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/sheaf-gateway/sheaf/internal/config"
)

type schema = map[string]any

func readSchema(t *testing.T) schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal(config.Schema(options.Kinds), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// accepts holds a file to the schema.
func accepts(t *testing.T, name string, data []byte) {
	t.Helper()
	for _, problem := range violations(t, data) {
		t.Errorf("the schema refuses %s: %s", name, problem)
	}
}

func violations(t *testing.T, data []byte) []string {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	root := readSchema(t)
	c := validator{root: root}
	c.check(root, v, "")
	return c.problems
}

// A validator knows as much of JSON Schema as Schema uses, and refuses the rest.
type validator struct {
	root     schema
	problems []string
}

func (c *validator) fail(path, format string, args ...any) {
	c.problems = append(c.problems, path+": "+fmt.Sprintf(format, args...))
}

func (c *validator) check(s schema, v any, path string) {
	for word, rule := range s {
		switch word {
		case "$schema", "$defs", "title", "description", "default", "format", "properties", "propertyNames":
		case "$ref":
			c.check(c.follow(rule.(string)), v, path)
		case "type":
			if !hasType(rule, v) {
				c.fail(path, "%v is not a %v", v, rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), v) {
				c.fail(path, "%v is not one of %v", v, rule)
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(text) {
				c.fail(path, "%q does not match %v", text, rule)
			}
		case "minimum", "maximum":
			if n, ok := number(v); ok && (word == "minimum") == (n < rule.(float64)) && n != rule.(float64) {
				c.fail(path, "%v: %s %v", v, word, rule)
			}
		case "maxItems", "maxProperties":
		case "anyOf":
			c.anyOf(rule.([]any), v, path)
		case "items":
			if list, ok := v.([]any); ok {
				for i, item := range list {
					c.check(rule.(schema), item, fmt.Sprintf("%s[%d]", path, i))
				}
			}
		case "additionalProperties":
			c.properties(s, v, path)
		default:
			c.fail(path, "the schema says %q, which this test does not know", word)
		}
	}
}

func (c *validator) properties(s schema, v any, path string) {
	m, ok := v.(schema)
	if !ok {
		return
	}
	known, _ := s["properties"].(schema)
	names, _ := s["propertyNames"].(schema)
	for key, value := range m {
		under := strings.TrimPrefix(path+"."+key, ".")
		if names != nil {
			c.check(names, key, under)
		}
		switch p, ok := known[key].(schema); {
		case ok:
			c.check(p, value, under)
		case s["additionalProperties"] == false:
			c.fail(under, "unknown")
		default:
			c.check(s["additionalProperties"].(schema), value, under)
		}
	}
}

func (c *validator) anyOf(rules []any, v any, path string) {
	var all []string
	for _, r := range rules {
		one := validator{root: c.root}
		one.check(r.(schema), v, path)
		if len(one.problems) == 0 {
			return
		}
		all = append(all, one.problems...)
	}
	c.problems = append(c.problems, all...)
}

func (c *validator) follow(ref string) schema {
	s := c.root
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		s = s[step].(schema)
	}
	return s
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case uint64:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

func hasType(rule, v any) bool {
	types, ok := rule.([]any)
	if !ok {
		types = []any{rule}
	}
	_, isNumber := number(v)
	_, isFloat := v.(float64)
	is := map[string]bool{"number": isNumber, "integer": isNumber && !isFloat}
	switch v.(type) {
	case string:
		is["string"] = true
	case bool:
		is["boolean"] = true
	case schema:
		is["object"] = true
	case []any:
		is["array"] = true
	}
	return slices.ContainsFunc(types, func(t any) bool { return is[t.(string)] })
}

func TestSchemaAcceptsWhatLoads(t *testing.T) {
	for _, name := range []string{"archive.yaml", "university.yaml", "aggregator.yaml", "sources.d/sets.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata/good", name))
		if err != nil {
			t.Fatal(err)
		}
		accepts(t, name, data)
	}
}

func TestSchemaRefuses(t *testing.T) {
	for _, text := range []string{
		"datta: x",
		"oai: {page_size: 5000}",
		"oai: {page_size: 0}",
		"gateway: {namespace: localhost}",
		"sources: {x: {kind: oia}}",
		"sources: {X: {kind: oai}}",
		"sources: {x: {evry: 1d}}",
		"defaults: {from: a.txt}",
		"groups: {g: {every: daily}}",
		"store: {kind: [sqlite]}",
	} {
		if len(violations(t, []byte(text))) == 0 {
			t.Errorf("the schema accepts %s", text)
		}
	}
}

// Every field that the structs have is in the schema, with a description.
func TestSchemaListsEveryField(t *testing.T) {
	root := readSchema(t)
	c := validator{root: root}
	seen := 0
	var walk func(reflect.Type, schema, string)
	walk = func(typ reflect.Type, s schema, path string) {
		properties, _ := s["properties"].(schema)
		for f := range typ.Fields() {
			key := f.Tag.Get("yaml")
			if key == "-" || !f.IsExported() {
				continue
			}
			seen++
			p, ok := properties[key].(schema)
			if !ok {
				t.Errorf("%s.%s is not in the schema", path, key)
				continue
			}
			if d, _ := p["description"].(string); !strings.HasSuffix(d, ".") && !strings.HasSuffix(d, `".`) {
				t.Errorf("%s.%s: description %q", path, key, d)
			}
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct && p["properties"] != nil {
				walk(inner, p, path+"."+key)
			}
		}
	}
	walk(reflect.TypeFor[config.Config](), root, "")
	walk(reflect.TypeFor[config.Source](), c.follow("#/$defs/source"), "source")
	if seen < 80 {
		t.Errorf("only %d fields were looked at", seen)
	}
}
